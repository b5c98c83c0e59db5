//! The page that asks an officer without a task in a case why he reads it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Kind, Problem};
use tongban_ui::{Answer, App, Page, Visit};

use super::input::Fields;
use crate::desk::Desk;
use crate::model::CaseId;
use crate::service::reading::consult_case;

#[derive(Template)]
#[template(path = "office_reason.html")]
struct ReasonPage {
    page: Page,
    case: String,
    reason: String,
    error: String,
}

pub(super) fn ask(page: Page, case: CaseId, typed: (String, String)) -> Answer {
    let (reason, error) = typed;
    let status = match error.is_empty() {
        true => StatusCode::FORBIDDEN,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = ReasonPage {
        page: page.titled("请说明查阅理由"),
        case: case.to_string(),
        reason,
        error,
    };
    Ok((status, Html(view.render()?)).into_response())
}

pub async fn state(
    app: State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (case, reason): (CaseId, String) = (id.parse()?, fields.text("reason"));
    match consult_case(&desk, &ctx, case, reason.clone()).await {
        Ok(()) => Ok(Redirect::to(&format!("/workbench/cases/{case}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let error = first(&problem);
            ask(page, case, (reason, error))
        }
        Err(problem) => Err(problem.into()),
    }
}

fn first(problem: &Problem) -> String {
    let errors = problem.field_errors().first();
    errors.map_or_else(
        || problem.message().to_owned(),
        |error| error.message.clone(),
    )
}
