//! The doors: who asks (session cookie or bearer token), whether a route is open to them, and whether a
//! changing request comes from our own pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tongban_base::{ActorKind, Ctx, Kind, Problem};

use crate::fault::Fault;
use crate::{Access, App};

pub const SESSION_COOKIE: &str = "tongban_session";

/// The session token of a request and how it was carried.
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).or_else(|| cookie(headers, SESSION_COOKIE))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// The value of a cookie by its name.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Middleware: puts the `Ctx` of the visitor beside the request.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Err(problem) = same_origin(&request) {
        return Fault::from(problem).into_response();
    }
    match app.ctx_of(session_token(request.headers())).await {
        Ok(mut ctx) => {
            ctx.address = address(&request);
            request.extensions_mut().insert(ctx);
            next.run(request).await
        }
        Err(problem) => Fault::from(problem).into_response(),
    }
}

fn address(request: &Request) -> String {
    request
        .extensions()
        .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
        .map(|info| info.0.ip().to_string())
        .unwrap_or_default()
}

/// Whether a browser says that one of our own pages led here, also over a form that was sent on the way. Browsers that
/// say nothing of it count as strangers.
pub fn comes_from_our_pages(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site == "same-origin")
}

/// A changing request that a browser sends on behalf of another site is refused. Requests with a bearer
/// token carry no ambient authority and pass.
fn same_origin(request: &Request) -> tongban_base::Result<()> {
    let headers = request.headers();
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if safe || bearer(headers).is_some() || cookie(headers, SESSION_COOKIE).is_none() {
        return Ok(());
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &axum::http::HeaderValue| v.to_str().ok())
    };
    let host = text(header::HOST).unwrap_or_default();
    let same = match (
        text(header::HeaderName::from_static("sec-fetch-site")),
        text(header::ORIGIN),
    ) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, o)| o == host),
        (None, None) => false,
    };
    if same {
        Ok(())
    } else {
        Err(Problem::new(
            Kind::Forbidden,
            "origin.foreign",
            "这个请求不是从本网站的页面发出的，没有执行",
        ))
    }
}

/// Route layer: is this route open to the visitor?
pub(crate) async fn admit(access: Access, request: Request, next: Next) -> Response {
    let kind = request.extensions().get::<Ctx>().map(|c| c.actor.clone());
    let verdict = match (access, kind) {
        (Access::Public, _) => Ok(()),
        (_, None) => Err(Problem::unauthenticated()),
        (_, Some(actor)) if actor.kind == ActorKind::Anonymous => Err(Problem::unauthenticated()),
        (Access::SignedIn, Some(_)) => Ok(()),
        (Access::Citizen, Some(actor)) if actor.kind == ActorKind::Citizen => Ok(()),
        (Access::Staff, Some(actor)) if actor.kind == ActorKind::Staff => Ok(()),
        (Access::Right(right), Some(actor))
            if actor
                .staff
                .as_ref()
                .is_some_and(|s| s.permissions.contains(right)) =>
        {
            Ok(())
        }
        _ => Err(Problem::forbidden()),
    };
    match verdict {
        Ok(()) => next.run(request).await,
        Err(problem) => Fault::from(problem).into_response(),
    }
}
