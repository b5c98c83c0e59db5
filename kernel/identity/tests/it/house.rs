//! A house with the identity module alone, the simulator of the population register on a real socket, and a browser
//! that keeps cookies.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tongban_audit::{AuditEntry, AuditKey, EntryFilter, list_entries};
use tongban_base::{Actor, Clock, Ctx, Timestamp, Uuid};
use tongban_crypto::{KeyRing, MacKey, PasswordStrength};
use tongban_identity::simulator::PopulationSimulator;
use tongban_identity::{
    CodeMessage, CodeMessages, Contact, DemoAccount, DemoCitizen, EnteredCode,
    HttpPopulationRegister, Identity, IdentityOptions, LogIn, NewAccount, NewStaff, Role, Roles,
    SessionKind, change_contact, demo_accounts, demo_citizens, demo_people, demo_register,
    ensure_staff, enter_code, job_handlers, log_in, register_account, seed_demo,
};
use tongban_outward::Counterpart;
use tongban_store::{Db, Dispatcher, Migration};
use tongban_testkit::actors::{self, MONDAY_MORNING};
use tongban_testkit::{Html, TestDatabase};
use tongban_ui::{AppBuilder, PageKey, SiteSettings};
use tower::ServiceExt;

const APPLICATION: &str = "tongban-test";
const SECRET: &[u8] = b"a secret of the test";
pub const STAFF_PASSWORD: &str = "Vorgang-77";
/// Of whoever registers.
pub const PASSWORD: &str = "Huang-He-88";

pub fn new_account(login: &str, mobile: &str) -> NewAccount {
    NewAccount {
        login: login.into(),
        mobile: mobile.into(),
        password: PASSWORD.into(),
        password_again: PASSWORD.into(),
    }
}

fn noting(sent: &Arc<Mutex<Vec<CodeMessage>>>) -> Arc<CodeMessages> {
    let sent = Arc::clone(sent);
    Arc::new(CodeMessages {
        leaves: true,
        send: Box::new(move |_, _, message| {
            sent.lock().unwrap().push(message);
            Box::pin(async { Ok(()) })
        }),
        shown: None,
    })
}

pub fn migrations() -> Vec<Migration> {
    [tongban_audit::MIGRATIONS, tongban_identity::MIGRATIONS].concat()
}

/// Everything but the pages.
pub struct House {
    pub db: Db,
    pub identity: Identity,
    pub audit: AuditKey,
    pub register: PopulationSimulator,
    pub codes: Arc<CodeMessages>,
    sent: Arc<Mutex<Vec<CodeMessage>>>,
}

impl House {
    pub async fn on(db: Db) -> Self {
        Self::with(db, Vec::new()).await
    }

