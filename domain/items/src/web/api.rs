//! The directory as JSON.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde_json::json;
use tongban_ui::{Answer, App};

use super::pages::SearchInput;
use crate::{Catalog, Facts};

pub async fn list_items(State(app): State<App>, Query(input): Query<SearchInput>) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let items: Vec<_> = catalog
        .find(&input.into_query(), app.now().date())
        .iter()
        .map(|release| {
            let item = release.item();
            json!({
                "code": item.code, "name": item.name, "summary": item.summary, "act": item.act,
                "family": item.family_title, "release": release.hash(),
                "statutory_days": item.limits.statutory, "promised_days": item.limits.promised,
            })
        })
        .collect();
    Ok(Json(json!({ "items": items })).into_response())
}

pub async fn show_item(State(app): State<App>, Path(code): Path<String>) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let today = app.now().date();
    let release = catalog.current(&code, today)?;
    let facts = Facts::answers_only(json!({}), catalog.settings(), today);
    Ok(Json(json!({
        "item": release.item(),
        "release": release.hash(),
        "form": release.form().to_json(),
        "materials": release.materials(&facts),
    }))
    .into_response())
}
