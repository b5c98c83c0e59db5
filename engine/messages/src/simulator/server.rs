//! The sockets of the simulated gateway.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use serde_json::json;
use tokio::net::TcpListener;
use tongban_base::{Problem, Result, Timestamp};
use tongban_outward::Counterpart;

use super::state::{Behaviour, ReceiptChoice, SimulatedSms, State, Verdict};
use crate::gateway::contract::{
    ACCOUNT, Outgoing, Receipt, ReceiptState, SEND_PATH, SIGNATURE, Secret, TIMESTAMP,
};
use crate::gateway::http::{self, Mark};

/// A receipt that is not answered is sent again so often.
const RECEIPT_ATTEMPTS: u32 = 5;

/// Cheap to clone; all clones are one gateway.
#[derive(Clone)]
pub struct SmsSimulator(Arc<Inner>);

struct Inner {
    account: String,
    secret: Secret,
    state: State,
}

impl SmsSimulator {
    pub fn new(account: &str, secret: &str) -> Self {
        Self(Arc::new(Inner {
            account: account.to_owned(),
            secret: Secret::new(secret),
            state: State::default(),
        }))
    }

    pub fn control(&self, behaviour: Behaviour) {
        self.0.state.control(behaviour);
    }

    /// What was taken, by reference.
    pub fn messages(&self) -> Vec<SimulatedSms> {
        self.0.state.messages()
    }

    /// Waits until so many receipts in all have been answered.
    pub async fn receipts_answered(&self, count: u64) {
        self.0.state.receipts_answered(count).await;
    }

    /// Serves until `stop` resolves: `POST /v1/messages`, and for people `GET /messages` and `PUT /control`.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let router = Router::new()
            .route(SEND_PATH, routing::post(take))
            .route("/messages", routing::get(list))
            .route("/control", routing::put(control))
            .with_state(self);
        axum::serve(listener, router)
            .with_graceful_shutdown(stop)
            .await
            .map_err(Problem::internal)
    }
}

async fn list(Shared(simulator): Shared<SmsSimulator>) -> Json<Vec<SimulatedSms>> {
    Json(simulator.messages())
}

async fn control(
    Shared(simulator): Shared<SmsSimulator>,
    Json(behaviour): Json<Behaviour>,
) -> StatusCode {
    simulator.control(behaviour);
    StatusCode::NO_CONTENT
}

async fn take(
    Shared(simulator): Shared<SmsSimulator>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !simulator.knows(&headers, &body) {
        return refusal(StatusCode::UNAUTHORIZED, "账号或签名不对");
    }
    let Ok(outgoing) = serde_json::from_slice::<Outgoing>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, "报文不合约定");
    };
    if tongban_base::numbers::check_mobile(&outgoing.mobile).is_err() {
        return refusal(StatusCode::UNPROCESSABLE_ENTITY, "号码不是手机号");
    }
    let behaviour = simulator.0.state.behaviour();
    tokio::time::sleep(Duration::from_millis(behaviour.answer_delay_ms)).await;
    let verdict = simulator
        .0
        .state
        .take(&outgoing.reference, &outgoing.mobile, &outgoing.text);
    match verdict {
        Verdict::Fail => refusal(StatusCode::SERVICE_UNAVAILABLE, "网关繁忙"),
        Verdict::Refuse => refusal(StatusCode::UNPROCESSABLE_ENTITY, "内容被拦截"),
        Verdict::Take { fresh } => {
            let answer = json!({ "reference": outgoing.reference });
            if fresh {
                tokio::spawn(simulator.receipts(outgoing, behaviour));
            }
            (StatusCode::ACCEPTED, Json(answer)).into_response()
        }
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

impl SmsSimulator {
    fn knows(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let text = |name| {
            headers
                .get(name)
                .and_then(|v| v.to_str().ok())
                .unwrap_or("")
        };
        let (at, signature) = (text(TIMESTAMP), text(SIGNATURE));
        let now = Timestamp::now();
        text(ACCOUNT) == self.0.account
            && self.0.secret.accepts(SEND_PATH, at, signature, body, now)
    }

    async fn receipts(self, outgoing: Outgoing, behaviour: Behaviour) {
        let state = match behaviour.receipt {
            ReceiptChoice::Delivered => ReceiptState::Delivered,
            ReceiptChoice::Failed => ReceiptState::Failed,
            ReceiptChoice::None => return,
        };
        tokio::time::sleep(Duration::from_millis(behaviour.receipt_delay_ms)).await;
        let receipt = Receipt {
            reference: outgoing.reference,
            state,
            reason: match state {
                ReceiptState::Delivered => String::new(),
                ReceiptState::Failed => "手机停机".into(),
            },
            at: Timestamp::now().0,
        };
        for _ in 0..if behaviour.duplicate { 2 } else { 1 } {
            if let Err(why) = self.deliver(&outgoing.receipt_url, &receipt).await {
                tracing::warn!(reference = %receipt.reference, why, "receipt not delivered");
            }
            self.0.state.receipt_answered();
        }
    }

    async fn deliver(&self, url: &str, receipt: &Receipt) -> std::result::Result<(), String> {
        let house = Counterpart::at(url, None);
        let house = house.map_err(|fault| format!("{url} is not of this machine: {fault:?}"))?;
        let body = serde_json::to_vec(receipt).map_err(|e| e.to_string())?;
        let mut last = String::new();
        for attempt in 0..RECEIPT_ATTEMPTS {
            tokio::time::sleep(Duration::from_secs(u64::from(attempt))).await;
            let mark = Mark {
                account: &self.0.account,
                secret: &self.0.secret,
                now: Timestamp::now().0,
            };
            match http::post(&house, "", body.clone(), &mark).await {
                Ok(answer) if matches!(answer.status, 200..=299 | 404) => return Ok(()),
                Ok(answer) => last = answer.status.to_string(),
                Err(why) => last = why.to_string(),
            }
        }
        Err(last)
    }
}
