//! The page of one entry: its form, what was done to it, and its end.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::Value as Json;
use tongban_audit::ReadLog;
use tongban_base::{Ctx, Problem};
use tongban_identity::Identity;
use tongban_packs::{EntryChange, EntryKind, EntryState, Installation, entry_history};
use tongban_procedures::Catalog;
use tongban_ui::view::{Link, Tone};
use tongban_ui::{Answer, App, Flash, FormFaults, Page, Visit, mendable};

use super::fields::{self, FieldView};
use super::{PATH, Rights, kind_of, words};
use crate::list;
use crate::read::Typed;
use crate::service::{Act, Wish, change, may_change};

#[derive(Template)]
#[template(path = "installation_entry.html")]
struct EntryPage {
    page: Page,
    crumbs: Vec<Link>,
    title: String,
    code: String,
    action: String,
    cancel: String,
    is_new: bool,
    is_ended: bool,
    may_change: bool,
    may_end: bool,
    /// What the way back leads to; empty where there is none.
    restore: &'static str,
    seen: String,
    fields: Vec<FieldView>,
    reason: String,
    faults: FormFaults,
    tone: Tone,
    /// Of a role: in which organisation how many have it.
    holders: Vec<(String, usize)>,
    is_role: bool,
    history: Vec<HistoryRow>,
}

struct HistoryRow {
    at: String,
    by: String,
    did: &'static str,
    says: String,
    reason: String,
    /// Leads to the form as it stood then.
    take: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Begun {
    /// What a new one stands below.
    #[serde(default)]
    under: String,
    /// The change whose content the form begins with.
    number: Option<i64>,
}

type Sent = Form<Vec<(String, String)>>;

pub(super) async fn show_new(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(kind): Path<String>,
    Query(begun): Query<Begun>,
) -> Answer {
    let kind = kind_of(&kind)?;
    may_change(&ctx, kind)?;
    let mut typed = Typed::default();
    typed.set("parent", begun.under);
    render(&app, (&ctx, page), (kind, ""), typed, Default::default()).await
}

pub(super) async fn show_entry(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((kind, code)): Path<(String, String)>,
    Query(begun): Query<Begun>,
) -> Answer {
    let kind = kind_of(&kind)?;
    let installation = app.service::<Catalog>()?.installation();
    let entry = installation.entry(kind, &code);
    let entry = entry.ok_or_else(Problem::not_found)?;
    let history = history(&app, kind, &code).await?;
    let then = history
        .iter()
        .find(|change| Some(change.number) == begun.number);
    let body = then.map_or(&entry.body, |change| &change.body);
    let typed = fields::typed_as(kind, body);
    render(&app, (&ctx, page), (kind, &code), typed, Default::default()).await
}

pub(super) async fn add_entry(
    state: State<App>,
    visit: Visit,
    page: Page,
    Path(kind): Path<String>,
    sent: Sent,
) -> Answer {
    act((state, visit, page), Act::Add, (kind, String::new()), sent).await
}

pub(super) async fn change_entry(
    state: State<App>,
    visit: Visit,
    page: Page,
    Path(path): Path<(String, String)>,
    sent: Sent,
) -> Answer {
    act((state, visit, page), Act::Change, path, sent).await
}

pub(super) async fn end_entry(
    state: State<App>,
    visit: Visit,
    page: Page,
    Path(path): Path<(String, String)>,
    sent: Sent,
) -> Answer {
    act((state, visit, page), Act::End, path, sent).await
}

pub(super) async fn restore_entry(
    state: State<App>,
    visit: Visit,
    page: Page,
    Path(path): Path<(String, String)>,
    sent: Sent,
) -> Answer {
    act((state, visit, page), Act::Restore, path, sent).await
}

async fn act(
    (State(app), Visit(ctx), page): (State<App>, Visit, Page),
    act: Act,
    (kind, code): (String, String),
    Form(sent): Sent,
) -> Answer {
    let kind = kind_of(&kind)?;
    let (catalog, identity) = (app.service::<Catalog>()?, app.service::<Identity>()?);
    let (reads, rights) = (app.service::<ReadLog>()?, app.service::<Rights>()?);
    let mut typed = Typed::of(sent);
    let wish = Wish {
        act,
        kind,
        code: code.clone(),
        reason: typed.text("reason").to_owned(),
        seen: typed.text("seen").to_owned(),
        typed: typed.clone(),
    };
    let by = (&*identity, reads.key());
    match change(app.db(), &catalog, by, (&ctx, &rights.names()), wish).await {
        Ok(code) => {
            let address = format!("{PATH}/{}/{code}", kind.code());
            let mut response = Redirect::to(&address).into_response();
            Flash::done(done(act)).tell(&mut response, &app);
            Ok(response)
        }
        Err(problem) => {
            let told = mendable(problem)?;
            catalog.refresh(app.db(), ctx.now.date()).await?;
            if matches!(act, Act::End | Act::Restore) {
                let installation = catalog.installation();
                let entry = installation.entry(kind, &code);
                let body = entry.map_or(&Json::Null, |entry| &entry.body);
                let reason = typed.text("reason").to_owned();
                typed = fields::typed_as(kind, body);
                typed.set("reason", reason);
            }
            render(&app, (&ctx, page), (kind, &code), typed, told).await
        }
    }
}

fn done(act: Act) -> &'static str {
    match act {
        Act::Add => "已新增，马上生效",
        Act::Change => "已修改，马上生效",
        Act::End => "已撤销；原来用到它的地方照样显示",
        Act::Restore => "已恢复，马上生效",
    }
}

