//! The population register's simulator. Contract: `docs/contracts/population-register.md`. It knows only the people
//! that it was given, all of them fictional.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use serde_json::json;
use tokio::net::TcpListener;
use tongban_base::{Problem, Result, Timestamp};
use tongban_crypto::constant_time_eq;

use super::faults::{Fault, FaultSwitch, Faults};
use crate::population::{Answer, PATH, Question, sign_answer, sign_question};

/// A request older or newer than this is refused.
const CLOCK_DIFFERENCE_MILLIS: i64 = 5 * 60_000;

/// A person as the register knows one.
#[derive(Clone, Debug)]
pub struct Citizen {
    pub name: String,
    pub id_number: String,
    /// The register does not confirm this person at present.
    pub suspended: bool,
}

/// Cheap to clone: one switch and one memory for all clones.
#[derive(Clone)]
pub struct PopulationSimulator(Arc<Inner>);

struct Inner {
    application: String,
    key: Vec<u8>,
    people: HashMap<String, Citizen>,
    faults: FaultSwitch,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Questions by idempotency key.
    asked: HashMap<String, Question>,
    /// Body of the last right answer.
    last: Vec<u8>,
    requests: u64,
}

impl PopulationSimulator {
    pub fn new(application: &str, key: &[u8], people: impl IntoIterator<Item = Citizen>) -> Self {
        let by_number = people
            .into_iter()
            .map(|person| (person.id_number.clone(), person));
        Self(Arc::new(Inner {
            application: application.to_owned(),
            key: key.to_vec(),
            people: by_number.collect(),
            faults: FaultSwitch::default(),
            memory: Mutex::default(),
        }))
    }

    /// What it shall do wrong from now on; over the wire the same by `POST /control/faults`.
    pub fn misbehave(&self, faults: Faults) {
        self.0.faults.set(faults);
    }

    /// Distinct questions that were answered.
    pub fn questions(&self) -> usize {
        self.memory().asked.len()
    }

    /// Requests that arrived, repeated and faulty ones too.
    pub fn requests(&self) -> u64 {
        self.memory().requests
    }

    /// Serves until `stop` resolves.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let router = Router::new()
            .route(PATH, routing::post(check))
            .route("/control/faults", routing::post(control))
            .route("/control/state", routing::get(state))
            .with_state(self);
        axum::serve(listener, router)
            .with_graceful_shutdown(stop)
            .await
            .map_err(Problem::internal)
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The four answers of the register.
    fn result(&self, question: &Question) -> &'static str {
        match self.0.people.get(&question.id_number) {
            None => "not_found",
            Some(person) if person.suspended => "suspended",
            Some(person) if person.name == question.name => "match",
            Some(_) => "mismatch",
        }
    }

    /// Refuses what the contract does not allow; gives the idempotency key and the question.
    fn admit(
        &self,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> std::result::Result<(String, Question), Refusal> {
        let text = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (application, timestamp) = (text("x-application"), text("x-timestamp"));
        let idempotency = text("idempotency-key");
        let expected = sign_question(
            &self.0.key,
            path,
            &application,
            &timestamp,
            &idempotency,
            body,
        );
        let signed = constant_time_eq(text("x-signature").as_bytes(), expected.as_bytes());
        let age = timestamp
            .parse::<i64>()
            .map_or(i64::MAX, |sent| (Timestamp::now().0 - sent).abs());
        if application != self.0.application || !signed || age > CLOCK_DIFFERENCE_MILLIS {
            return Err(Refusal(StatusCode::UNAUTHORIZED, "signature"));
        }
        let question: Question =
            serde_json::from_slice(body).map_err(|_| Refusal(StatusCode::BAD_REQUEST, "form"))?;
        if idempotency.is_empty() {
            return Err(Refusal(StatusCode::BAD_REQUEST, "idempotency_key"));
        }
        let mut memory = self.memory();
        let before = memory.asked.insert(idempotency.clone(), question.clone());
        if before.is_some_and(|before| before != question) {
            return Err(Refusal(StatusCode::CONFLICT, "idempotency_key_reused"));
        }
        Ok((idempotency, question))
    }
}

async fn check(
    State(simulator): State<PopulationSimulator>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    simulator.memory().requests += 1;
    let faults = simulator.0.faults.take();
    match faults.fault {
        Fault::Down => return Refusal(StatusCode::SERVICE_UNAVAILABLE, "down").into_response(),
        Fault::Delay => tokio::time::sleep(Duration::from_millis(faults.milliseconds)).await,
        _ => {}
    }
    let (idempotency, question) = match simulator.admit(uri.path(), &headers, &body) {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.into_response(),
    };
    let answer = Answer {
        request: idempotency.clone(),
        result: simulator.result(&question).to_owned(),
    };
    let right = serde_json::to_vec(&answer).unwrap_or_default();
    let earlier = std::mem::replace(&mut simulator.memory().last, right.clone());
    let (key, body) = match faults.fault {
        Fault::Garbage => (simulator.0.key.as_slice(), b"<html>busy</html>".to_vec()),
        Fault::Forged => (b"another key".as_slice(), right),
        Fault::Duplicate => (simulator.0.key.as_slice(), earlier),
        _ => (simulator.0.key.as_slice(), right),
    };
    let signature = sign_answer(key, 200, &idempotency, &body);
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
        ("x-signature", signature),
    ];
    (headers, body).into_response()
}

async fn control(
    State(simulator): State<PopulationSimulator>,
    Json(faults): Json<Faults>,
) -> StatusCode {
    simulator.misbehave(faults);
    StatusCode::NO_CONTENT
}

async fn state(State(simulator): State<PopulationSimulator>) -> Json<serde_json::Value> {
    Json(json!({ "requests": simulator.requests(), "questions": simulator.questions() }))
}

/// What the counterpart does not take.
struct Refusal(StatusCode, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "code": self.1 }))).into_response()
    }
}
