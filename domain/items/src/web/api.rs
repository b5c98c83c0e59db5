//! The directory as JSON.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde_json::json;
use tongban_base::Problem;
use tongban_procedures::{Audience, Catalog, Facts};
use tongban_store::Cursor;
use tongban_ui::{Answer, App};

use super::pages::{ROWS, SearchInput, known_pages};
use crate::Directory;

pub async fn list_items(State(app): State<App>, Query(input): Query<SearchInput>) -> Answer {
    let directory = app.service::<Directory>()?;
    let cursor = Cursor::from_query(Some(&input.after))?;
    let (query, today) = (input.into_query(), app.now().date());
    let (found, _) = directory.page(&query, today, (cursor.as_ref(), ROWS));
    let items: Vec<_> = found
        .rows
        .iter()
        .map(|entry| {
            let (code, item) = (&entry.offered.code, &entry.offered.face);
            json!({
                "code": code, "name": item.name, "summary": entry.guide.summary, "act": item.act,
                "family": item.family_title, "release": entry.offered.hash,
                "statutory_days": item.limits.statutory, "promised_days": item.limits.promised,
            })
        })
        .collect();
    let next = found.next.as_ref().map(Cursor::encode);
    Ok(Json(json!({ "items": items, "next": next })).into_response())
}

/// So many lines stand under a field while somebody types.
const SUGGESTED: usize = 6;

pub async fn suggest_items(State(app): State<App>, Query(input): Query<SearchInput>) -> Answer {
    let directory = app.service::<Directory>()?;
    let (query, today) = (input.into_query(), app.now().date());
    if query.words.trim().is_empty() {
        return Ok(Json(json!({ "suggestions": [] })).into_response());
    }
    let pages = known_pages(&app, &directory, &query.words).into_iter();
    let pages = pages.map(|page| json!({ "title": page.title, "href": page.path }));
    let (found, _) = directory.page(&query, today, (None, SUGGESTED));
    let items = found.rows.iter().map(|entry| {
        let (code, item) = (&entry.offered.code, &entry.offered.face);
        json!({ "title": item.name, "href": format!("/items/{code}") })
    });
    let all: Vec<_> = pages.chain(items).take(SUGGESTED).collect();
    Ok(Json(json!({ "suggestions": all })).into_response())
}

pub async fn show_item(State(app): State<App>, Path(code): Path<String>) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let today = app.now().date();
    let offered = catalog.offered(&code, today)?;
    if offered.face.audience != Audience::Public {
        return Err(Problem::not_found().into());
    }
    let release = catalog.released(app.db(), &offered.hash).await?;
    let facts = Facts::answers_only(json!({}), catalog.settings(), today);
    Ok(Json(json!({
        "item": release.procedure(),
        "release": release.hash(),
        "form": release.form().to_json(),
        "materials": release.materials(&facts),
    }))
    .into_response())
}
