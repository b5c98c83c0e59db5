//! The directory as JSON.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde_json::json;
use tongban_base::Problem;
use tongban_procedures::{Audience, Catalog, Facts};
use tongban_ui::{Answer, App};

use super::pages::SearchInput;
use crate::Directory;

pub async fn list_items(State(app): State<App>, Query(input): Query<SearchInput>) -> Answer {
    let directory = app.service::<Directory>()?;
    let items: Vec<_> = directory
        .find(&input.into_query(), app.now().date())
        .iter()
        .map(|entry| {
            let item = entry.release.procedure();
            json!({
                "code": item.code, "name": item.name, "summary": entry.guide.summary, "act": item.act,
                "family": item.family_title, "release": entry.release.hash(),
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
    if release.procedure().audience != Audience::Public {
        return Err(Problem::not_found().into());
    }
    let facts = Facts::answers_only(json!({}), catalog.settings(), today);
    Ok(Json(json!({
        "item": release.procedure(),
        "release": release.hash(),
        "form": release.form().to_json(),
        "materials": release.materials(&facts),
    }))
    .into_response())
}
