//! How a problem is shown: RFC 9457 JSON for programs, words with a way back for people.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use tongban_base::{Ctx, Kind, Problem};

use crate::App;

/// The answer for a problem. Its cause never leaves the log.
pub(crate) fn problem(app: &App, ctx: &Ctx, back: &str, problem: &Problem, json: bool) -> Response {
    if json {
        return as_json(problem);
    }
    if problem.kind() == Kind::Unauthenticated {
        return to_login(back);
    }
    let status = status(problem);
    match crate::problem_page(app, ctx, problem) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => (status, problem.message().to_owned()).into_response(),
    }
}

/// A page that needs a login leads there and comes back afterwards.
fn to_login(back: &str) -> Response {
    let target = format!("/login?next={}", form_urlencode(back));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

fn form_urlencode(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                char::from(b).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.kind().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn as_json(problem: &Problem) -> Response {
    let errors: Vec<_> = problem
        .field_errors()
        .iter()
        .map(|e| json!({ "pointer": e.pointer, "code": e.code, "detail": e.message }))
        .collect();
    let status = status(problem);
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Problem"),
        "status": status.as_u16(),
        "code": problem.code(),
        "detail": problem.message(),
        "errors": errors,
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

/// Headers that every answer carries. Scripts, styles and images come from this server only.
pub(crate) fn secure(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; \
                          script-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; \
                          frame-ancestors 'none'";
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
