//! One decision for many tasks, where the flow allows it: each is decided for itself, and what became of each is told.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_flows::TaskId;
use tongban_ui::view::Link;
use tongban_ui::{Answer, App, Page, Visit};

use super::input::Fields;
use super::queue::{back_to, wish_in};
use crate::desk::Desk;
use crate::model::CaseId;
use crate::service::view::list_line;
use crate::service::work::{Decision, complete_task, task_of};

/// So many can be decided at once.
const MOST: usize = 100;

/// What became of one.
pub struct Outcome {
    pub href: String,
    pub number: String,
    pub applicant: String,
    pub item: String,
    /// Why it could not be decided; empty where it was.
    pub fault: String,
}

#[derive(Template)]
#[template(path = "office_batch.html")]
struct BatchPage {
    page: Page,
    back: Link,
    label: String,
    done: usize,
    outcomes: Vec<Outcome>,
}

pub async fn decide(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let chosen = fields.0.iter().filter(|(name, _)| name == "task");
    let chosen: BTreeSet<&str> = chosen.map(|(_, id)| id.as_str()).collect();
    let fault = |words: String| Problem::fields(vec![FieldError::new("/task", "required", words)]);
    if chosen.is_empty() {
        return Err(fault("请先勾选要一起办理的任务".to_owned()).into());
    }
    if chosen.len() > MOST {
        let words = format!("一次最多办理 {MOST} 件，现在选了 {} 件", chosen.len());
        return Err(fault(words).into());
    }
    let (name, opinion) = (fields.text("decision"), fields.text("opinion"));
    let (mut outcomes, mut label) = (Vec::new(), String::new());
    for id in chosen {
        let wish = (name.as_str(), opinion.as_str());
        outcomes.push(one(&desk, &ctx, id.parse()?, wish, &mut label).await?);
    }
    let done = outcomes.iter().filter(|one| one.fault.is_empty()).count();
    outcomes.sort_by_key(|one| one.fault.is_empty());
    let shown = BatchPage {
        page: page.titled("批量办理结果"),
        back: Link::new("返回待办任务", back_to(&wish_in(&fields.text("from")))),
        label,
        done,
        outcomes,
    };
    Ok(Html(shown.render()?).into_response())
}

/// What cannot be done is told beside the others; only a fault of the house ends all.
async fn one(
    desk: &Desk,
    ctx: &Ctx,
    id: TaskId,
    (name, opinion): (&str, &str),
    label: &mut String,
) -> Result<Outcome> {
    let task = task_of(desk, id).await?;
    let case: CaseId = task.subject.parse()?;
    let choice = task.decisions.iter().find(|choice| choice.name == name);
    let outcome = match choice.filter(|choice| choice.batch) {
        Some(choice) => {
            label.clone_from(&choice.label);
            let decision = Decision {
                decision: name.to_owned(),
                opinion: opinion.to_owned(),
                ..Decision::default()
            };
            complete_task(desk, ctx, id, decision).await.map(drop)
        }
        None => Err(Problem::invalid(
            "case.not_in_batch",
            "这个决定不能批量办理，请打开办件单独办理",
        )),
    };
    let fault = match outcome {
        Ok(()) => String::new(),
        Err(problem) if problem.kind() == Kind::Internal => return Err(problem),
        Err(problem) => words(&problem),
    };
    let line = list_line(desk, ctx, case).await?;
    Ok(Outcome {
        href: format!("/workbench/cases/{case}"),
        number: line
            .as_ref()
            .map_or_else(String::new, |line| line.number.clone()),
        applicant: line
            .as_ref()
            .map_or_else(String::new, |line| line.applicant.clone()),
        item: line.map_or_else(|| task.name.clone(), |line| line.item_name),
        fault,
    })
}

fn words(problem: &Problem) -> String {
    let first = problem.field_errors().first();
    first
        .map_or(problem.message(), |fault| &fault.message)
        .to_owned()
}
