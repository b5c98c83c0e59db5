//! The doors: who asks (session cookie or bearer token), whether a route is open to them, and whether a
//! changing request comes from our own pages. Who sends a body is asked again when all of it has arrived.

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tongban_base::{ActorKind, Ctx, Kind, Problem};

use crate::doors::Visitor;
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
            let visitor = Visitor::of(app.doors().settings(), &request);
            ctx.address = visitor.address.map(|a| a.to_string()).unwrap_or_default();
            request.extensions_mut().insert(visitor);
            request.extensions_mut().insert(ctx);
            request.extensions_mut().insert(app);
            next.run(request).await
        }
        Err(problem) => Fault::from(problem).into_response(),
    }
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

/// What is asked of whoever comes to a route.
#[derive(Clone, Copy)]
pub(crate) struct Entrance {
    pub access: Access,
    /// Bytes of its body.
    pub most: usize,
}

/// Route layer: is this route open to the visitor?
pub(crate) async fn admit(entrance: Entrance, request: Request, next: Next) -> Response {
    match arrived(entrance, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => Fault::from(problem).into_response(),
    }
}

/// The request with all of its body, of somebody who may send it now. A body may take minutes: whoever logged out, or
/// lost a right, in the meantime is refused, and the moment of the request is that of its last byte.
async fn arrived(entrance: Entrance, request: Request) -> tongban_base::Result<Request> {
    let Entrance { access, most } = entrance;
    open_to(access, &request)?;
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let app = request.extensions().get::<App>().cloned();
    let Some(app) = app.filter(|_| access != Access::Public && !safe) else {
        return Ok(request);
    };
    if length(request.headers()).is_some_and(|sent| sent > most) {
        // Too large in any case: the handler says so beside the field, without waiting for it.
        return Ok(request);
    }
    let (parts, body) = request.with_limited_body().into_parts();
    let body = axum::body::to_bytes(body, most).await.map_err(broken)?;
    let mut request = Request::from_parts(parts, Body::from(body));
    let now = app.ctx_of(session_token(request.headers())).await?;
    if let Some(ctx) = request.extensions_mut().get_mut::<Ctx>() {
        (ctx.actor, ctx.session, ctx.now) = (now.actor, now.session, now.now);
    }
    open_to(access, &request)?;
    Ok(request)
}

fn length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn broken(cause: axum::Error) -> Problem {
    let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&cause);
    while let Some(error) = inner {
        if error.is::<http_body_util::LengthLimitError>() {
            return crate::server::too_large();
        }
        inner = error.source();
    }
    Problem::invalid("input.cut_off", "提交的内容没有传完，请检查网络后重新提交").with_cause(cause)
}

fn open_to(access: Access, request: &Request) -> tongban_base::Result<()> {
    let actor = request.extensions().get::<Ctx>().map(|c| &c.actor);
    match (access, actor) {
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
    }
}
