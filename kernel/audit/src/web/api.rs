//! `GET /api/v1/audit`

use axum::Json;
use axum::extract::{Query as UrlQuery, State};
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::{Value, json};
use tongban_store::Cursor;
use tongban_ui::{Answer, App, Visit};

use super::query::Query;
use crate::model::AuditEntry;

#[derive(Serialize)]
struct Item {
    id: String,
    at: String,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: String,
    address: String,
    request_id: String,
    event: String,
    subject_kind: String,
    subject_id: String,
    outcome: &'static str,
    detail: Value,
    sequence: Option<i64>,
}

impl From<AuditEntry> for Item {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: entry.at.rfc3339(),
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id.map(|id| id.to_string()),
            actor_name: entry.actor_name,
            address: entry.address,
            request_id: entry.request_id,
            event: entry.event,
            subject_kind: entry.subject_kind,
            subject_id: entry.subject_id,
            outcome: entry.outcome.code(),
            detail: entry.detail,
            sequence: entry.sequence,
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    UrlQuery(query): UrlQuery<Query>,
) -> Answer {
    let page = query.page(&app, &ctx).await?;
    let next = page.next.as_ref().map(Cursor::encode);
    let items: Vec<Item> = page.rows.into_iter().map(Item::from).collect();
    Ok(Json(json!({ "items": items, "next": next })).into_response())
}
