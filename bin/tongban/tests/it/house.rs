//! A house of its own for each test, with the demonstration's people, licences and officers.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tongban::data::{Data, keys_folder, objects_folder};
use tongban::folders::Held;
use tongban::wiring::{self, House, Plan};
use tongban::{demo, modules};
use tongban_base::{Clock, Ctx, Timestamp};
use tongban_cases::{
    CaseId, DraftId, begin_application, save_answers, save_form, submit_case, upload_file,
};
use tongban_crypto::{KeyRing, PasswordStrength};
use tongban_documents::Typesetter;
use tongban_identity::{
    DEMO_PASSWORD, HttpPopulationRegister, LogIn, SessionKind, demo_people, log_in,
};
use tongban_outward::Counterpart;
use tongban_packs::Folder;
use tongban_store::{Db, Dispatcher, Migration, Objects, Row, params};
use tongban_testkit::actors;
use tongban_ui::{DoorSettings, RouteInfo, SiteSettings};

use crate::browser::Browser;

/// The item that most tests work on, and the material that it wants from the applicant.
pub const ITEM: &str = "road-driver-reissue";
pub const MATERIAL: &str = "damaged_licence";
pub const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\n\
    trailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n";

pub fn migrations() -> Vec<Migration> {
    modules::migrations(&modules::all())
}

pub struct Site {
    pub house: House,
    pub data: Data,
    pub table: Vec<RouteInfo>,
    router: axum::Router,
    /// Keeps objects and keys until the test ends.
    _folder: TempDir,
}

impl Site {
    pub async fn on(db: Db) -> Self {
        Self::with_pack(db, tongban::packs::transport()).await
    }

    pub async fn with_pack(db: Db, pack: Folder) -> Self {
        Self::planned(db, pack, plan()).await
    }

    /// Whoever comes to it finds these doors.
    pub async fn with_doors(db: Db, doors: DoorSettings) -> Self {
        let mut plan = plan();
        plan.site.doors = doors;
        Self::planned(db, tongban::packs::transport(), plan).await
    }

