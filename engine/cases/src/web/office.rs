//! What officers do on the page of a case: decide, send back, stop and move the clock. What cannot be done is shown
//! with the page, as it was typed.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use tongban_base::{Ctx, Problem, Result};
use tongban_flows::{Asks, Task, TaskId};
use tongban_forms::read_problems;
use tongban_ui::{Answer, App, Page, Visit, download};

use super::input::Fields;
use super::mine::letter;
use super::office_page::render;
use super::sent::{Sent, Sheet};
use crate::desk::Desk;
use crate::model::{CaseId, Correction, Mend};
use crate::service::pause::{ClockChange, change_clock};
use crate::service::send_back::return_case;
use crate::service::view::{CaseView, material_content, open_case};
use crate::service::work::{Decision, complete_task, task_of};

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let task: Option<TaskId> = query.get("task").and_then(|id| id.parse().ok());
    render(&desk, &ctx, page, id.parse()?, task, None).await
}

pub(super) fn done(case: CaseId) -> Answer {
    Ok(Redirect::to(&format!("/workbench/cases/{case}")).into_response())
}

pub async fn complete(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let task = task_of(&desk, id.parse()?).await?;
    let case: CaseId = task.subject.parse()?;
    let outcome = match decision(&desk, &ctx, &task, case, &fields).await {
        Ok(decision) => complete_task(&desk, &ctx, task.id, decision).await,
        Err(problem) => Err(problem),
    };
    let Err(problem) = outcome else {
        return done(case);
    };
    let sent = Sent::of(Sheet::Task, &fields, problem)?;
    render(&desk, &ctx, page, case, Some(task.id), Some(sent)).await
}

async fn decision(
    desk: &Desk,
    ctx: &Ctx,
    task: &Task,
    case: CaseId,
    fields: &Fields,
) -> Result<Decision> {
    let name = fields.text("decision");
    let opinion = fields.text("opinion");
    let choice = task.decisions.iter().find(|d| d.name == name);
    if !choice.is_some_and(asks_correction) {
        return Ok(Decision {
            decision: name,
            opinion,
            correction: None,
        });
    }
    let view = open_case(desk, ctx, case).await?;
    let problems = read_problems(view.release.form(), &fields.0).map_err(Problem::fields)?;
    let correction = Correction {
        fields: problems
            .iter()
            .map(|p| Mend {
                place: p.pointer.trim_start_matches('/').to_owned(),
                title: p.title.clone(),
                problem: p.problem.clone(),
            })
            .collect(),
        materials: wrong_materials(&view, fields),
        opinion: opinion.clone(),
        ..Correction::default()
    };
    Ok(Decision {
        decision: name,
        opinion,
        correction: Some(correction),
    })
}

pub(super) fn asks_correction(decision: &tongban_flows::Decision) -> bool {
    decision.asks == Some(Asks::Correction)
}

/// `material.CODE` holds what is wrong with a material.
fn wrong_materials(view: &CaseView, fields: &Fields) -> Vec<Mend> {
    view.release
        .procedure()
        .material
        .iter()
        .filter_map(|material| {
            let problem = fields.text(&format!("material.{}", material.code));
            (!problem.is_empty()).then(|| Mend {
                place: material.code.clone(),
                title: material.name.clone(),
                problem,
            })
        })
        .collect()
}

pub async fn send_back(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let task = task_of(&desk, id.parse()?).await?;
    let case: CaseId = task.subject.parse()?;
    let to = Some(fields.text("to")).filter(|t| !t.is_empty());
    let outcome = return_case(&desk, &ctx, task.id, to, fields.text("reason")).await;
    let Err(problem) = outcome else {
        return done(case);
    };
    let sent = Sent::of(Sheet::Return, &fields, problem)?;
    render(&desk, &ctx, page, case, Some(task.id), Some(sent)).await
}

pub async fn clock(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let (sheet, change) = match fields.text("change").as_str() {
        "pause" => (
            Sheet::Pause,
            ClockChange::Pause {
                name: fields.text("name"),
                reason: fields.text("reason"),
                days: fields.text("expected").parse().unwrap_or(0),
            },
        ),
        "resume" => (Sheet::Resume, ClockChange::Resume),
        "extend" => (
            Sheet::Extend,
            ClockChange::Extend {
                days: fields.text("days").parse().unwrap_or(0),
                reason: fields.text("reason"),
            },
        ),
        _ => return Err(Problem::not_found().into()),
    };
    let Err(problem) = change_clock(&desk, &ctx, case, change).await else {
        return done(case);
    };
    let sent = Sent::of(sheet, &fields, problem)?;
    render(&desk, &ctx, page, case, None, Some(sent)).await
}

pub async fn document(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    letter(&desk, &ctx, id.parse()?, &file).await
}

pub async fn file(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (file, content) = material_content(&desk, &ctx, id.parse()?, file.parse()?).await?;
    Ok(download(&file.name, &file.media_type, content))
}
