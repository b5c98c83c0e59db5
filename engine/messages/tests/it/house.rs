//! A small installation: a pack of one message, a citizen, and whatever gateway the test wants.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tongban_base::{Actor, Clock, Ctx, Timestamp, Uuid};
use tongban_crypto::KeyRing;
use tongban_messages::{
    GatewayConfig, MODULE, MessageTemplates, MessageView, Messaging, MessagingParts, Recipient,
    Subject, of_subject, send,
};
use tongban_outward::Counterpart;
use tongban_packs::{Findings, Folder};
use tongban_store::{Db, Dispatcher, Migration, params};
use tongban_testkit::{Html, actors};
use tongban_ui::{App, AppBuilder, Authenticator, SiteSettings};

pub const ACCEPTED: &str = r#"
code = "accepted"
event = "case.accepted"
title = "申请已受理"
to = "applicant"
channels = ["site", "sms"]
text = "您的办件{{case.number}}（{{case.item_name}}）已受理"
"#;
pub const MOBILE: &str = "13800000001";
pub const NO_QUIET_HOURS: &str = r#"
[[setting]]
code = "sms_quiet_from"
default = 0
[[setting]]
code = "sms_quiet_until"
default = 0
"#;

pub fn migrations() -> Vec<Migration> {
    [
        tongban_audit::MIGRATIONS,
        tongban_packs::MIGRATIONS,
        tongban_messages::MIGRATIONS,
    ]
    .concat()
}

pub fn templates(files: &[(&str, &str)]) -> (MessageTemplates, Findings) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    let mut findings = Findings::default();
    let templates = MessageTemplates::read(&Folder::embedded(&files), &mut findings);
    (templates, findings)
}

pub struct House {
    pub db: Db,
    pub app: App,
    pub messaging: Arc<Messaging>,
    pub citizen: Ctx,
}

/// The bearer token of an account is its id.
struct Tokens;

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = tongban_base::Result<Option<Actor>>> + Send + 'a>> {
        let account = Uuid::parse_str(token).ok();
        Box::pin(async move { Ok(account.map(|id| Actor::citizen(id, "测试市民"))) })
    }
}

pub fn gateway(url: &str) -> GatewayConfig {
    GatewayConfig {
        counterpart: Counterpart::at(url, None).unwrap(),
        receipts: "http://127.0.0.1:1".into(),
        account: "office".into(),
        secret: "示例密钥".into(),
        signature: "示例市政务服务".into(),
    }
}

impl House {
    pub fn new(db: Db, settings: &str, gateway: Option<GatewayConfig>) -> Self {
        Self::with(db, (ACCEPTED, settings), gateway, actors::clock())
    }

    /// What it sends does not wait for the morning.
    pub fn urgent(db: Db, gateway: GatewayConfig) -> Self {
        let message = format!("{ACCEPTED}\nurgent = true\n");
        Self::with(db, (&message, ""), Some(gateway), actors::clock())
    }

    /// The two ends of a wire judge each other's age, so both go by the machine's clock.
    pub fn on_a_wire(db: Db, settings: &str, gateway: GatewayConfig) -> Self {
        Self::with(db, (ACCEPTED, settings), Some(gateway), Clock::machine())
    }

    fn with(
        db: Db,
        (message, settings): (&str, &str),
        gateway: Option<GatewayConfig>,
        clock: Clock,
    ) -> Self {
        let (templates, findings) = templates(&[
            ("messages/accepted.toml", message),
            ("settings.toml", settings),
        ]);
        assert!(findings.is_empty(), "{findings:?}");
        let parts = MessagingParts {
            db: db.clone(),
            templates,
            gateway,
        };
        let messaging = Messaging::new(parts, &KeyRing::ephemeral().unwrap()).unwrap();
        let messaging = Arc::new(messaging);
        let site = SiteSettings::default();
        let app = AppBuilder::new(db.clone(), clock, site)
            .with(Arc::clone(&messaging))
            .authenticator(Arc::new(Tokens))
            .routes((MODULE.routes)().table().to_vec())
            .build();
        Self {
            db,
            app,
            messaging,
            citizen: actors::citizen(),
        }
    }

    pub fn recipient(&self) -> Recipient {
        Recipient {
            account: self.citizen.actor.account.unwrap(),
            name: "测试一".into(),
            mobile: Some(MOBILE.into()),
        }
    }

    /// Tells the recipient that case `number` was accepted.
    pub async fn tell(&self, ctx: &Ctx, to: Recipient, number: &str) -> Vec<String> {
        let subject = Subject {
            kind: "case",
            id: number.into(),
            link: format!("/me/cases/{number}"),
        };
        let data = json!({ "case": { "number": number, "item_name": "补发" } });
        let templates = self.messaging.templates().clone();
        self.db
            .write(
                (ctx.clone(), templates, to, subject, data),
                |tx, (ctx, templates, to, subject, data)| {
                    Box::pin(send(tx, ctx, templates, "case.accepted", to, subject, data))
                },
            )
            .await
            .unwrap()
    }

    pub async fn told(&self, number: &str) -> Vec<MessageView> {
        self.db
            .read(number.to_owned(), |tx, number| {
                Box::pin(of_subject(tx, "case", number))
            })
            .await
            .unwrap()
    }

    /// The SMS about a case, as its page shows it.
    pub async fn sms(&self, number: &str) -> MessageView {
        let told = self.told(number).await;
        told.into_iter()
            .find(|m| m.channel == tongban_messages::Channel::Sms)
            .unwrap()
    }

    pub fn dispatcher(&self, now: fn() -> Timestamp) -> Dispatcher {
        Dispatcher::new(self.db.clone(), (MODULE.jobs)(&self.app), now)
    }

    pub fn router(&self) -> Router {
        tongban_ui::router(self.app.clone(), vec![(MODULE.routes)()])
    }

    /// Serves the pages on a port that is bound already.
    pub fn serve(&self, listener: TcpListener) {
        let router = self.router();
        let doors = self.app.doors().clone();
        tokio::spawn(tongban_ui::serve(
            doors,
            router,
            listener,
            std::future::pending(),
        ));
    }

    pub async fn request(&self, method: &str, path: &str, account: Uuid) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {account}"))
            .body(Body::empty())
            .unwrap();
        let response = tower::ServiceExt::oneshot(self.router(), request)
            .await
            .unwrap();
        let status = response.status();
        let location = response.headers().get(header::LOCATION).cloned();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        let text = match location {
            Some(location) => location.to_str().unwrap().to_owned(),
            None => String::from_utf8(body.to_vec()).unwrap(),
        };
        (status, text)
    }

    pub async fn page(&self, path: &str) -> Html {
        let account = self.citizen.actor.account.unwrap();
        let (status, text) = self.request("GET", path, account).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        Html::parse(&text)
    }

    pub async fn json(&self, path: &str) -> Json {
        let account = self.citizen.actor.account.unwrap();
        let (status, text) = self.request("GET", path, account).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.db
            .read((), move |tx, ()| {
                Box::pin(async move { tx.query_one(sql, params![]).await?.at(0) })
            })
            .await
            .unwrap()
    }
}