    async fn planned(db: Db, pack: Folder, plan: Plan) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open_or_create(&keys_folder(folder.path())).unwrap();
        let data = Data {
            folder: folder.path().to_owned(),
            objects: Objects::open(&objects_folder(folder.path()), ring.file_cipher().unwrap())
                .unwrap(),
            db,
            ring,
            held: Held::beside_others(folder.path()).unwrap(),
        };
        let pack = wiring::load_pack(pack).unwrap();
        let mut house = wiring::build(&data, pack, plan).await.unwrap();
        demo::seed(&house, &Ctx::system(house.app.now()))
            .await
            .unwrap();
        let routes = std::mem::take(&mut house.routes);
        Self {
            table: routes.iter().flat_map(|r| r.table().to_vec()).collect(),
            router: tongban_ui::router(house.app.clone(), routes),
            house,
            data,
            _folder: folder,
        }
    }

    /// The same data under a newer pack.
    pub async fn republish(&mut self, pack: Folder) {
        self.restart(pack, typesetter()).await;
    }

    /// The same data under a pack and with the typefaces of a typesetter, a minute later.
    pub async fn restart(&mut self, pack: Folder, typesetter: Typesetter) {
        let pack = wiring::load_pack(pack).unwrap();
        let clock = Clock::given(self.house.app.now().plus_minutes(1));
        let plan = Plan {
            clock,
            typesetter,
            ..plan()
        };
        let mut house = wiring::build(&self.data, pack, plan).await.unwrap();
        let routes = std::mem::take(&mut house.routes);
        self.router = tongban_ui::router(house.app.clone(), routes);
        self.house = house;
    }

    pub fn db(&self) -> &Db {
        &self.data.db
    }

    /// Nobody in particular.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), None)
    }

    pub async fn citizen(&self, login: &str) -> Browser {
        let token = self.token(SessionKind::Citizen, login).await;
        Browser::new(self.router.clone(), Some(token))
    }

    pub async fn officer(&self, login: &str) -> Browser {
        let token = self.token(SessionKind::Staff, login).await;
        Browser::new(self.router.clone(), Some(token))
    }

    pub async fn citizen_with(&self, login: &str, password: &str) -> Browser {
        let token = self.token_with(SessionKind::Citizen, login, password).await;
        Browser::new(self.router.clone(), Some(token))
    }

    /// Somebody new, who has brought back the code that the page of a demonstration shows.
    pub async fn registers(&self, login: &str, mobile: &str, password: &str) {
        let browser = self.browser();
        let account = json!({ "login": login, "mobile": mobile, "password": password, "password_again": password });
        let asked = browser.post_json("/api/v1/accounts", &account).await.ok();
        let id = asked.json()["id"].as_str().unwrap().to_owned();
        let page = browser.get(&format!("/code/{id}")).await.ok().html();
        let shown = page.text("#shown-sms");
        let mut words = shown.split(|c: char| !c.is_ascii_digit());
        let code = words.find(|word| word.len() == 6).unwrap();
        let entered = json!({ "code": code });
        browser
            .post_json(&format!("/api/v1/codes/{id}"), &entered)
            .await
            .ok();
    }

    async fn token(&self, kind: SessionKind, login: &str) -> String {
        self.token_with(kind, login, DEMO_PASSWORD).await
    }

    async fn token_with(&self, kind: SessionKind, login: &str, password: &str) -> String {
        let wish = LogIn {
            kind,
            login: login.to_owned(),
            password: password.to_owned(),
        };
        let ctx = self.house.app.ctx_of(None).await.unwrap();
        log_in(&self.house.identity, &ctx, &wish, "test")
            .await
            .unwrap()
            .token
    }

    /// The same people for services, at a moment of the test's choice.
    pub async fn citizen_at(&self, login: &str, now: Timestamp) -> Ctx {
        self.ctx(SessionKind::Citizen, login, now).await
    }

    pub async fn officer_at(&self, login: &str, now: Timestamp) -> Ctx {
        self.ctx(SessionKind::Staff, login, now).await
    }

    async fn ctx(&self, kind: SessionKind, login: &str, now: Timestamp) -> Ctx {
        let token = self.token(kind, login).await;
        let found = self.house.app.ctx_of(Some(&token)).await.unwrap();
        Ctx::new(found.actor, now)
    }

    /// Runs every job that is due some time after the moment of the tests, and those that they start; none may rest
    /// as dead.
    pub async fn drain(&self) {
        self.drain_after(120).await;
    }

    /// The same at the present moment, for what went through the routes.
    pub async fn drain_now(&self) {
        self.drain_after(0).await;
    }

    async fn drain_after(&self, minutes: i64) {
        self.drain_at(self.house.app.now().plus_minutes(minutes))
            .await;
    }

    /// Whether something was decided that takes its course when its papers are made.
    pub async fn waits_for_papers(&self) -> bool {
        let sql = "SELECT COUNT(*) AS n FROM case_record WHERE waits = 1";
        self.count(sql).await > 0
    }

    /// The same at a moment of the test's choice.
    pub async fn drain_at(&self, now: Timestamp) {
        let now = move || now;
        let dispatcher = Dispatcher::new(self.db().clone(), self.house.jobs.clone(), now);
        dispatcher.drain().await.unwrap();
        assert_eq!(dispatcher.status().await.unwrap().dead, 0);
    }

    /// The practitioner's certificate that counts for a citizen of the demonstration.
    pub async fn licence(&self, person: usize) -> Json {
        let ctx = Ctx::system(self.house.app.now());
        let id = &demo_people()[person - 1].id_number;
        let licences = &self.house.licences;
        licences.current_of(&ctx, id, "practitioner").await.unwrap()
    }

    /// As if another house had made the files of all letters.
    pub async fn forget_letters(&self) {
        self.long_ago(
            "case_document",
            "UPDATE case_document SET pdf = NULL, ofd = NULL",
        )
        .await;
    }

    /// Brings about what the program did long ago: the rows of the table have their marks.
    pub async fn long_ago(&self, table: &str, sql: &'static str) {
        self.meddle(sql).await;
        self.mark_anew(table).await;
    }

    pub async fn mark_anew(&self, table: &str) {
        let tables = modules::marked(&modules::all());
        let marked = tables.into_iter().find(|marked| marked.table == table);
        tongban_testkit::mark_anew(self.db(), marked.unwrap()).await;
    }

    /// Changes rows as whoever holds the database may, beside the program.
    pub async fn meddle(&self, sql: &'static str) {
        self.beside(sql).await;
    }

    /// The same with words made up by the test. What begins with a remark the store does not take for a statement of its
    /// own.
    pub async fn beside(&self, sql: &str) {
        let sql = format!("-- beside the program\n{sql}");
        self.db()
            .write(sql, |tx, sql| Box::pin(tx.execute(sql, params![])))
            .await
            .unwrap();
    }

    pub async fn rows(&self, sql: &'static str) -> Vec<Row> {
        self.db()
            .read((), move |tx, ()| Box::pin(tx.query(sql, params![])))
            .await
            .unwrap()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        self.rows(sql).await.first().unwrap().at(0).unwrap()
    }

    /// Entries of the audit log as `(event, outcome, subject)`.
    pub async fn audited(&self, event: &str, outcome: &str) -> i64 {
        self.db()
            .read(
                (event.to_owned(), outcome.to_owned()),
                |tx, (event, outcome)| {
                    Box::pin(async move {
                        tx.query_one(
                        "SELECT COUNT(*) AS n FROM audit_entry WHERE event = $1 AND outcome = $2",
                        params![event.as_str(), outcome.as_str()],
                    )
                    .await?
                    .get("n")
                    })
                },
            )
            .await
            .unwrap()
    }

    /// A complete application that only waits to be submitted.
    pub async fn complete_draft(&self, ctx: &Ctx, person: usize) -> DraftId {
        self.complete_draft_for(ctx, person, ITEM).await
    }

    /// The items of replacing a damaged certificate ask the same of everyone.
    pub async fn complete_draft_for(&self, ctx: &Ctx, person: usize, item: &str) -> DraftId {
        self.draft_with(ctx, item, &form(person)).await
    }

    pub async fn draft_with(&self, ctx: &Ctx, item: &str, form: &Json) -> DraftId {
        let desk = &self.house.desk;
        let draft = begin_application(desk, ctx, item).await.unwrap();
        let given = [("reason".to_owned(), "damaged".to_owned())];
        save_answers(desk, ctx, draft, &given).await.unwrap();
        save_form(desk, ctx, draft, form).await.unwrap();
        upload_file(desk, ctx, draft, MATERIAL, "原证.pdf", PDF.to_vec())
            .await
            .unwrap();
        draft
    }

    pub async fn submitted(&self, ctx: &Ctx, person: usize) -> CaseId {
        self.submitted_for(ctx, person, ITEM).await
    }

    pub async fn submitted_for(&self, ctx: &Ctx, person: usize, item: &str) -> CaseId {
        self.submit(ctx, self.complete_draft_for(ctx, person, item).await)
            .await
    }

    /// Submitted with this form.
    pub async fn submitted_with(&self, ctx: &Ctx, form: &Json) -> CaseId {
        self.submit(ctx, self.draft_with(ctx, ITEM, form).await)
            .await
    }

    async fn submit(&self, ctx: &Ctx, draft: DraftId) -> CaseId {
        let done = submit_case(&self.house.desk, ctx, draft).await.unwrap();
        assert!(done.fresh);
        done.case
    }
}

/// What the applicant types; the rest is known of the account.
pub fn form(person: usize) -> Json {
    let known = &demo_people()[person - 1];
    json!({
        "mobile": known.mobile, "address": known.address, "driving_class": "A1",
        "delivery": "electronic", "commitment": true,
    })
}

/// With every typeface; read once for all tests.
pub fn typesetter() -> Typesetter {
    static ALL: LazyLock<Typesetter> = LazyLock::new(|| wiring::typesetter().unwrap());
    ALL.clone()
}

pub fn plan() -> Plan {
    // Nobody listens there: no test of this crate proves a name.
    let nowhere = Counterpart::at("http://127.0.0.1:1", None).unwrap();
    let register = HttpPopulationRegister::new(nowhere, "test", b"test");
    Plan {
        clock: actors::clock(),
        site: SiteSettings {
            demo: true,
            ..SiteSettings::default()
        },
        register: Arc::new(register),
        typesetter: typesetter(),
        gateway: None,
        password_strength: PasswordStrength::ForTestsOnly,
    }
}

/// A pack as files, for the program itself.
pub fn write_pack(pack: &Folder, to: &Path) {
    for name in pack.list("", "") {
        let file = to.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, pack.bytes(name).unwrap()).unwrap();
    }
}
