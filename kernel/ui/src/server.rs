//! The server: modules' routes behind the common layers, health, metrics, the OpenAPI document.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, Router, routing};
use tongban_base::{Ctx, Kind, Problem};
use tongban_store::without_panic;

use crate::Access;
use crate::doors::Visitor;
use crate::fault::Fault;
use crate::guard::Entrance;
use crate::{
    App, Routes, assets, cookie, doors, flash, guard, metrics, openapi, places, preferences, ready,
    render, security,
};

/// No form is larger, and no form with a file but for the file.
pub(crate) const FORM_BYTES: usize = 512 * 1024;

/// No office lets larger files in.
const MOST_FILE: usize = 100 * 1024 * 1024;
const MOST_OF_STRANGERS: usize = 20 * 1024 * 1024;

/// Puts the routes of all modules behind the common layers.
pub fn router(app: App, routes: Vec<Routes>) -> Router {
    let mut all = Router::new()
        .route("/healthz", routing::get(|| async { "ok\n" }))
        .route("/readyz", routing::get(ready::show))
        .route("/api/v1/openapi.json", routing::get(document))
        .route("/metrics", routing::get(measures))
        .merge(assets::routes())
        .merge(preferences::routes());
    for (route, handler) in routes.into_iter().flat_map(Routes::into_parts) {
        let file = match (route.takes_files, route.access) {
            (false, _) => 0,
            (true, Access::Public) => MOST_OF_STRANGERS,
            (true, _) => MOST_FILE,
        };
        let most = FORM_BYTES + file;
        let entrance = Entrance {
            path: route.path,
            access: route.access,
            takes_files: route.takes_files,
            budget: route.budget,
        };
        let guarded = handler
            .route_layer(from_fn(move |request, next| {
                guard::admit(entrance, request, next)
            }))
            .layer(DefaultBodyLimit::max(most));
        all = all.route(route.path, guarded);
    }
    all.fallback(|| async { Fault::from(Problem::not_found()) })
        .layer(from_fn(flash::forget))
        .layer(from_fn_with_state(app.clone(), guard::identify))
        .layer(from_fn_with_state(app.clone(), doors::account))
        .layer(from_fn_with_state(app.clone(), finish))
        .with_state(app)
}

/// The outermost layer: renders and logs problems, adds the headers that every answer carries.
async fn finish(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let is_encrypted = app.site().is_encrypted();
    cookie::unwrap(request.headers_mut(), is_encrypted);
    let json = wants_json(&request);
    let path = request.uri().path().to_owned();
    let reads = request.method() == Method::GET;
    let token = guard::session_token(request.headers()).map(str::to_owned);
    let (parts, body) = request.into_parts();
    let back = places::page_of(app.routes(), &parts);
    let request = Request::from_parts(parts, body);
    // A panic of a handler ends its request and nothing else.
    let ran = without_panic(async { Ok(next.run(request).await) }).await;
    let mut response = ran.unwrap_or_else(|problem| Fault::from(problem).into_response());
    app.doors().counters().request();
    if reads && !json && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // The target of a form, opened from a bookmark or out of the history.
        response = Redirect::to(&app.page_at(&back)).into_response();
    }
    if let Some(problem) = taken(&mut response) {
        if problem.kind() == Kind::Internal {
            tracing::error!(path, %problem, "request failed");
            app.doors().counters().fault();
        }
        let ctx = match app.ctx_of(token.as_deref()).await {
            Ok(ctx) => ctx,
            Err(_) => Ctx::new(tongban_base::Actor::anonymous(), app.now()),
        };
        response = render::answer(&app, &ctx, &back, &problem, json);
        if let Some(seconds) = problem.retry_after() {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
    }
    security::apply(response.headers_mut(), is_encrypted);
    cookie::wrap(response.headers_mut(), is_encrypted);
    response
}

/// The problem that a handler gave, or the one that fits a bare refusal of the framework.
fn taken(response: &mut Response) -> Option<Arc<Problem>> {
    if let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() {
        return Some(problem);
    }
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|v| v.as_bytes().starts_with(b"text/plain"));
    let problem = match response.status().as_u16() {
        404 if plain => Problem::not_found(),
        405 => Problem::new(Kind::NotFound, "method", "这个地址不支持这种操作"),
        413 if plain => too_large(),
        400 | 415 | 422 if plain => {
            Problem::invalid("input.unreadable", "提交的内容无法识别，请返回重新填写")
        }
        500.. if plain => Problem::internal("the framework answered without a problem"),
        _ => return None,
    };
    Some(Arc::new(problem))
}

pub(crate) fn too_large() -> Problem {
    Problem::new(
        Kind::TooLarge,
        "input.too_large",
        "提交的内容太大，请缩小后再试",
    )
}

fn wants_json(request: &Request) -> bool {
    request.uri().path().starts_with("/api/") || accepts_json(request.headers())
}

fn accepts_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("json") && !v.contains("text/html"))
}

async fn document(
    State(app): State<App>,
    request: Request,
) -> std::result::Result<Response, Fault> {
    let doors = app.doors().settings();
    let is_open = doors.interface_for.is_empty();
    if !is_open && !Visitor::of(doors, &request).is_among(&doors.interface_for) {
        return Err(Problem::not_found().into());
    }
    Ok(Json(openapi::document(&app)).into_response())
}

async fn measures(State(app): State<App>, request: Request) -> std::result::Result<String, Fault> {
    let doors = app.doors().settings();
    if !Visitor::of(doors, &request).is_among(&doors.metrics_for) {
        return Err(Problem::not_found().into());
    }
    let parts = metrics::of_parts(&app).await?;
    let figures = app.doors().figures();
    Ok(format!("{figures}{parts}"))
}
