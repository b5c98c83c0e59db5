//! Beginning: what an officer may start, and the button of a guide.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{FieldError, Problem, Timestamp, Uuid};
use tongban_ui::{Answer, App, Highlight, Page, Visit};

use super::input::Fields;
use super::place::Place;
use super::views::{StartPage, StartRow};
use crate::desk::Desk;
use crate::service::applying::{Application, open_application};
use crate::service::beginning::{begin_about, begin_application};
use crate::service::guides::shown;
use crate::service::starting::startable;

pub async fn list(State(app): State<App>, Visit(ctx): Visit, page: Page) -> Answer {
    let desk = app.service::<Desk>()?;
    let rows = startable(&desk, &ctx).into_iter().map(|offered| {
        let office = desk.catalog.organisation(&offered.face.organisation);
        StartRow {
            code: offered.code.clone(),
            name: offered.face.name.clone(),
            office: office.map_or_else(String::new, |office| office.name.clone()),
            register: offered.face.about.clone().unwrap_or_default(),
        }
    });
    let view = StartPage {
        rows: rows.collect(),
        page: page.titled("发起办理"),
    };
    Ok(Html(view.render()?).into_response())
}

/// `about` is the id of the record, where the procedure is about one.
pub async fn begin(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(code): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let about = record(&fields.text("about"))?;
    let draft = begin_about(&desk, &ctx, &code, about).await?;
    Ok(Redirect::to(&Place::of_officers(true).draft(draft)).into_response())
}

pub(super) fn record(text: &str) -> Result<Option<Uuid>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let words = format!("“{text}”不是记录的编号");
        Problem::fields(vec![FieldError::new("/about", "unreadable", words)])
    })
}

/// A citizen begins with the button of a guide.
pub async fn apply(State(app): State<App>, Visit(ctx): Visit, Path(code): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let draft = begin_application(&desk, &ctx, &code).await?;
    let application = open_application(&desk, &ctx, draft).await?;
    if !application.is_proven() {
        return Ok(Redirect::to("/me/real-name").into_response());
    }
    Ok(Redirect::to(&Place::of(&application).draft(draft)).into_response())
}

/// The same for whoever was sent to log in by the button, and comes back from there. A link of another site only
/// shows the guide: following it must change nothing.
pub async fn apply_after_login(
    app: State<App>,
    visit: Visit,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let item = desk.catalog.offered(&code, app.now().date())?;
    if tongban_ui::comes_from_our_pages(&headers) {
        return apply(app, visit, Path(code)).await;
    }
    Ok(Redirect::to(&format!("/items/{}", item.code)).into_response())
}

/// What is to be read before the first page: records that a register publishes for this procedure.
pub(super) async fn guides(
    desk: &Desk,
    application: &Application,
    now: Timestamp,
) -> Result<Vec<Highlight>, Problem> {
    let pages = shown(desk, application, now).await?;
    let shown = pages.into_iter().map(|page| Highlight {
        title: page.title,
        text: page.paragraphs.join("\n"),
        href: page.href,
        ..Highlight::default()
    });
    Ok(shown.collect())
}
