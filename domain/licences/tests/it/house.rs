//! A house with licences in it: database, objects, keys, the authority, a dispatcher and the web.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tongban_audit::{AuditKey, EntryFilter, ReadLog, list_entries};
use tongban_base::{Actor, Ctx, Result, Timestamp};
use tongban_crypto::KeyRing;
use tongban_documents::{Fonts, Typesetter};
use tongban_licences::{
    Licence, LicenceId, Licences, LicencesParts, NewLicence, ReleaseFiles, Validity, module,
};
use tongban_seals::{Authority, Issuer};
use tongban_store::{Db, Dispatcher, Migration, Objects};
use tongban_testkit::actors::{self, MONDAY_MORNING};
use tongban_ui::{App, AppBuilder, Authenticator, SiteSettings};
use tower::ServiceExt;

use crate::pack;

pub const ZHANG: &str = "310000199001010010";
pub const LI: &str = "310000198503150027";

pub fn migrations() -> Vec<Migration> {
    let parts = [
        tongban_audit::MIGRATIONS,
        tongban_packs::MIGRATIONS,
        tongban_licences::MIGRATIONS,
    ];
    parts.concat()
}

pub fn typesetter() -> &'static Typesetter {
    static SHARED: OnceLock<Typesetter> = OnceLock::new();
    SHARED.get_or_init(|| Typesetter::new(Fonts::find(None).unwrap()))
}

pub struct House {
    pub db: Db,
    pub licences: Licences,
    pub folder: TempDir,
    pub ring: KeyRing,
    visitors: HashMap<String, Actor>,
    ticks: AtomicI64,
}

