//! The page of a request: who visits, what they may open, which wishes their browser keeps. A link stands in a
//! shell only when some module serves it. Knows no business.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use tongban_base::{Actor, ActorKind, Ctx, Problem, Result};
use tongban_crypto::MacKey;
use tongban_store::Fut;

use crate::additions::{Additions, Highlight};
use crate::module::{NavEntry, Shell};
use crate::page::{MenuEntry, MenuGroup, Page, Site, Visitor};
use crate::{App, Flash, Preferences, csrf, guard, places, problem};

/// The key under which flash messages and form marks are made; the binary offers it as a service.
pub struct PageKey(pub MacKey);

/// What is counted beside entries of the menus; the binary offers it as a service. Each is asked once for every page on
/// which its entry stands for somebody who is logged in.
pub struct MenuCounts(pub Vec<MenuCount>);

/// How many wait behind an entry.
pub struct MenuCount {
    pub path: &'static str,
    pub count: Count,
}

type Count = Box<dyn Fn(&Ctx) -> Fut<'static, u64> + Send + Sync>;

/// A handler takes the page as an argument, gives it a title and puts it into its template.
impl FromRequestParts<App> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> std::result::Result<Self, Infallible> {
        let actor = match parts.extensions.get::<Ctx>() {
            Some(ctx) => ctx.actor.clone(),
            None => Actor::anonymous(),
        };
        let path = places::page_of(app.routes(), parts);
        let mut page = Page::of(app, &actor, &path);
        page.preferences = Preferences::of(&parts.headers);
        sign(&mut page, app, &parts.headers);
        if let (Some(ctx), &Method::GET) = (parts.extensions.get::<Ctx>(), &parts.method) {
            page = counted(page, app, ctx).await;
            page.highlights = highlights(app, ctx, parts.uri.path()).await;
        }
        Ok(page)
    }
}

impl Page {
    /// A page for this visitor, without what only the browser's cookies know.
    pub fn of(app: &App, actor: &Actor, path: &str) -> Self {
        let staff = actor.kind == ActorKind::Staff;
        let shell = app.shell();
        let menu = if staff {
            Arc::new(menu(app, actor))
        } else {
            Arc::clone(&shell.portal_menu)
        };
        Page {
            title: String::new(),
            site: Arc::clone(if staff {
                &shell.workbench
            } else {
                &shell.portal
            }),
            visitor: actor.is_signed_in().then(|| visitor(app, actor)),
            active: active(&menu, path),
            menu,
            path: path.to_owned(),
            ..Page::default()
        }
    }
}

/// Entries of the officers' menu that stand there only for some; the binary offers it as a service.
pub struct MenuGuards(pub Vec<MenuGuard>);

/// To whom an entry is shown, by what is known without asking the database.
pub struct MenuGuard {
    pub path: &'static str,
    pub shown: Shown,
}

type Shown = Box<dyn Fn(&Ctx) -> bool + Send + Sync>;

/// What is the same on every page of an installation, put together once: routes and settings do not change while it
/// runs. The menu of the portal is the same for everybody; that of officers follows from their rights.
pub(crate) struct ShellParts {
    portal: Arc<Site>,
    workbench: Arc<Site>,
    portal_menu: Arc<Vec<MenuGroup>>,
}

impl ShellParts {
    pub(crate) fn of(app: &App) -> Self {
        Self {
            portal: Arc::new(site(app, false)),
            workbench: Arc::new(site(app, true)),
            portal_menu: Arc::new(menu(app, &Actor::anonymous())),
        }
    }
}

/// The page of a problem, as text.
pub(crate) fn problem_page(app: &App, ctx: &Ctx, problem: &Problem) -> Result<String> {
    let page = Page::of(app, &ctx.actor, "");
    problem::html(problem, &page, &ctx.request_id.to_string()).map_err(Problem::internal)
}

fn sign(page: &mut Page, app: &App, headers: &HeaderMap) {
    let Ok(key) = app.service::<PageKey>() else {
        return;
    };
    page.flash = Flash::take(headers, &key.0);
    if let Some(session) = guard::session_token(headers) {
        page.csrf = csrf::token(&key.0, session);
    }
}

/// A page does without the number when it cannot be had.
async fn counted(mut page: Page, app: &App, ctx: &Ctx) -> Page {
    let Ok(counts) = app.service::<MenuCounts>() else {
        return page;
    };
    if !ctx.actor.is_signed_in() {
        return page;
    }
    let shown = Arc::clone(&page.menu);
    let stands = |path: &str| shown.iter().any(|group| group.has(path));
    for waiting in counts.0.iter().filter(|waiting| stands(waiting.path)) {
        match (waiting.count)(ctx).await {
            Ok(count) => {
                page = page.with_count(waiting.path, count);
                if page.site.messages_link.as_deref() == Some(waiting.path) {
                    page.unread = count;
                }
            }
            Err(problem) => tracing::warn!(%problem, "counting for the menu failed"),
        }
    }
    page
}

