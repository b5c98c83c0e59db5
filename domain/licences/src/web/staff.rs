//! Licences on the workbench: search, record with history, revoking.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use tongban_base::{Ctx, FieldError, Kind, Problem};
use tongban_store::Cursor;
use tongban_ui::view::{Badge, Choice, Event, Link, Pager};
use tongban_ui::{Answer, App, Page, Visit};

use super::views::{LicenceRow, badge, history, validity};
use crate::licences::Licences;
use crate::model::{LicenceId, Status};
use crate::permissions;
use crate::service::search::LicenceQuery;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    kind: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "staff_licences.html")]
struct ListPage {
    page: Page,
    words: String,
    kinds: Vec<Choice>,
    rows: Vec<LicenceRow>,
    pager: Pager,
}

pub(super) async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(asked): Query<Asked>,
    page: Page,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let query = LicenceQuery {
        words: asked.q.clone(),
        kind: asked.kind.clone(),
        cursor: Cursor::from_query(asked.after.as_deref())?,
    };
    let found = licences.search(&ctx, &query).await?;
    let kinds = licences.types().iter();
    let view = ListPage {
        kinds: kinds
            .map(|k| Choice::new(k.code.clone(), k.title.clone(), k.code == asked.kind))
            .collect(),
        pager: Pager::of(&page.path, &found, None),
        rows: found
            .rows
            .iter()
            .map(|l| LicenceRow::of(l, ctx.now.date()))
            .collect(),
        words: asked.q,
        page: page.titled("证照查询"),
    };
    Ok(Html(view.render()?).into_response())
}

#[derive(Template)]
#[template(path = "staff_licence.html")]
struct RecordPage {
    page: Page,
    crumbs: Vec<Link>,
    badge: Badge,
    row: LicenceRow,
    identifier: String,
    version: i64,
    validity: String,
    events: Vec<Event>,
    may_revoke: bool,
    basis: String,
    reason: String,
    errors: Vec<FieldError>,
}

impl RecordPage {
    fn error(&self, name: &str) -> String {
        let found = self.errors.iter().find(|e| e.pointer == format!("/{name}"));
        found.map(|e| e.message.clone()).unwrap_or_default()
    }
}

async fn record(app: &App, ctx: &Ctx, id: LicenceId, page: Page) -> Result<RecordPage, Problem> {
    let licences = app.service::<Licences>()?;
    let open = licences.open(ctx, id).await?;
    let events = licences.history(ctx, id).await?;
    let status = open.licence.status_on(ctx.now.date());
    let rights = ctx.actor.staff.as_ref().map(|s| &s.permissions);
    let may_revoke = rights.is_some_and(|r| r.contains(permissions::REVOKE.0));
    Ok(RecordPage {
        crumbs: vec![
            Link::new("证照查询", "/workbench/licences"),
            Link::new(open.licence.number.clone(), ""),
        ],
        badge: badge(status),
        row: LicenceRow::of(&open.licence, ctx.now.date()),
        identifier: open.edition.identifier.clone(),
        version: open.licence.version,
        validity: validity(&open.licence),
        events: history(&events),
        may_revoke: may_revoke && matches!(status, Status::Valid | Status::Expired),
        basis: String::new(),
        reason: String::new(),
        errors: Vec::new(),
        page: page.titled(open.licence.title.clone()),
    })
}

pub(super) async fn detail(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    page: Page,
) -> Answer {
    let view = record(&app, &ctx, id.parse()?, page).await?;
    Ok(Html(view.render()?).into_response())
}

#[derive(Deserialize)]
pub(super) struct Revocation {
    #[serde(default)]
    basis: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn revoke(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    page: Page,
    Form(given): Form<Revocation>,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let id: LicenceId = id.parse()?;
    let revoked = licences
        .revoke_licence(&ctx, id, &given.basis, &given.reason)
        .await;
    match revoked {
        Ok(()) => Ok(Redirect::to(&format!("/workbench/licences/{id}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let mut view = record(&app, &ctx, id, page).await?;
            view.basis = given.basis;
            view.reason = given.reason;
            view.errors = problem.field_errors().to_vec();
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(view.render()?)).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}
