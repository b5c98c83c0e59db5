//! The doors: who asks (session cookie or bearer token), whether a route is open to them, and whether a
//! changing request comes from our own pages. Who sends a body is asked again when all of it has arrived.

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tongban_base::{ActorKind, Budget, Ctx, Kind, Problem};

use crate::cookie::read as cookie;
use crate::doors::{Spent, Visitor};
use crate::fault::Fault;
use crate::server::FORM_BYTES;
use crate::{Access, App};

pub const SESSION_COOKIE: &str = "tongban_session";
/// By which a browser is known again where somebody logs in; opens nothing.
pub const DEVICE_COOKIE: &str = "tongban_device";

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

/// Middleware: puts the `Ctx` of the visitor beside the request.
pub(crate) async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match app.ctx_of(session_token(request.headers())).await {
        Ok(mut ctx) => {
            let device = cookie(request.headers(), DEVICE_COOKIE);
            ctx.device = device.unwrap_or_default().to_owned();
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

/// A changing request that a browser sends on behalf of another site is refused, whether or not somebody is logged in:
/// a login that another site chose is one too. Requests with a bearer token carry no ambient authority and pass, and so
/// do programs, which say nothing of where they come from and carry no cookie, at the doors that are for them.
/// Where a budget is spent by looking, another site may lead somebody here, but not have pages and pictures of ours
/// fetched by whoever looks at its own.
fn same_origin(request: &Request, budget: Option<Budget>) -> tongban_base::Result<()> {
    let headers = request.headers();
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if bearer(headers).is_some() || (safe && (budget.is_none() || !is_embedded(headers))) {
        return Ok(());
    }
    if safe {
        return Err(foreign());
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &axum::http::HeaderValue| v.to_str().ok())
    };
    let same = match (
        text(header::HeaderName::from_static("sec-fetch-site")),
        text(header::ORIGIN),
    ) {
        (Some("same-origin"), _) | (Some("none"), None) => true,
        // Whoever types an address sends no form from elsewhere.
        (Some("none") | None, Some(origin)) => {
            is_ours(request, origin, text(header::HOST).unwrap_or_default())
        }
        (Some(_), _) => false,
        (None, None) => cookie(headers, SESSION_COOKIE).is_none() && is_for_programs(request),
    };
    if same { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "origin.foreign",
        "这个请求不是从本网站的页面发出的，没有执行",
    )
}

/// Fetched by a page of another site, which nobody sees: not opened as a page of its own, as a code or a link is.
fn is_embedded(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|v| v == value);
    let elsewhere = is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site");
    elsewhere && !(is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document"))
}

/// The address that visitors know, or the one that this request was sent to.
fn is_ours(request: &Request, origin: &str, host: &str) -> bool {
    let app = request.extensions().get::<App>();
    let known = app.map_or("", |app| app.site().public_url.trim_end_matches('/'));
    if origin == known {
        return true;
    }
    // The address that visitors know is known with its scheme.
    if known.split_once("://").map(|(_, named)| named)
        == origin.split_once("://").map(|(_, named)| named)
    {
        return false;
    }
    let https = request.extensions().get::<Visitor>().and_then(|v| v.https);
    origin.split_once("://").is_some_and(|(scheme, named)| {
        named == host && https.is_none_or(|https| https == (scheme == "https"))
    })
}

fn is_for_programs(request: &Request) -> bool {
    let path = request.uri().path();
    let app = request.extensions().get::<App>();
    let table = app.map_or(&[][..], |app| app.routes());
    path.starts_with("/api/") || table.iter().any(|r| r.oauth && r.path == path)
}

/// What is asked of whoever comes to a route.
#[derive(Clone, Copy)]
pub(crate) struct Entrance {
    pub path: &'static str,
    pub access: Access,
    pub takes_files: bool,
    pub budget: Option<Budget>,
}

/// Route layer: is this route open to the visitor?
pub(crate) async fn admit(entrance: Entrance, request: Request, next: Next) -> Response {
    let who = (request.extensions().get::<App>().cloned())
        .zip(request.extensions().get::<Ctx>().cloned());
    match entered(entrance, request).await {
        Ok((request, spent)) => {
            let response = next.run(request).await;
            if let Some(spent) = spent {
                spent.settle(&response);
            }
            response
        }
        Err(problem) => {
            if let Some((app, ctx)) = who {
                note(&app, &ctx, entrance.path, &problem).await;
            }
            Fault::from(problem).into_response()
        }
    }
}

/// What origin or right refuse costs nothing of a budget: another site, or a stranger, would spend that of everybody
/// behind the same address.
async fn entered(
    entrance: Entrance,
    mut request: Request,
) -> tongban_base::Result<(Request, Option<Spent>)> {
    open_to(entrance.access, &request)?;
    same_origin(&request, entrance.budget)?;
    let spent = Spent::of(&mut request, entrance.budget)?;
    let request = arrived(entrance, request).await?;
    Ok((request, spent))
}

/// Whoever is sent to the login has been refused nothing.
async fn note(app: &App, ctx: &Ctx, path: &str, problem: &Problem) {
    if matches!(problem.kind(), Kind::Forbidden | Kind::TooMany) {
        app.note_refusal(ctx, path, problem).await;
    }
}

/// The request with all of its body, of somebody who may send it now. A body may take minutes: whoever logged out, or
/// lost a right, in the meantime is refused, and the moment of the request is that of its last byte.
async fn arrived(entrance: Entrance, request: Request) -> tongban_base::Result<Request> {
    let Entrance {
        access,
        takes_files,
        ..
    } = entrance;
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let app = request.extensions().get::<App>().cloned();
    let Some(app) = app.filter(|_| access != Access::Public && !safe) else {
        return Ok(request);
    };
    let most = FORM_BYTES
        + if takes_files {
            app.office().upload_limit
        } else {
            0
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn is_let_in(budget: Option<Budget>, said: [&str; 3]) -> bool {
        let names = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"];
        let mut request = Request::get("/v/code");
        for (name, value) in names.into_iter().zip(said).filter(|(_, v)| !v.is_empty()) {
            request = request.header(name, value);
        }
        same_origin(&request.body(Body::empty()).unwrap(), budget).is_ok()
    }

    #[test]
    fn another_site_spends_no_budget_by_pictures_and_frames_but_may_lead_here() {
        let code = Some(Budget::Code);
        assert!(is_let_in(code, ["cross-site", "navigate", "document"]));
        assert!(is_let_in(code, ["none", "navigate", "document"]));
        assert!(is_let_in(code, ["same-origin", "no-cors", "image"]));
        assert!(is_let_in(code, ["", "", ""]));
        for site in ["cross-site", "same-site"] {
            assert!(!is_let_in(code, [site, "no-cors", "image"]));
            assert!(!is_let_in(code, [site, "navigate", "iframe"]));
            assert!(!is_let_in(code, [site, "cors", "empty"]));
        }
        assert!(is_let_in(None, ["cross-site", "no-cors", "image"]));
    }
}