async fn history(app: &App, kind: EntryKind, code: &str) -> tongban_base::Result<Vec<EntryChange>> {
    let read = app.db().read((kind, code.to_owned()), |tx, (kind, code)| {
        Box::pin(entry_history(tx, *kind, code))
    });
    read.await
}

async fn render(
    app: &App,
    (ctx, page): (&Ctx, Page),
    (kind, code): (EntryKind, &str),
    typed: Typed,
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let rights = app.service::<Rights>()?;
    let installation = catalog.installation();
    let entry = installation.entry(kind, code);
    let (state, seed) = match entry {
        Some(entry) => (entry.state, entry.seed.is_some()),
        None => (EntryState::Changed, false),
    };
    let title = match entry {
        Some(entry) => list::name(kind, &entry.body),
        None => format!("新增{}", words(kind).1),
    };
    let may_change = may_change(ctx, kind).is_ok();
    let list = format!("{PATH}/{}", kind.code());
    let history = match entry {
        Some(_) => history(app, kind, code).await?,
        None => Vec::new(),
    };
    let view = EntryPage {
        page: page.titled(&title),
        crumbs: vec![Link::new(words(kind).0, &list), Link::new(&title, "")],
        title,
        code: code.to_owned(),
        action: match code {
            "" => list.clone(),
            code => format!("{list}/{code}"),
        },
        cancel: list.clone(),
        is_new: entry.is_none(),
        is_ended: state == EntryState::Ended,
        may_change,
        may_end: may_change && entry.is_some() && kind != EntryKind::Year,
        restore: match (state, seed) {
            (EntryState::Changed, true) => "改回业务包带来的内容",
            (EntryState::Ended, _) => "恢复使用",
            (EntryState::Changed | EntryState::Seeded, _) => "",
        },
        seen: entry.map_or_else(String::new, tongban_packs::Entry::seen),
        fields: fields::of(&installation, (kind, entry.is_none()), &typed, &rights.0),
        reason: typed.text("reason").to_owned(),
        faults,
        tone: Tone::Late,
        holders: holders(app, &installation, kind, code).await?,
        is_role: kind == EntryKind::Role && entry.is_some(),
        history: history
            .iter()
            .map(|change| history_row(&installation, &list, change))
            .collect(),
    };
    Ok((status, Html(view.render()?)).into_response())
}

async fn holders(
    app: &App,
    installation: &Arc<Installation>,
    kind: EntryKind,
    code: &str,
) -> tongban_base::Result<Vec<(String, usize)>> {
    if kind != EntryKind::Role || code.is_empty() {
        return Ok(Vec::new());
    }
    let input = (app.service::<Identity>()?, code.to_owned());
    let read = app.db().read(input, |tx, (identity, code)| {
        Box::pin(identity.holders_of(tx, code))
    });
    let named = |(organisation, count): (String, usize)| {
        let known = installation.organisation(&organisation);
        let name = known.map_or(organisation.clone(), |known| known.name.clone());
        (name, count)
    };
    Ok(read.await?.into_iter().map(named).collect())
}

fn history_row(installation: &Installation, list: &str, change: &EntryChange) -> HistoryRow {
    let EntryChange { kind, body, .. } = change;
    HistoryRow {
        at: change.at.words(),
        by: change.by.clone(),
        did: match change.state {
            EntryState::Changed => "内容改为",
            EntryState::Ended => "撤销",
            EntryState::Seeded => "改回业务包的内容",
        },
        says: format!(
            "{}，{}",
            list::name(*kind, body),
            fields::says(installation, *kind, body)
        ),
        reason: change.reason.clone(),
        take: format!("{list}/{}?number={}", change.code, change.number),
    }
}
