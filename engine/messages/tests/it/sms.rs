//! The way of an SMS through a gateway on a real socket, by the contract of docs/contracts/sms-gateway.md.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tokio::net::TcpListener;
use tongban_base::{Ctx, Timestamp};
use tongban_messages::simulator::{Behaviour, ReceiptChoice, SmsSimulator};
use tongban_messages::{GatewayConfig, State};
use tongban_store::repeat_jobs;
use tongban_testkit::{TestDatabase, covers};

use crate::house::{House, MOBILE, NO_QUIET_HOURS, gateway, migrations};

/// Our server and the gateway, each on its own port.
struct Line {
    house: House,
    simulator: SmsSimulator,
    _database: TestDatabase,
}

impl Line {
    async fn open(change: impl Fn(&mut GatewayConfig)) -> Self {
        let database = tongban_testkit::sqlite(&migrations()).await;
        let theirs = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = gateway(&format!("http://{}", theirs.local_addr().unwrap()));
        config.receipts = format!("http://{}", ours.local_addr().unwrap());
        change(&mut config);
        let house = House::on_a_wire(database.db(), NO_QUIET_HOURS, config);
        house.serve(ours);
        let simulator = SmsSimulator::new("office", "示例密钥");
        tokio::spawn(simulator.clone().serve(theirs, std::future::pending()));
        Self {
            house,
            simulator,
            _database: database,
        }
    }

    async fn told(change: impl Fn(&mut GatewayConfig), behaviour: Behaviour) -> Self {
        let line = Self::open(change).await;
        line.simulator.control(behaviour);
        let to = line.house.recipient();
        // The gateway judges a request's age by the real clock.
        let now = Ctx::system(Timestamp::now());
        line.house.tell(&now, to, "A1").await;
        line.run(Timestamp::now).await;
        line
    }

    async fn run(&self, now: fn() -> Timestamp) {
        self.house.dispatcher(now).drain().await.unwrap();
    }

    /// A receipt that never comes must fail the test, not hang it.
    async fn receipts(&self, count: u64) {
        let answered = self.simulator.receipts_answered(count);
        tokio::time::timeout(Duration::from_secs(60), answered)
            .await
            .unwrap();
    }

    /// What waits is due.
    async fn bring_forward(&self) {
        let sql = "UPDATE job SET run_at = 0";
        let due = self
            .house
            .db
            .write((), move |tx, ()| Box::pin(tx.execute(sql, &[])));
        assert_eq!(due.await.unwrap(), 1);
    }

    async fn state(&self) -> State {
        self.house.sms("A1").await.state
    }
}

fn soon() -> Timestamp {
    Timestamp::now().plus_minutes(1)
}

fn later() -> Timestamp {
    Timestamp::now().plus_minutes(3)
}

#[tokio::test]
async fn an_sms_is_sent_once_and_delivered_by_its_receipt() {
    covers!("XC-397");
    let behaviour = Behaviour {
        duplicate: true,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    line.receipts(2).await;
    let sms = line.house.sms("A1").await;
    assert_eq!(sms.state, State::Delivered);
    assert!(sms.sent_at.is_some() && sms.delivered_at.is_some());
    let taken = line.simulator.messages();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].mobile, MOBILE);
    assert_eq!(taken[0].text, "【示例市政务服务】您的办件A1（补发）已受理");
    let receipts = "SELECT COUNT(*) FROM audit_entry WHERE event = 'message.receipt'";
    assert_eq!(line.house.count(receipts).await, 1);
}

