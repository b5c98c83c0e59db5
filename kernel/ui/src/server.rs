//! The server: modules' routes, the doors, health, metrics, the OpenAPI document, and graceful stop.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, Router, routing};
use tokio::net::{TcpListener, TcpSocket};
use tongban_base::{Ctx, Kind, Problem, Result};

use crate::fault::Fault;
use crate::{App, Routes, assets, flash, guard, openapi, places, preferences, render, security};

/// Counts what the server did; read by `/metrics`.
#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    faults: AtomicU64,
}

/// What a form with a file may bring besides the file.
pub(crate) const BESIDE_A_FILE: usize = 256 * 1024;

/// Puts the routes of all modules behind the common layers.
pub fn router(app: App, routes: Vec<Routes>) -> Router {
    let counters = Arc::new(Counters::default());
    let mut all = Router::new()
        .route("/healthz", routing::get(|| async { "ok\n" }))
        .route("/readyz", routing::get(ready))
        .route("/api/v1/openapi.json", routing::get(document))
        .route("/metrics", routing::get(metrics))
        .merge(assets::routes())
        .merge(preferences::routes());
    for part in routes {
        all = all.merge(part.router);
    }
    let limit = app.site().upload_limit + BESIDE_A_FILE;
    all.fallback(|| async { Fault::from(Problem::not_found()) })
        .layer(DefaultBodyLimit::max(limit))
        .layer(from_fn(flash::forget))
        .layer(from_fn_with_state(app.clone(), guard::identify))
        .layer(from_fn_with_state(app.clone(), finish))
        .layer(axum::Extension(counters))
        .with_state(app)
}

/// So many may knock in the same moment: beyond it the system drops them, and they try again only a second later.
const KNOCKING: u32 = 4096;

/// Listens where thousands may come at once.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restarted server takes its address again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(KNOCKING)
}

/// Serves until `stop` resolves; requests under way are finished.
pub async fn serve(
    router: Router,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stop)
    .await
    .map_err(Problem::internal)
}

/// The outermost layer: renders and logs problems, adds the headers that every answer carries.
async fn finish(State(app): State<App>, request: Request, next: Next) -> Response {
    let counters = request.extensions().get::<Arc<Counters>>().cloned();
    let json = wants_json(&request);
    let path = request.uri().path().to_owned();
    let reads = request.method() == Method::GET;
    let token = guard::session_token(request.headers()).map(str::to_owned);
    let (parts, body) = request.into_parts();
    let back = places::page_of(app.routes(), &parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(counters) = &counters {
        counters.requests.fetch_add(1, Ordering::Relaxed);
    }
    if reads && !json && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // The target of a form, opened from a bookmark or out of the history.
        response = Redirect::to(&app.page_at(&back)).into_response();
    }
    if let Some(problem) = taken(&mut response) {
        if problem.kind() == Kind::Internal {
            tracing::error!(path, %problem, "request failed");
            if let Some(counters) = &counters {
                counters.faults.fetch_add(1, Ordering::Relaxed);
            }
        }
        let ctx = match app.ctx_of(token.as_deref()).await {
            Ok(ctx) => ctx,
            Err(_) => Ctx::new(tongban_base::Actor::anonymous(), app.now()),
        };
        response = render::answer(&app, &ctx, &back, &problem, json);
    }
    security::apply(response.headers_mut());
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

async fn ready(State(app): State<App>) -> std::result::Result<&'static str, Fault> {
    app.db().ping().await?;
    Ok("ready\n")
}

async fn document(State(app): State<App>) -> Response {
    Json(openapi::document(&app)).into_response()
}

async fn metrics(
    State(app): State<App>,
    axum::Extension(counters): axum::Extension<Arc<Counters>>,
) -> std::result::Result<String, Fault> {
    let jobs = app.db().jobs().await?;
    let (waiting, dead) = (jobs.waiting, jobs.dead);
    let requests = counters.requests.load(Ordering::Relaxed);
    let faults = counters.faults.load(Ordering::Relaxed);
    Ok(format!(
        "# TYPE tongban_requests_total counter\ntongban_requests_total {requests}\n\
         # TYPE tongban_faults_total counter\ntongban_faults_total {faults}\n\
         # TYPE tongban_jobs_waiting gauge\ntongban_jobs_waiting {waiting}\n\
         # TYPE tongban_jobs_dead gauge\ntongban_jobs_dead {dead}\n"
    ))
}
