//! What an officer is told who sent a step too late and has nothing else to do with the case: how the step ended, and
//! what he typed. The case stays out of his sight.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Problem};
use tongban_flows::TaskId;
use tongban_ui::{Answer, Page};

use super::consult;
use super::sent::Sent;
use crate::desk::Desk;
use crate::model::CaseId;
use crate::service::overtaken::overtaken;
use crate::service::reading::REASON_NEEDED;

#[derive(Template)]
#[template(path = "office_overtaken.html")]
struct OvertakenPage {
    page: Page,
    alert: String,
    kept: Vec<(String, String)>,
}

/// The page for a case that an officer may not read, or may not read without a reason.
pub(super) async fn out_of_sight(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    id: CaseId,
    (wanted, sent): (Option<TaskId>, Option<Sent>),
    problem: Problem,
) -> Answer {
    if let (Some(task), Some(sent)) = (wanted, sent) {
        let found = overtaken(desk, ctx, id, task).await?;
        if let Some(found) = found {
            let shown = OvertakenPage {
                page: page.titled("没有提交成功"),
                alert: found.words,
                kept: sent.kept(&found.release),
            };
            return Ok((StatusCode::CONFLICT, Html(shown.render()?)).into_response());
        }
    }
    match problem.code() == REASON_NEEDED {
        true => consult::ask(page, id, Default::default()),
        false => Err(problem.into()),
    }
}
