//! Beginning: what an officer may start, and the button of a guide.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, FieldError, Problem, Timestamp, Uuid};
use tongban_ui::{Answer, App, Highlight, Page, Visit, markup};

use super::ended::ended_page;
use super::input::{Fields, Given};
use super::place::Place;
use super::principal::{Whom, ask_whom, whom};
use crate::desk::Desk;
use crate::service::applying::{Application, open_application, save_answers};
use crate::service::beginning::{begin_about, begin_for, refused_beforehand};
use crate::service::guides::shown;
use crate::service::starting::startable;

/// What an officer may start; with the register whose record it is about, or none.
struct StartRow {
    code: String,
    name: String,
    office: String,
    register: String,
}

#[derive(Template)]
#[template(path = "office_start.html")]
struct StartPage {
    page: Page,
    rows: Vec<StartRow>,
}

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
    page: Page,
    Path(code): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let about = record(&fields.text("about"))?;
    if let Some(refused) = refused_beforehand(&desk, &ctx, (&code, about, None), &[]).await? {
        return ended_page(&desk, page, &refused, false);
    }
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
/// The answers that were given there come along.
pub async fn apply(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    (given, fields): (Given, Fields),
) -> Answer {
    begun(&app, &ctx, page, &code, (given, &fields)).await
}

/// Whoever may act for somebody in this item says first for whom it is.
async fn begun(
    app: &App,
    ctx: &Ctx,
    page: Page,
    code: &str,
    (given, fields): (Given, &Fields),
) -> Answer {
    let desk = app.service::<Desk>()?;
    let answers = given.pairs();
    let mandate = match whom(&desk, ctx, code, fields).await? {
        Whom::Himself => None,
        Whom::Principal(mandate) => Some(mandate),
        Whom::Unsaid(powers) => {
            let of = (code, ctx.now.date());
            return ask_whom(&desk, page, of, &powers, (&answers, fields));
        }
    };
    let of = (code, None, mandate);
    if let Some(refused) = refused_beforehand(&desk, ctx, of, &answers).await? {
        return ended_page(&desk, page, &refused, false);
    }
    let draft = begin_for(&desk, ctx, code, mandate).await?;
    let application = open_application(&desk, ctx, draft).await?;
    let first = Place::of(&application).draft(draft);
    if !answers.is_empty() && application.has_no_answers() {
        save_answers(&desk, ctx, draft, &answers).await?;
    }
    if !application.is_proven() {
        let proof = markup::with_query("/me/real-name", "next", Some(&first));
        return Ok(Redirect::to(&proof).into_response());
    }
    Ok(Redirect::to(&first).into_response())
}

/// The same for whoever was sent to log in by the button, and comes back from there. A link of another site only
/// shows the guide: following it must change nothing.
pub async fn apply_after_login(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    (headers, given): (HeaderMap, Given),
    Path(code): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let item = desk.catalog.offered(&code, app.now().date())?;
    if tongban_ui::comes_from_our_pages(&headers) {
        return begun(&app, &ctx, page, &code, (given, &Fields(Vec::new()))).await;
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