    async fn with(db: Db, demo_accounts: Vec<DemoAccount>) -> Self {
        let sent = Arc::default();
        let ring = KeyRing::ephemeral().unwrap();
        let register = PopulationSimulator::new(APPLICATION, SECRET, demo_register(&demo_people()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(register.clone().serve(listener, std::future::pending()));
        let counterpart = Counterpart::at(&base, None).unwrap();
        let client = HttpPopulationRegister::new(counterpart, APPLICATION, SECRET);
        let mut options = IdentityOptions::new(roles(), Arc::new(client));
        options.password_strength = PasswordStrength::ForTestsOnly;
        options.demo_accounts = demo_accounts;
        options.clients = crate::application::registered();
        let identity =
            Identity::new(db.clone(), &ring, AuditKey::of(&ring).unwrap(), options).unwrap();
        Self {
            audit: AuditKey::of(&ring).unwrap(),
            db,
            identity,
            register,
            codes: noting(&sent),
            sent,
        }
    }

    /// The SMS that left the house, the oldest first.
    pub fn sent(&self) -> Vec<CodeMessage> {
        self.sent.lock().unwrap().clone()
    }

    /// The code that was sent last.
    pub fn digits(&self) -> String {
        self.sent().last().unwrap().digits.clone()
    }

    /// An account whose owner has brought the code back.
    pub async fn registered(&self, wish: &NewAccount) -> Uuid {
        let (identity, codes, ctx) = (&self.identity, &self.codes, actors::anonymous());
        let sent = register_account(identity, &ctx, codes, wish).await.unwrap();
        let code = EnteredCode {
            code: self.digits(),
            ..EnteredCode::default()
        };
        let done = enter_code(identity, &ctx, codes, (sent.id, &code)).await;
        done.unwrap().account
    }

    /// A citizen of the demonstration changes the mobile number.
    pub async fn moves(&self, person: &DemoCitizen, mobile: &str) {
        let login = LogIn {
            kind: SessionKind::Citizen,
            login: person.login.clone(),
            password: PASSWORD.to_owned(),
        };
        let ctx = actors::anonymous();
        let opened = log_in(&self.identity, &ctx, &login, "").await.unwrap();
        let ctx = Ctx {
            actor: Actor::citizen(opened.account, &person.login),
            ..ctx
        };
        let wish = Contact {
            mobile: mobile.to_owned(),
            password: PASSWORD.to_owned(),
            address: person.address.clone(),
        };
        let (identity, codes) = (&self.identity, &self.codes);
        let asked = change_contact(identity, &ctx, codes, &wish).await.unwrap();
        let code = EnteredCode {
            code: self.digits(),
            id_number: person.id_number.clone(),
            ..EnteredCode::default()
        };
        let entered = (asked.unwrap().id, &code);
        enter_code(identity, &ctx, codes, entered).await.unwrap();
    }

    pub async fn seed(&self) {
        let ctx = Ctx::system(MONDAY_MORNING);
        seed_demo(&self.identity, &ctx, &demo_citizens())
            .await
            .unwrap();
        ensure_staff(&self.identity, &ctx, &[clerk(), manager()])
            .await
            .unwrap();
    }

    /// Runs every job that is due, jobs that they start included.
    pub async fn run_jobs(&self) {
        self.run_jobs_at(MONDAY_MORNING.plus_minutes(1)).await;
    }

    /// The same when what was postponed is due again.
    pub async fn run_jobs_an_hour_later(&self) {
        self.run_jobs_at(MONDAY_MORNING.plus_minutes(60)).await;
    }

    async fn run_jobs_at(&self, now: Timestamp) {
        let jobs = job_handlers(&self.identity);
        let dispatcher = Dispatcher::new(self.db.clone(), jobs, move || now);
        dispatcher.drain().await.unwrap();
        assert_eq!(dispatcher.status().await.unwrap().dead, 0);
    }

    /// Newest first.
    pub async fn log(&self, event: &str) -> Vec<AuditEntry> {
        let filter = EntryFilter {
            event: event.to_owned(),
            ..EntryFilter::default()
        };
        list_entries(&self.db, &Ctx::system(MONDAY_MORNING), &filter, (None, 100))
            .await
            .unwrap()
            .rows
    }

    /// A decision switches an officer of the office off.
    pub async fn locks(&self, login: &'static str) -> tongban_base::Result<()> {
        let input = (self.identity.clone(), Ctx::system(MONDAY_MORNING));
        let locked = self.db.write(input, move |tx, (identity, ctx)| {
            Box::pin(async move {
                let of = (login, "transport");
                identity.switch_officer_of(tx, ctx, of, false).await
            })
        });
        locked.await.map(drop)
    }

    pub async fn active(&self, login: &'static str) -> bool {
        let found = self.db.read(login, |tx, login| {
            Box::pin(async move {
                let sql = "SELECT active FROM staff WHERE login = $1";
                tx.query_one(sql, tongban_store::params![*login])
                    .await?
                    .get("active")
            })
        });
        found.await.unwrap()
    }

    pub async fn staff_id(&self, login: &'static str) -> tongban_base::Uuid {
        let found = self.db.read(login, |tx, login| {
            Box::pin(async move {
                let sql = "SELECT id FROM staff WHERE login = $1";
                let row = tx.query_one(sql, tongban_store::params![*login]).await?;
                row.get("id")
            })
        });
        found.await.unwrap()
    }

    /// Somebody with access to the database, beside the program.
    pub async fn meddle(&self, sql: &'static str) {
        let touched = self
            .db
            .write((), move |tx, ()| {
                Box::pin(tx.execute(sql, tongban_store::params![]))
            })
            .await
            .unwrap();
        assert!(touched > 0);
    }
}

pub fn clerk() -> NewStaff {
    NewStaff {
        login: "acceptor".into(),
        name: "测试甲".into(),
        password: STAFF_PASSWORD.into(),
        organisation: "transport".into(),
        division: "310000000000".into(),
        roles: vec!["acceptor".into()],
    }
}

pub fn manager() -> NewStaff {
    NewStaff {
        login: "manager".into(),
        name: "测试乙".into(),
        roles: vec!["manager".into()],
        ..clerk()
    }
}

fn roles() -> Roles {
    let role = |code: &str, title: &str, permissions: &[&str]| Role {
        code: code.into(),
        title: title.into(),
        permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
        given_by: match code {
            "acceptor" => vec!["manager".to_owned()],
            _ => Vec::new(),
        },
    };
    Roles::new([
        role("acceptor", "窗口受理", &["case.accept"]),
        role("approver", "审批", &["case.decide"]),
        role("manager", "管理员", &["staff.manage", "identity.release"]),
        role("keeper", "授权", &["role.manage"]),
    ])
}

/// A house with pages, and the clock's hand on it.
pub struct Site {
    pub house: Arc<House>,
    pub router: Router,
    /// Keeps the folder.
    _database: Option<TestDatabase>,
}

impl Site {
    pub async fn open() -> Self {
        Self::with(Vec::new()).await
    }

    pub async fn open_with_demo_accounts() -> Self {
        Self::with(demo_accounts(&demo_citizens(), &[clerk()], &roles())).await
    }

    async fn with(demo_accounts: Vec<DemoAccount>) -> Self {
        let database = tongban_testkit::sqlite(&migrations()).await;
        let mut site = Self::of(House::with(database.db(), demo_accounts).await).await;
        site._database = Some(database);
        site
    }

    pub async fn on(db: Db) -> Self {
        Self::of(House::on(db).await).await
    }

    async fn of(house: House) -> Self {
        house.seed().await;
        Self::at(Arc::new(house), actors::clock())
    }

    fn at(house: Arc<House>, clock: Clock) -> Self {
        Self::as_set(house, clock, SiteSettings::default())
    }

    /// The same house under other settings.
    pub fn set(&self, site: SiteSettings) -> Self {
        Self::as_set(Arc::clone(&self.house), actors::clock(), site)
    }

    fn as_set(house: Arc<House>, clock: Clock, site: SiteSettings) -> Self {
        let module = tongban_identity::module();
        let routes = (module.routes)();
        let site = SiteSettings { demo: true, ..site };
        let app = AppBuilder::new(house.db.clone(), clock, site)
            .with(Arc::new(house.identity.clone()))
            .with(Arc::clone(&house.codes))
            .with(Arc::new(PageKey(MacKey::new([3; 32]))))
            .authenticator(Arc::new(house.identity.clone()))
            .menu(module.menu.to_vec())
            .routes(routes.table().to_vec())
            .build();
        Self {
            router: tongban_ui::router(app, vec![routes]),
            house,
            _database: None,
        }
    }

    /// The same house when its clock has gone on.
    pub fn later(&self, seconds: i64) -> Self {
        let clock = Clock::given(MONDAY_MORNING.plus_millis(seconds * 1000));
        Self::at(Arc::clone(&self.house), clock)
    }

    pub fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which somebody has just registered.
    pub async fn registered(&self, login: &str, mobile: &str) -> Browser {
        let mut browser = self.browser();
        let form = [
            ("login", login),
            ("mobile", mobile),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
        ];
        let asked = browser.post("/register", &form).await;
        let digits = self.house.digits();
        let answer = browser.post(&asked.location, &[("code", &digits)]).await;
        assert_eq!(answer.location, "/me/real-name");
        browser
    }

    /// A browser in which this citizen of the demonstration is logged in.
    pub async fn citizen(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        let form = [
            ("login", login),
            ("password", tongban_identity::DEMO_PASSWORD),
        ];
        let answer = browser.post("/login", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        browser
    }
}

impl Site {
    /// A browser in which this officer is logged in.
    pub async fn officer(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        let form = [
            ("as", "staff"),
            ("login", login),
            ("password", STAFF_PASSWORD),
        ];
        let answer = browser.post("/login", &form).await;
        assert_eq!(answer.location, "/workbench?begin");
        browser
    }
}

impl Browser {
    /// The same browser at another moment.
    pub fn at(&self, site: &Site) -> Self {
        Self {
            router: site.router.clone(),
            cookies: self.cookies.clone(),
        }
    }
}

/// Keeps cookies and says where a form came from, as browsers do.
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    /// Its content security policy.
    pub policy: String,
    pub set_cookies: Vec<String>,
    pub body: String,
}

impl Answer {
    pub fn html(&self) -> Html {
        Html::parse(&self.body)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(
                header::USER_AGENT,
                "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0",
            )
            .body(Body::from(form.extend_pairs(fields).finish()))
            .unwrap();
        self.send(request).await
    }

    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        if !cookies.is_empty() {
            let value = cookies.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, value);
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = |value: &header::HeaderValue| value.to_str().unwrap().to_owned();
        let set_cookies: Vec<String> = parts
            .headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(text)
            .collect();
        for line in &set_cookies {
            let (pair, rest) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer {
            status: parts.status,
            location: parts
                .headers
                .get(header::LOCATION)
                .map(text)
                .unwrap_or_default(),
            policy: parts
                .headers
                .get(header::CONTENT_SECURITY_POLICY)
                .map(text)
                .unwrap_or_default(),
            set_cookies,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}
