//! The office's side: a case with its task, the clock.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde_json::Value as Json;
use tongban_base::{Ctx, FieldError, Kind, Permission, Problem, Result};
use tongban_flows::{Asks, Task};
use tongban_forms::{FieldProblem, ReadOptions, read_problems};
use tongban_items::{Facts, ItemRelease, MaterialSource};
use tongban_ui::view::{Choice, Link};
use tongban_ui::{Answer, App, Page, Visit};

use super::input::Fields;
use super::mine::{download, letter};
use super::views::{OfficeCasePage, TaskView, decisions, document_item, material_view};
use super::words::{badge, clock_view, events_view};
use crate::desk::Desk;
use crate::model::{CaseId, Correction, Mend, Status};
use crate::permissions;
use crate::service::admission::{Admission, WAYS_ON, admission_of};
use crate::service::applying::values_of;
use crate::service::pause::{ClockChange, change_clock, no_extension};
use crate::service::view::{CaseView, material_content, open_case};
use crate::service::work::{
    Decision, complete_task, return_case, steps_to_return, task_of, tasks_of,
};

const PHRASES: [&str; 4] = [
    "材料齐全，符合法定形式",
    "符合许可条件，拟同意",
    "同意",
    "材料不清晰，请重新上传",
];

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    render(&desk, &ctx, page, id.parse()?, "", &[], &[]).await
}

async fn render(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    id: CaseId,
    opinion: &str,
    problems: &[FieldProblem],
    errors: &[FieldError],
) -> Answer {
    let view = open_case(desk, ctx, id).await?;
    let tasks = tasks_of(desk, id).await?;
    let mine = tasks.iter().find(|t| ctx.actor.has_role(&t.role));
    let task = match mine {
        Some(task) => Some(task_view(desk, ctx, &view.release, task).await?),
        None => None,
    };
    let admission = admission_of(desk, ctx, &view).await?;
    let html = page_of(
        desk,
        ctx,
        page,
        view,
        admission,
        tasks.as_slice(),
        task,
        opinion,
        problems,
        errors,
    )?
    .render()?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((status, Html(html)).into_response())
}

async fn task_view(desk: &Desk, ctx: &Ctx, release: &ItemRelease, task: &Task) -> Result<TaskView> {
    let may_return = ctx
        .actor
        .staff
        .as_ref()
        .is_some_and(|s| s.permissions.contains("case.return"));
    let steps = if may_return {
        steps_to_return(desk, release, task).await?
    } else {
        Vec::new()
    };
    Ok(TaskView {
        id: task.id.to_string(),
        name: task.name.clone(),
        decisions: decisions(task),
        may_correct: task.decisions.iter().any(asks_correction),
        may_return: !steps.is_empty(),
        steps: steps
            .into_iter()
            .map(|(element, name)| Choice::new(element, name, false))
            .collect(),
    })
}

#[expect(
    clippy::too_many_arguments,
    reason = "one page, put together from its parts"
)]
fn page_of(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    view: CaseView,
    admission: Admission,
    tasks: &[Task],
    task: Option<TaskView>,
    opinion: &str,
    problems: &[FieldProblem],
    errors: &[FieldError],
) -> Result<OfficeCasePage> {
    let base = format!("/workbench/cases/{}", view.case.id);
    let facts = Facts::answers_only(
        view.case.answers.clone(),
        desk.catalog.settings(),
        ctx.now.date(),
    );
    let options = ReadOptions {
        mask: true,
        markable: task.as_ref().is_some_and(|t| t.may_correct),
        problems,
    };
    let form = view
        .release
        .form()
        .read_view(&values_of(&view.case.form), &options)
        .html()?;
    let may = |right: Permission| {
        let staff = ctx.actor.staff.as_ref();
        staff.is_some_and(|s| s.permissions.contains(right.0))
    };
    let decidable = view.case.status == Status::Accepted;
    let waiting = tasks.iter().map(|t| t.name.clone()).collect();
    Ok(OfficeCasePage {
        page: page.titled(&view.case.item_name),
        crumbs: vec![
            Link::new("办件", "/workbench/cases"),
            Link::new(&view.case.number, ""),
        ],
        sub: format!("{}　办件编号 {}", view.case.applicant, view.case.number),
        badge: badge(&view.case),
        clock: clock_view(&view.clock, ctx.now),
        events: events_view(&view.events, true),
        form,
        materials: view
            .release
            .materials(&facts)
            .into_iter()
            .filter(|m| m.source != MaterialSource::Form)
            .map(|m| material_view(m, &view.files, &format!("{base}/files"), "", "", errors))
            .collect(),
        documents: view
            .documents
            .iter()
            .map(|d| document_item(d, &format!("{base}/documents")))
            .collect(),
        waiting,
        phrases: PHRASES.to_vec(),
        opinion: opinion.to_owned(),
        opinion_error: errors
            .iter()
            .find(|e| e.pointer == "/opinion")
            .map(|e| e.message.clone())
            .unwrap_or_default(),
        errors: errors.to_vec(),
        may_suspend: may(permissions::SUSPEND) && (decidable || view.case.paused.is_some()),
        may_extend: may(permissions::EXTEND) && decidable,
        no_extension: no_extension(&view.case, &view.clock).unwrap_or_default(),
        paused: view.case.paused.clone().unwrap_or_default(),
        procedures: procedures(desk),
        admission,
        ways_on: WAYS_ON,
        broken_at: view.broken_at,
        unread_at: view.unread_at(),
        task,
        case: view.case,
    })
}