/// Where each visitor begins.
const BEGINNINGS: [&str; 2] = ["/", "/workbench"];

/// A page does without them when they cannot be had.
async fn highlights(app: &App, ctx: &Ctx, path: &str) -> Vec<Highlight> {
    let mut all = Vec::new();
    let Ok(additions) = app.service::<Additions>() else {
        return all;
    };
    if !BEGINNINGS.contains(&path) {
        return all;
    }
    for addition in &additions.0 {
        match addition.highlights(ctx).await {
            Ok(some) => all.extend(some),
            Err(problem) => tracing::warn!(%problem, "what stands out could not be read"),
        }
    }
    all
}

fn visitor(app: &App, actor: &Actor) -> Visitor {
    let key = app.service::<PageKey>().ok();
    let mark = key.zip(actor.account).map(|(key, account)| {
        let mac = key.0.mac(&[b"visitor\0", account.as_bytes()]);
        mac.iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    });
    Visitor {
        mark: mark.unwrap_or_default(),
        name: actor.name.clone(),
        note: String::new(),
        staff: actor.kind == ActorKind::Staff,
    }
}

fn site(app: &App, staff: bool) -> Site {
    let (settings, office) = (app.site(), app.office());
    let served = |path: &str| app.serves(path).then(|| path.to_owned());
    Site {
        name: format!("{}政务服务", office.region),
        region: office.region,
        region_link: served("/regions"),
        office: office.name,
        phone: office.phone,
        search_link: served(if staff {
            "/workbench/search"
        } else {
            "/search"
        }),
        messages_link: served(if staff {
            "/workbench/messages"
        } else {
            "/me/messages"
        }),
        accessibility_link: served("/accessibility"),
        complaint_link: served("/complaints"),
        demo: settings.demo,
    }
}

/// The lines of modules and those that definitions add, in one order.
fn menu(app: &App, actor: &Actor) -> Vec<MenuGroup> {
    let shell = match actor.kind {
        ActorKind::Staff => Shell::Workbench,
        _ => Shell::Portal,
    };
    let allowed = |entry: &&NavEntry| {
        entry.shell == shell
            && (entry.permission.is_empty()
                || actor
                    .staff
                    .as_ref()
                    .is_some_and(|staff| staff.permissions.contains(entry.permission)))
    };
    let (guards, ctx) = (
        app.service::<MenuGuards>().ok(),
        Ctx::new(actor.clone(), app.now()),
    );
    let shown = |entry: &&NavEntry| {
        let mut all = guards.iter().flat_map(|guards| &guards.0);
        let guard = all.find(|guard| guard.path == entry.path);
        guard.is_none_or(|guard| (guard.shown)(&ctx))
    };
    let entries = app.menu().iter().filter(allowed).filter(shown);
    let fixed = entries.map(|entry| {
        let line = MenuEntry {
            key: entry.path.into(),
            label: entry.title.into(),
            href: entry.path.into(),
            icon: entry.icon.into(),
            count: None,
        };
        (entry.order, line)
    });
    let mut entries: Vec<(u16, MenuEntry)> = fixed.collect();
    let mut added: Vec<(u16, MenuEntry)> = Vec::new();
    if let Ok(additions) = app.service::<Additions>() {
        added.extend(additions.0.iter().flat_map(|addition| addition.menu(actor)));
    }
    if shell == Shell::Workbench {
        entries.append(&mut added);
    }
    let own = group(String::new(), entries);
    // The head of the portal has room for few.
    let published = group(PUBLISHED.to_owned(), added);
    let groups = [own, published].into_iter();
    groups.filter(|group| !group.entries.is_empty()).collect()
}

/// What packs publish to everybody.
const PUBLISHED: &str = "公开信息";

fn group(title: String, mut entries: Vec<(u16, MenuEntry)>) -> MenuGroup {
    entries.sort_by_key(|(order, _)| *order);
    let mut lines: Vec<MenuEntry> = Vec::new();
    for (_, line) in entries {
        // What a right shows already is not shown twice.
        if !lines.iter().any(|shown| shown.key == line.key) {
            lines.push(line);
        }
    }
    MenuGroup {
        title,
        entries: lines,
    }
}

/// The entry whose address is the longest beginning of this one. One that others lie below, as below `/me`,
/// stands for its own page only.
fn active(menu: &[MenuGroup], path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let below = |path: &str, href: &str| {
        path.strip_prefix(href)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let entries = || menu.iter().flat_map(|group| &group.entries);
    let is_root = |href: &str| entries().any(|other| below(&other.href, href));
    entries()
        .filter(|entry| entry.href == path || (below(path, &entry.href) && !is_root(&entry.href)))
        .max_by_key(|entry| entry.href.len())
        .map(|entry| entry.key.clone())
        .unwrap_or_default()
}
