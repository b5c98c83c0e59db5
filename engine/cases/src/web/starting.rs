//! What an officer may start, and starting it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{FieldError, Problem, Uuid};
use tongban_ui::{Answer, App, Page, Visit};

use super::input::Fields;
use super::place::Place;
use super::views::{StartPage, StartRow};
use crate::desk::Desk;
use crate::service::applying::begin_about;
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
