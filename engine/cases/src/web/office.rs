//! What officers do on the page of a case: decide, send back, stop and move the clock. What cannot be done is shown
//! with the page, as it was typed.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_flows::{Asks, Task, TaskId};
use tongban_forms::read_problems;
use tongban_ui::{Answer, App, Page, Visit, download};

use super::ask::{Press, Question, ask, with_reasons};
use super::input::Fields;
use super::mine::letter;
use super::office_page::render;
use super::onward::after;
use super::sent::{Sent, Sheet};
use crate::desk::Desk;
use crate::entered::{self, FIELD};
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
    render(&desk, &ctx, page, id.parse()?, task, (&query, None)).await
}

/// A form was sent: its address asks for nothing.
pub(super) fn asked() -> HashMap<String, String> {
    HashMap::new()
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
    let fields = with_reasons(fields);
    let press = Press::of(&fields);
    let fields = fields.with("decision", press.decision().to_owned());
    if press == Press::Back {
        return render(
            &desk,
            &ctx,
            page,
            case,
            Some(task.id),
            (&asked(), Some(Sent::undecided(&fields))),
        )
        .await;
    }
    let outcome = match decision(&desk, &ctx, &task, case, &fields).await {
        Ok(decision) => {
            let question = question(&desk, &ctx, &task, &press, &fields).await;
            match question {
                Some(question) => {
                    let asked = ask((&desk, &ctx), page.clone(), &task, decision, question).await;
                    match asked {
                        Ok(answer) => return answer,
                        Err(problem) => Err(problem),
                    }
                }
                None => complete_task(&desk, &ctx, task.id, decision).await,
            }
        }
        Err(problem) => Err(problem),
    };
    let Err(problem) = outcome else {
        return after(&app, (&desk, &ctx), &task, &fields).await;
    };
    if let Some(question) = once_more(&task, &press, &fields, &problem) {
        let decision = decision(&desk, &ctx, &task, case, &fields).await?;
        return ask((&desk, &ctx), page, &task, decision, question).await?;
    }
    let sent = Sent::of(Sheet::Task, &fields, problem)?;
    render(
        &desk,
        &ctx,
        page,
        case,
        Some(task.id),
        (&asked(), Some(sent)),
    )
    .await
}

/// The question again, where what was written down with the decision cannot be so.
fn once_more<'a>(
    task: &'a Task,
    press: &Press,
    fields: &'a Fields,
    problem: &Problem,
) -> Option<Question<'a>> {
    let choice = task.decisions.iter().find(|d| d.name == press.decision())?;
    let faults = problem.field_errors().iter();
    let faults = faults.filter(|fault| fault.pointer.trim_start_matches('/').starts_with(FIELD));
    let faults: Vec<FieldError> = faults.cloned().collect();
    (!faults.is_empty()).then_some(Question {
        choice,
        marks: Vec::new(),
        fields,
        faults,
    })
}

/// Whether something has to be asked first: it was asked for, marks would be lost, or the opinion is not the one whose
/// letter was seen.
async fn question<'a>(
    desk: &Desk,
    ctx: &Ctx,
    task: &'a Task,
    press: &Press,
    fields: &'a Fields,
) -> Option<Question<'a>> {
    let choice = task.decisions.iter().find(|d| d.name == press.decision())?;
    let marks = match asks_correction(choice) {
        true => Vec::new(),
        false => marks(desk, ctx, task, fields).await,
    };
    let is_known = fields.text("marks") == "drop";
    let seen = fields.0.iter().any(|(name, _)| name == "seen");
    let is_other = seen && fields.text("seen") != fields.text("opinion");
    let (_, mut faults) = entered::read(choice, &entries(fields));
    let asks = matches!(press, Press::Ask(_))
        || is_other
        || (!marks.is_empty() && !is_known)
        || (!choice.entries.is_empty() && !seen)
        || !faults.is_empty();
    if !seen {
        // Nobody is told off for what was not asked yet; that it is missing keeps the question open.
        faults.iter_mut().for_each(|fault| fault.message.clear());
    }
    asks.then_some(Question {
        choice,
        marks,
        fields,
        faults,
    })
}

/// What is marked, by its title; what cannot be read is told by the decision itself.
async fn marks(desk: &Desk, ctx: &Ctx, task: &Task, fields: &Fields) -> Vec<(String, String)> {
    let is_mark = |(name, value): &(String, String)| {
        let marks = name.starts_with("problem.") || name.starts_with("material.");
        marks && !value.trim().is_empty()
    };
    if !fields.0.iter().any(is_mark) {
        return Vec::new();
    }
    let Ok(case) = task.subject.parse() else {
        return Vec::new();
    };
    let Ok(view) = open_case(desk, ctx, case).await else {
        return Vec::new();
    };
    let of_fields = read_problems(view.release.form(), &fields.0).unwrap_or_default();
    let of_fields = of_fields.into_iter().map(|p| (p.title, p.problem));
    let of_materials = wrong_materials(&view, fields).into_iter();
    of_fields
        .chain(of_materials.map(|mend| (mend.title, mend.problem)))
        .collect()
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
            entries: entries(fields),
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
        entries: entries(fields),
    })
}

/// What was written down, by the names that the flow gives.
fn entries(fields: &Fields) -> Vec<(String, String)> {
    let named = |(name, text): &(String, String)| {
        let name = name.strip_prefix(FIELD)?;
        Some((name.to_owned(), text.clone()))
    };
    fields.0.iter().filter_map(named).collect()
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
    render(
        &desk,
        &ctx,
        page,
        case,
        Some(task.id),
        (&asked(), Some(sent)),
    )
    .await
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
    render(&desk, &ctx, page, case, None, (&asked(), Some(sent))).await
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
