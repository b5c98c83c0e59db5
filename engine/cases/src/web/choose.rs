//! Pages on which records are chosen.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use tongban_base::{Ctx, Problem, Result};
use tongban_forms::Sought;
use tongban_ui::{Answer, App, Visit};

use crate::desk::Desk;
use crate::service::applying::{Application, open_application};
use crate::service::choosing::offers_of_page;

/// The application with what a step lists to choose from; none where it lists nothing.
pub(super) async fn offering(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    step: &str,
    sought: &Sought,
) -> Result<Option<Application>> {
    let fields = application.release.form().step(step);
    let fields = fields.map_or(&[][..], |step| &step.fields);
    offering_in(desk, ctx, application, fields, sought).await
}

/// The same for a page of some fields.
pub(super) async fn offering_in(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    fields: &[String],
    sought: &Sought,
) -> Result<Option<Application>> {
    let mut choosers = application.release.form().choosers();
    if !choosers.any(|field| fields.contains(&field.name)) {
        return Ok(None);
    }
    let mut offering = application.clone();
    offering.facts.offers = offers_of_page(desk, ctx, application, fields, sought).await?;
    Ok(Some(offering))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OffersInput {
    q: String,
}

/// What may be chosen in one field of a draft.
pub async fn offers(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, field)): Path<(String, String)>,
    Query(input): Query<OffersInput>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let application = open_application(&desk, &ctx, id.parse()?).await?;
    let mut sought = Sought::default();
    sought
        .words
        .insert(field.clone(), input.q.trim().chars().take(50).collect());
    let fields = std::slice::from_ref(&field);
    let offering = offering_in(&desk, &ctx, &application, fields, &sought).await?;
    let offering = offering.ok_or_else(Problem::not_found)?;
    let offer = offering
        .facts
        .offers
        .get(&field)
        .cloned()
        .unwrap_or_default();
    let records: Vec<Value> = offer
        .listed
        .iter()
        .map(|r| json!({ "id": r.id, "number": r.number, "title": r.title, "words": r.words }))
        .collect();
    Ok(Json(json!({ "records": records, "more": offer.more })).into_response())
}
