//! Divisions as JSON, for whoever needs them.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::{Value, json};
use tongban_packs::EntryKind;
use tongban_procedures::Catalog;
use tongban_store::Cursor;
use tongban_ui::{Answer, App};

use super::lists::Asked;
use crate::list;

const ROWS: usize = 200;

#[derive(Serialize)]
struct DivisionView<'d> {
    code: &'d str,
    name: &'d Value,
    level: &'d Value,
    parent: &'d Value,
    order: i64,
}

#[derive(Serialize)]
struct DivisionList<'d> {
    divisions: Vec<DivisionView<'d>>,
    next: Option<String>,
}

pub(super) fn answer() -> Value {
    json!({ "type": "object", "required": ["divisions", "next"], "properties": {
        "next": { "type": ["string", "null"] },
        "divisions": { "type": "array", "items": { "type": "object",
            "required": ["code", "name", "level", "parent", "order"], "properties": {
                "code": { "type": "string" }, "name": { "type": "string" },
                "level": { "enum": ["province", "city", "county", "town", "village"] },
                "parent": { "type": ["string", "null"] }, "order": { "type": "integer" } } } } } })
}

/// All levels unless one is asked for; those that have ended are left out.
pub(super) async fn list_divisions(State(app): State<App>, Query(asked): Query<Asked>) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let cursor = Cursor::from_query(asked.after.as_deref())?;
    let installation = catalog.installation();
    let mut found = list::whole(&installation, EntryKind::Division, &asked.query());
    found.retain(|one| !one.entry.is_ended());
    let found = list::page(found, (cursor.as_ref(), ROWS));
    let divisions = found.rows.iter().map(|one| DivisionView {
        code: one.code,
        name: &one.entry.body["name"],
        level: &one.entry.body["level"],
        parent: &one.entry.body["parent"],
        order: one.entry.body["order"].as_i64().unwrap_or_default(),
    });
    let answer = DivisionList {
        divisions: divisions.collect(),
        next: found.next.as_ref().map(Cursor::encode),
    };
    Ok(Json(answer).into_response())
}
