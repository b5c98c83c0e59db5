//! What every handler can reach: the database, the clock, and the services that modules put in.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use tongban_base::{Actor, Budget, Clock, Ctx, Problem, Result, SessionDigest, Spender, Timestamp};
use tongban_store::Db;

use crate::doors::{DoorSettings, Doors};
use crate::module::{NavEntry, RouteInfo};
use crate::places;
use crate::ready::{Check, LastReport};
use crate::shell::ShellParts;

/// Finds out who holds a session token.
pub trait Authenticator: Send + Sync {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send + 'a>>;

    /// Puts on record that somebody was turned away at a door.
    fn note_refusal<'a>(
        &'a self,
        _ctx: &'a Ctx,
        _path: &'a str,
        _problem: &'a Problem,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(std::future::ready(()))
    }

    /// By which a transaction finds the session of this token again.
    fn digest(&self, _token: &str) -> Option<SessionDigest> {
        None
    }
}

/// Who serves here, and what of it is set while the house runs.
#[derive(Clone, Debug)]
pub struct Office {
    /// Shown in the header, e.g. `示例市`.
    pub region: String,
    pub name: String,
    pub phone: String,
    /// Bytes of one file.
    pub upload_limit: usize,
}

impl Default for Office {
    fn default() -> Self {
        Self {
            region: "示例市".into(),
            name: "示例市政务服务中心".into(),
            phone: "12345".into(),
            upload_limit: 20 * 1024 * 1024,
        }
    }
}

/// Asked each time, so that a change needs no restart.
#[derive(Clone)]
pub struct AskOffice(pub Arc<dyn Fn() -> Office + Send + Sync>);

impl Default for AskOffice {
    fn default() -> Self {
        Self(Arc::new(Office::default))
    }
}

impl fmt::Debug for AskOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)().fmt(f)
    }
}

/// The few things that the installation fixes.
#[derive(Clone, Debug)]
pub struct SiteSettings {
    pub office: AskOffice,
    /// Address under which visitors reach the server, without a slash at the end; QR codes carry it.
    pub public_url: String,
    pub demo: bool,
    pub doors: DoorSettings,
}

impl SiteSettings {
    /// Whether visitors come over an encrypted connection.
    pub fn is_encrypted(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            office: AskOffice::default(),
            public_url: "http://127.0.0.1:8080".into(),
            demo: false,
            doors: DoorSettings::default(),
        }
    }
}

#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    doors: Doors,
    site: SiteSettings,
    services: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    authenticator: Option<Arc<dyn Authenticator>>,
    menu: Vec<NavEntry>,
    routes: Vec<RouteInfo>,
    shell: OnceLock<ShellParts>,
    checks: Vec<Check>,
    last_report: LastReport,
}

/// Collects what an `App` is made of.
pub struct AppBuilder(Inner);

impl AppBuilder {
    pub fn new(db: Db, clock: Clock, site: SiteSettings) -> Self {
        Self(Inner {
            db,
            clock,
            doors: Doors::new(site.doors.clone()),
            site,
            services: HashMap::new(),
            authenticator: None,
            menu: Vec::new(),
            routes: Vec::new(),
            shell: OnceLock::new(),
            checks: Vec::new(),
            last_report: LastReport::default(),
        })
    }

    /// Offers a module's service to handlers and jobs by its type.
    pub fn with<T: Any + Send + Sync>(mut self, service: Arc<T>) -> Self {
        self.0.services.insert(TypeId::of::<T>(), service);
        self
    }

    pub fn authenticator(mut self, authenticator: Arc<dyn Authenticator>) -> Self {
        self.0.authenticator = Some(authenticator);
        self
    }

    pub fn menu(mut self, mut entries: Vec<NavEntry>) -> Self {
        entries.sort_by_key(|e| e.order);
        self.0.menu = entries;
        self
    }

    pub fn routes(mut self, table: Vec<RouteInfo>) -> Self {
        self.0.routes = table;
        self
    }

    /// What `/readyz` asks besides the database and the jobs.
    pub fn checks(mut self, checks: Vec<Check>) -> Self {
        self.0.checks.extend(checks);
        self
    }

    pub fn build(self) -> App {
        App(Arc::new(self.0))
    }
}

impl App {
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub fn office(&self) -> Office {
        (self.0.site.office.0)()
    }

    pub fn site(&self) -> &SiteSettings {
        &self.0.site
    }

    pub fn doors(&self) -> &Doors {
        &self.0.doors
    }

    pub(crate) fn checks(&self) -> &[Check] {
        &self.0.checks
    }

    pub(crate) fn last_report(&self) -> &LastReport {
        &self.0.last_report
    }

    /// Spends for whatever is asked about, wherever somebody comes from.
    /// Errors: too often.
    pub fn spend(&self, budget: Budget, subject: &str, now: Timestamp) -> Result<()> {
        let budgets = self.0.doors.budgets();
        budgets.spend(budget, Spender::Subject(subject), now)
    }

    /// What did not count after all.
    pub fn give_back(&self, budget: Budget, subject: &str) {
        let budgets = self.0.doors.budgets();
        budgets.give_back(budget, Spender::Subject(subject));
    }

    pub fn menu(&self) -> &[NavEntry] {
        &self.0.menu
    }

    /// The page to lead somebody to who asks for this address: itself, or the nearest one above the target of a form.
    pub fn page_at(&self, address: &str) -> String {
        places::page_at(self.routes(), address)
    }

    /// Whether some module has a page at exactly this path.
    pub fn serves(&self, path: &str) -> bool {
        let is_it = |route: &RouteInfo| route.method == "GET" && route.path == path;
        self.routes().iter().any(is_it)
    }

    pub fn routes(&self) -> &[RouteInfo] {
        &self.0.routes
    }

    pub(crate) fn shell(&self) -> &ShellParts {
        self.0.shell.get_or_init(|| ShellParts::of(self))
    }

    /// A service by its type; a missing one is a fault of the wiring.
    pub fn service<T: Any + Send + Sync>(&self) -> Result<Arc<T>> {
        self.0
            .services
            .get(&TypeId::of::<T>())
            .and_then(|s| Arc::clone(s).downcast::<T>().ok())
            .ok_or_else(|| Problem::internal(format!("no service {}", std::any::type_name::<T>())))
    }

    pub(crate) async fn note_refusal(&self, ctx: &Ctx, path: &str, problem: &Problem) {
        if let Some(authenticator) = &self.0.authenticator {
            authenticator.note_refusal(ctx, path, problem).await;
        }
    }

    /// The request context for the holder of `token`; nobody when it names no living session.
    pub async fn ctx_of(&self, token: Option<&str>) -> Result<Ctx> {
        let now = self.now();
        let actor = match (token, &self.0.authenticator) {
            (Some(token), Some(authenticator)) => authenticator.authenticate(token, now).await?,
            _ => None,
        };
        let digest = match (token, &self.0.authenticator) {
            (Some(token), Some(authenticator)) => authenticator.digest(token),
            _ => None,
        };
        Ok(Ctx {
            session: digest.filter(|_| actor.is_some()),
            ..Ctx::new(actor.unwrap_or_else(Actor::anonymous), now)
        })
    }
}
