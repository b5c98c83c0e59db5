//! Cases as JSON.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_base::{FieldError, Problem, Result};
use tongban_store::Cursor;
use tongban_ui::{Answer, App, Visit};

use super::principal::mandate;
use super::starting::record;
use crate::audit;
use crate::desk::{Desk, known};
use crate::model::CaseLine;
use crate::service::applying::{open_application, save_answers, save_form};
use crate::service::beginning;
use crate::service::submit::submit_case;
use crate::service::view::{Whose, list_cases, open_case, own_cases};
use crate::store::case_filter::CaseFilter;

const PAGE: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginInput {
    item: String,
    /// The record that it is about.
    #[serde(default)]
    about: String,
    /// The mandate by which it is begun for somebody else.
    #[serde(default, rename = "for")]
    mandate: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaveInput {
    #[serde(default)]
    answers: Option<Value>,
    #[serde(default)]
    form: Option<Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ListInput {
    status: String,
    q: String,
    after: String,
    own: Own,
}

/// Of an officer: the cases of the office, those that he has filed, or those of his unit.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Own {
    #[default]
    Office,
    Mine,
    Unit,
    Window,
}

/// A body that is not what the route takes is told as invalid input.
pub(super) fn body<T>(input: std::result::Result<Json<T>, JsonRejection>) -> Result<T> {
    match input {
        Ok(Json(value)) => Ok(value),
        Err(cause) => {
            let words = format!("请求内容不是这个接口要的 JSON：{}", cause.body_text());
            Err(Problem::invalid("input.unreadable", words))
        }
    }
}

pub async fn begin(
    State(app): State<App>,
    Visit(ctx): Visit,
    input: std::result::Result<Json<BeginInput>, JsonRejection>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let input = body(input)?;
    let of = (record(&input.about)?, mandate(&input.mandate)?);
    let draft = beginning::begin(&desk, &ctx, &input.item, of).await?;
    Ok(Json(json!({ "draft": draft })).into_response())
}

pub async fn save(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    input: std::result::Result<Json<SaveInput>, JsonRejection>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let input = body(input)?;
    let draft = id.parse()?;
    let mut application = match input.answers {
        Some(answers) => save_answers(&desk, &ctx, draft, &pairs(&answers)).await?,
        None => open_application(&desk, &ctx, draft).await?,
    };
    let mut errors: Vec<FieldError> = Vec::new();
    if let Some(form) = input.form {
        application = save_form(&desk, &ctx, draft, &form).await?;
        let read = application
            .release
            .form()
            .read(&application.draft.form, &known(&application.facts));
        errors = read.err().unwrap_or_default();
    }
    let errors: Vec<Value> = errors
        .iter()
        .map(|e| json!({ "pointer": e.pointer, "code": e.code, "detail": e.message }))
        .collect();
    Ok(Json(json!({ "errors": errors, "refusals": application.refusals() })).into_response())
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let map = value.as_object();
    map.into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

pub async fn submit(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let done = submit_case(&desk, &ctx, id.parse()?).await?;
    Ok(
        Json(json!({ "case": done.case, "number": done.number, "fresh": done.fresh }))
            .into_response(),
    )
}

pub async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(input): Query<ListInput>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let filter = CaseFilter {
        status: input.status,
        words: input.q,
        at: Cursor::from_query(Some(&input.after))?,
        limit: PAGE,
        ..CaseFilter::default()
    };
    let cases = match input.own {
        Own::Office => list_cases(&desk, &ctx, filter).await?,
        Own::Mine => own_cases(&desk, &ctx, Whose::Own, filter).await?,
        Own::Unit => own_cases(&desk, &ctx, Whose::Unit, filter).await?,
        Own::Window => own_cases(&desk, &ctx, Whose::Window, filter).await?,
    };
    let next = cases.next.as_ref().map(Cursor::encode);
    let rows: Vec<Value> = cases.rows.iter().map(row).collect();
    Ok(Json(json!({ "cases": rows, "next": next })).into_response())
}

fn row(case: &CaseLine) -> Value {
    json!({
        "id": case.id, "number": case.number, "item": case.item_code, "item_name": case.item_name,
        "status": case.status, "submitted_at": case.submitted_at.rfc3339(), "due_on": case.due_on,
        "result": case.result,
        "agent": case.agent.as_ref().map(|agent| json!({ "name": agent.name, "for": agent.principal })),
    })
}

pub async fn show(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = open_case(&desk, &ctx, id.parse()?).await?;
    let mut shown = row(&view.case.line());
    // As on the page: what officers are told among themselves is not the applicant's.
    let inside = ctx.actor.staff.is_some();
    let is_shown = |kind: &str| inside || kind != audit::URGED.name;
    let events = view.events.iter().filter(|e| is_shown(&e.kind));
    let events: Vec<Value> = events
        .map(|e| json!({ "seq": e.seq, "at": e.at.rfc3339(), "kind": e.kind }))
        .collect();
    shown["clock"] = serde_json::to_value(&view.clock).map_err(Problem::from)?;
    shown["events"] = Value::from(events);
    shown["release"] = json!(view.case.release);
    Ok(Json(shown).into_response())
}