#[tokio::test]
async fn a_busy_gateway_is_asked_again_and_the_message_arrives_once() {
    let behaviour = Behaviour {
        fail: 2,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    let sms = line.house.sms("A1").await;
    assert_eq!(sms.state, State::Queued);
    assert_eq!(sms.detail, "网关暂时不再收，稍后再发：网关繁忙");
    line.run(soon).await;
    assert_eq!(line.house.sms("A1").await.detail, sms.detail);
    line.run(later).await;
    line.receipts(1).await;
    assert_eq!(line.state().await, State::Delivered);
    assert_eq!(line.simulator.messages()[0].requests, 1);
}

/// Longer than a message that fails is tried.
#[tokio::test]
async fn a_gateway_that_takes_no_more_for_long_costs_no_message_its_attempts() {
    let behaviour = Behaviour {
        fail: 30,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    let attempts = "SELECT attempts FROM job";
    while line.simulator.messages().is_empty() {
        assert_eq!(line.house.count(attempts).await, 0);
        line.bring_forward().await;
        line.run(soon).await;
    }
    let attempts = "SELECT attempts FROM message WHERE channel = 'sms'";
    assert_eq!(line.house.count(attempts).await, 1);
}

#[tokio::test]
async fn a_message_that_was_given_up_rests_with_its_cause_and_is_sent_when_asked_for() {
    let line = Line::told(|config| config.secret = "别的".into(), Behaviour::default()).await;
    let dead = "SELECT COUNT(*) FROM job WHERE dead = 1 AND cause LIKE '试了 10 次都没有发出：%'";
    for _ in 1..10 {
        assert_eq!(line.house.count(dead).await, 0);
        line.bring_forward().await;
        line.run(soon).await;
    }
    assert_eq!(line.house.count(dead).await, 1);
    assert_eq!(line.state().await, State::Failed);
    let again = line.house.db.write((), |tx, ()| {
        Box::pin(repeat_jobs(tx, "messages.send_sms", Timestamp(0)))
    });
    assert_eq!(again.await.unwrap(), 1);
    line.run(soon).await;
    let sms = line.house.sms("A1").await;
    assert_eq!(sms.state, State::Queued);
    assert!(sms.detail.starts_with("第 1 次"), "{}", sms.detail);
}

#[tokio::test]
async fn what_the_gateway_refuses_has_failed_with_its_reason_and_is_not_tried_again() {
    let behaviour = Behaviour {
        refuse: 1,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    let sms = line.house.sms("A1").await;
    assert_eq!(
        (sms.state, sms.detail.as_str()),
        (State::Failed, "内容被拦截")
    );
    line.run(later).await;
    assert!(line.simulator.messages().is_empty());
}

#[tokio::test]
async fn without_a_receipt_an_sms_is_sent_and_not_called_delivered() {
    let behaviour = Behaviour {
        receipt: ReceiptChoice::None,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    let sms = line.house.sms("A1").await;
    assert_eq!((sms.state, sms.delivered_at), (State::Sent, None));
}

#[tokio::test]
async fn a_receipt_may_tell_that_the_telephone_was_not_reached() {
    let behaviour = Behaviour {
        receipt: ReceiptChoice::Failed,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    line.receipts(1).await;
    let sms = line.house.sms("A1").await;
    assert_eq!(sms.state_words(), "短信 138****0001：发送失败（手机停机）");
}

#[tokio::test]
async fn a_wrong_secret_sends_nothing_and_the_message_keeps_waiting() {
    let line = Line::told(|config| config.secret = "别的".into(), Behaviour::default()).await;
    let sms = line.house.sms("A1").await;
    assert_eq!(sms.state, State::Queued);
    assert!(sms.detail.ends_with("账号或签名不对"), "{}", sms.detail);
    assert!(line.simulator.messages().is_empty());
}

#[tokio::test]
async fn a_forged_receipt_changes_nothing() {
    let behaviour = Behaviour {
        receipt: ReceiptChoice::None,
        ..Behaviour::default()
    };
    let line = Line::told(|_| {}, behaviour).await;
    let id = line.house.sms("A1").await.id;
    let body = format!("{{\"reference\":\"{id}\",\"state\":\"delivered\",\"at\":1}}");
    let request = Request::post("/api/v1/messages/receipts")
        .header("x-tongban-timestamp", Timestamp::now().0.to_string())
        .header("x-tongban-signature", "00".repeat(32))
        .body(Body::from(body))
        .unwrap();
    let response = tower::ServiceExt::oneshot(line.house.router(), request)
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(line.state().await, State::Sent);
}