/// The kinds of special procedures are a setting of the office.
fn procedures(desk: &Desk) -> Vec<Choice> {
    let settings = desk.catalog.settings();
    let kinds = settings
        .get("special_procedure_kinds")
        .and_then(Json::as_array)
        .cloned()
        .unwrap_or_default();
    kinds
        .iter()
        .filter_map(Json::as_str)
        .map(|k| Choice::new(k, k, false))
        .collect()
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
    let (decision, problems) = match decision(&desk, &ctx, &task, case, &fields).await {
        Ok(read) => read,
        Err(problem) if problem.kind() == Kind::Invalid => {
            return render(
                &desk,
                &ctx,
                page,
                case,
                &fields.text("opinion"),
                &[],
                problem.field_errors(),
            )
            .await;
        }
        Err(problem) => return Err(problem.into()),
    };
    match complete_task(&desk, &ctx, task.id, decision).await {
        Ok(_) => Ok(Redirect::to(&format!("/workbench/cases/{case}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            render(
                &desk,
                &ctx,
                page,
                case,
                &fields.text("opinion"),
                &problems,
                problem.field_errors(),
            )
            .await
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn decision(
    desk: &Desk,
    ctx: &Ctx,
    task: &Task,
    case: CaseId,
    fields: &Fields,
) -> Result<(Decision, Vec<FieldProblem>)> {
    let name = fields.text("decision");
    let opinion = fields.text("opinion");
    let choice = task.decisions.iter().find(|d| d.name == name);
    if !choice.is_some_and(asks_correction) {
        let decision = Decision {
            decision: name,
            opinion,
            correction: None,
        };
        return Ok((decision, Vec::new()));
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
    let decision = Decision {
        decision: name,
        opinion,
        correction: Some(correction),
    };
    Ok((decision, problems))
}

fn asks_correction(decision: &tongban_flows::Decision) -> bool {
    decision.asks == Some(Asks::Correction)
}

/// `material.CODE` holds what is wrong with a material.
fn wrong_materials(view: &CaseView, fields: &Fields) -> Vec<Mend> {
    view.release
        .item()
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
    match return_case(&desk, &ctx, task.id, to, fields.text("reason")).await {
        Ok(_) => Ok(Redirect::to(&format!("/workbench/cases/{case}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            render(&desk, &ctx, page, case, "", &[], problem.field_errors()).await
        }
        Err(problem) => Err(problem.into()),
    }
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
    let change = match fields.text("change").as_str() {
        "pause" => ClockChange::Pause {
            name: fields.text("name"),
            reason: fields.text("reason"),
            days: fields.text("expected").parse().unwrap_or(0),
        },
        "resume" => ClockChange::Resume,
        "extend" => ClockChange::Extend {
            days: fields.text("days").parse().unwrap_or(0),
            reason: fields.text("reason"),
        },
        _ => return Err(Problem::not_found().into()),
    };
    match change_clock(&desk, &ctx, case, change).await {
        Ok(()) => Ok(Redirect::to(&format!("/workbench/cases/{case}")).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            render(&desk, &ctx, page, case, "", &[], problem.field_errors()).await
        }
        Err(problem) => Err(problem.into()),
    }
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
