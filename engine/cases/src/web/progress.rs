//! `/progress`: how a case stands, by its number and the last digits of an identity number or mobile number.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use tongban_base::{Budget, Problem};
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, FormFaults, Page, Visit, filters, mendable};

use crate::desk::Desk;
use crate::service::progress::{Asked, find_progress};

#[derive(Template)]
#[template(path = "case_progress.html")]
struct ProgressPage {
    page: Page,
    number: String,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub struct ProgressForm {
    #[serde(default)]
    number: String,
    #[serde(default)]
    digits: String,
}

pub async fn show(page: Page, Query(asked): Query<ProgressForm>) -> Answer {
    render(page, asked.number, (StatusCode::OK, FormFaults::default()))
}

pub async fn find(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Form(form): Form<ProgressForm>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let asked = Asked {
        number: form.number.clone(),
        digits: form.digits,
    };
    let found = async {
        let asked = asked.checked()?;
        // Whoever tries digits of one number is held by it, wherever he comes from.
        app.spend(Budget::Progress, &asked.number, ctx.now)?;
        let code = find_progress(&desk, &ctx, &asked).await?;
        app.give_back(Budget::Progress, &asked.number);
        Ok::<String, Problem>(code)
    };
    match found.await {
        Ok(code) => Ok(Redirect::to(&format!("/c/{code}")).into_response()),
        Err(problem) => render(page, form.number, mendable(problem)?),
    }
}

fn render(page: Page, number: String, (status, faults): (StatusCode, FormFaults)) -> Answer {
    let is_faulty = status != StatusCode::OK;
    let view = ProgressPage {
        page: page.titled(if is_faulty {
            "错误：查办理进度"
        } else {
            "查办理进度"
        }),
        number,
        faults,
        tone: Tone::Late,
    };
    Ok((status, Html(view.render()?)).into_response())
}
