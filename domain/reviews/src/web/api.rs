//! The supervisor's queue and steps for programs.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde_json::json;
use tongban_store::Cursor;
use tongban_ui::{Answer, App, Visit};

use super::pages::QueueQuery;
use super::views::{Draft, ReviewJson};
use crate::desk::Reviews;
use crate::service::feed_back::feed_back;
use crate::service::queue::{list_reviews, open_review};
use crate::service::statistics::item_statistics;
use crate::service::verify::verify;

pub(super) async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(query): Query<QueueQuery>,
) -> Answer {
    let (list, [to_verify, rectifying]) = list_reviews(app.db(), &ctx, query.filter()?).await?;
    let next = list.next.as_ref().map(Cursor::encode);
    let rows: Vec<ReviewJson> = list.rows.into_iter().map(ReviewJson::from).collect();
    let waiting = json!({ "to_verify": to_verify, "rectifying": rectifying });
    let body = json!({ "reviews": rows, "next": next, "waiting": waiting });
    Ok(Json(body).into_response())
}

pub(super) async fn open(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let reviews = app.service::<Reviews>()?;
    let review = open_review(&reviews, &ctx, id.parse()?).await?;
    Ok(Json(ReviewJson::from(review)).into_response())
}

pub(super) async fn verify_one(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    Json(draft): Json<Draft>,
) -> Answer {
    let reviews = app.service::<Reviews>()?;
    let review = verify(&reviews, &ctx, id.parse()?, draft.verification()).await?;
    Ok(Json(ReviewJson::from(review)).into_response())
}

pub(super) async fn feed_back_one(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    Json(draft): Json<Draft>,
) -> Answer {
    let reviews = app.service::<Reviews>()?;
    let review = feed_back(&reviews, &ctx, id.parse()?, draft.feedback()).await?;
    Ok(Json(ReviewJson::from(review)).into_response())
}

pub(super) async fn statistics(State(app): State<App>, Visit(ctx): Visit) -> Answer {
    let items = item_statistics(app.db(), &ctx).await?;
    Ok(Json(json!({ "items": items })).into_response())
}
