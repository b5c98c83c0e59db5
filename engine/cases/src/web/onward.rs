//! Where an officer goes after a decision: it is told what was done, and whoever wants to go on gets the next case.

use axum::response::{IntoResponse, Redirect};
use tongban_base::Ctx;
use tongban_flows::Task;
use tongban_ui::{Answer, App, Flash};

use super::input::Fields;
use crate::desk::Desk;
use crate::service::work::{QueueRow, next_in_queue};

/// After a decision has been made. Whatever cannot be read now does not undo that: the case itself is shown.
pub(super) async fn after(
    app: &App,
    (desk, ctx): (&Desk, &Ctx),
    task: &Task,
    fields: &Fields,
) -> Answer {
    let name = fields.text("decision");
    let choice = task.decisions.iter().find(|d| d.name == name);
    let done = choice.map_or_else(String::new, |choice| format!("已办：{}", choice.label));
    let wants_next = fields.text("then") == "next";
    let (place, words) = match wants_next {
        false => (page_of(&task.subject), done),
        true => match next_in_queue(desk, ctx, task).await {
            Ok(Some(row)) => led_to(&row, &done),
            Ok(None) => (
                "/workbench".to_owned(),
                format!("{done}。待办里没有别的办件了"),
            ),
            Err(problem) => {
                tracing::warn!(%problem, "the next case could not be found");
                (page_of(&task.subject), done)
            }
        },
    };
    let mut answer = Redirect::to(&place).into_response();
    Flash::done(words).tell(&mut answer, app);
    Ok(answer)
}

fn page_of(case: &str) -> String {
    format!("/workbench/cases/{case}")
}

fn led_to(row: &QueueRow, done: &str) -> (String, String) {
    let place = format!("{}?task={}", page_of(&row.task.subject), row.task.id);
    let (step, number) = (&row.task.name, &row.case.number);
    (place, format!("{done}。下面是下一件：{number}，{step}"))
}
