//! Where an officer goes after a decision: it is told what was done, and whoever wants to go on gets the next case.

use axum::response::{IntoResponse, Redirect};
use tongban_base::Ctx;
use tongban_flows::Task;
use tongban_ui::{Answer, App, Flash};

use super::input::Fields;
use super::queue::{QUEUE, place_of, query_of, wish_in};
use crate::desk::Desk;
use crate::service::queue::{QueueRow, QueueWish, next_in_queue};

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
    let wish = wish_in(&fields.text("from"));
    let wants_next = fields.text("then") == "next";
    let (place, words) = match wants_next {
        false => (page_of(&task.subject), done),
        true => match next_in_queue(desk, ctx, &wish, task).await {
            Ok(Some(row)) => led_to(&row, &wish, &done),
            Ok(None) => at_the_end(&wish, &done),
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

fn led_to(row: &QueueRow, wish: &QueueWish, done: &str) -> (String, String) {
    let (step, number) = (&row.task.name, &row.case.number);
    let words = format!("{done}。下面是下一件：{number}，{step}");
    (place_of(row, wish), words)
}

/// Nothing else waits: the whole queue is shown, and whether it was searched in a part of it.
fn at_the_end(wish: &QueueWish, done: &str) -> (String, String) {
    let words = match query_of(wish).is_empty() {
        true => "待办里没有别的办件了",
        false => "所选条件下没有别的办件了，下面是全部待办",
    };
    (QUEUE.to_owned(), format!("{done}。{words}"))
}