impl House {
    pub async fn on(db: Db) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::ephemeral().unwrap();
        let office = Issuer {
            code: "office".into(),
            name: "示例发证处".into(),
            credit_code: "11310000TEST000001".into(),
            division: actors::SHANGHAI.into(),
        };
        let issuers = vec![office];
        let authority = Authority::open(&db, &ring, typesetter(), &issuers, MONDAY_MORNING);
        let parts = LicencesParts {
            db: db.clone(),
            objects: objects(&folder, &ring),
            types: pack::types(),
            released_as: BTreeMap::new(),
            releases: ReleaseFiles(Box::new(|_, release| {
                Box::pin(async move { pack::of_release(&release) })
            })),
            authority: authority.await.unwrap(),
            typesetter: typesetter().clone(),
            issuers: Arc::new(move |code| issuers.iter().find(|i| i.code == code).cloned()),
            public_url: "http://127.0.0.1:8080".into(),
            presentation_seconds: Some(30),
            reads: ReadLog::new(db.clone(), AuditKey::of(&ring).unwrap()),
        };
        Self {
            licences: Licences::new(parts, &ring).unwrap(),
            db,
            folder,
            ring,
            visitors: HashMap::new(),
            ticks: AtomicI64::new(1),
        }
    }

    /// The same data folder and keys, opened anew.
    pub async fn authority_again(&self) -> Authority {
        let codes = ["office"].map(|code| Issuer {
            code: code.into(),
            name: "改了名的处".into(),
            credit_code: "11310000TEST000001".into(),
            division: actors::SHANGHAI.into(),
        });
        let opened = Authority::open(&self.db, &self.ring, typesetter(), &codes, MONDAY_MORNING);
        opened.await.unwrap()
    }

    /// Issued, with its files made: so it is in force.
    pub async fn issue(&self, ctx: &Ctx, new: NewLicence) -> Result<LicenceId> {
        let id = self.ask_for(ctx, new).await?;
        self.run_jobs().await;
        Ok(id)
    }

    /// Issued; its files are not made yet.
    pub async fn ask_for(&self, ctx: &Ctx, new: NewLicence) -> Result<LicenceId> {
        let input = (self.licences.clone(), ctx.clone(), new);
        self.db
            .write(input, |tx, (licences, ctx, new)| {
                Box::pin(licences.issue(tx, ctx, new))
            })
            .await
    }

    /// Issued to this citizen, with its files made.
    pub async fn issued_to(&self, holder: &Ctx, id_number: &str) -> LicenceId {
        let mut new = new_licence(id_number);
        new.account = holder.actor.account;
        self.issue(&actors::system(), new).await.unwrap()
    }

    /// The system, a moment later each time.
    pub fn tick(&self) -> Ctx {
        let mut ctx = actors::system();
        let past = self.ticks.fetch_add(1, Ordering::Relaxed);
        ctx.now = ctx.now.plus_millis(past);
        ctx
    }

    pub async fn own(&self, holder: &Ctx, id: LicenceId) -> Licence {
        self.licences.open(holder, id).await.unwrap().licence
    }

    pub async fn run_jobs(&self) {
        let jobs = (module().jobs)(&self.app());
        let later = || MONDAY_MORNING.plus_minutes(1);
        let dispatcher = Dispatcher::new(self.db.clone(), jobs, later);
        dispatcher.drain().await.unwrap();
    }

    fn builder(&self) -> AppBuilder {
        AppBuilder::new(self.db.clone(), actors::clock(), SiteSettings::default())
            .with(Arc::new(self.licences.clone()))
            .authenticator(Arc::new(Tokens(self.visitors.clone())))
    }

    pub fn objects(&self) -> Objects {
        objects(&self.folder, &self.ring)
    }

    pub fn app(&self) -> App {
        self.builder().build()
    }

    /// Lets this visitor in under a bearer token.
    pub fn admit(&mut self, token: &str, ctx: &Ctx) {
        self.visitors.insert(token.into(), ctx.actor.clone());
    }

    fn router(&self) -> Router {
        let routes = (module().routes)();
        let app = self.builder().routes(routes.table().to_vec()).build();
        tongban_ui::router(app, vec![routes])
    }

    pub async fn get(&self, path: &str, token: &str) -> (StatusCode, Vec<u8>) {
        self.send(request("GET", path, token).body(Body::empty()).unwrap())
            .await
    }

    /// How many codes were made to be shown.
    pub async fn presented(&self) -> usize {
        let filter = EntryFilter {
            event: "licence.presented".to_owned(),
            ..EntryFilter::default()
        };
        let ctx = Ctx::system(MONDAY_MORNING);
        let entries = list_entries(&self.db, &ctx, &filter, (None, 100)).await;
        entries.unwrap().rows.len()
    }

    pub async fn page(&self, path: &str, token: &str) -> (StatusCode, String) {
        let (status, body) = self.get(path, token).await;
        (status, String::from_utf8(body).unwrap())
    }

    pub async fn header(&self, path: &str, token: &str, name: &str) -> Option<String> {
        let request = request("GET", path, token).body(Body::empty()).unwrap();
        let response = self.router().oneshot(request).await.unwrap();
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    pub async fn post(
        &self,
        path: &str,
        token: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> (StatusCode, String) {
        let request = request("POST", path, token)
            .header(header::CONTENT_TYPE, kind)
            .header("sec-fetch-site", "same-origin");
        let (status, body) = self.send(request.body(Body::from(body)).unwrap()).await;
        (status, String::from_utf8(body).unwrap())
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.router().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap();
        (status, body.to_bytes().to_vec())
    }
}

fn request(method: &str, path: &str, token: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    match token {
        "" => request,
        token => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
    }
}

/// A multipart form with one file.
pub fn file_form(content: &[u8]) -> (&'static str, Vec<u8>) {
    let mut body =
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--b--\r\n");
    ("multipart/form-data; boundary=b", body)
}

pub fn person(id_number: &str) -> Json {
    json!({ "name": "测试一二三", "id_number": id_number, "sex": "male", "birth_date": "1990-01-01",
        "mobile": "14200000001", "address": "上海市示例路1号（虚构）" })
}

pub fn new_licence(id_number: &str) -> NewLicence {
    NewLicence {
        kind: "driver".into(),
        release: None,
        previous: None,
        validity: Validity::New,
        account: None,
        person: person(id_number),
        form: json!({}),
        answers: json!({}),
        case: json!({}),
        case_id: None,
        division: "310101000000".into(),
        photo: None,
    }
}

fn objects(folder: &TempDir, ring: &KeyRing) -> Objects {
    Objects::open(&folder.path().join("objects"), ring.file_cipher().unwrap()).unwrap()
}

struct Tokens(HashMap<String, Actor>);

impl Authenticator for Tokens {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send + 'a>> {
        Box::pin(async move { Ok(self.0.get(token).cloned()) })
    }
}
