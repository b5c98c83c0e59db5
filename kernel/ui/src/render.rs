//! Which form a problem takes: JSON for programs, a page for people, the login for whoever must sign in first.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tongban_base::{Ctx, Kind, Problem};

use crate::{App, problem};

/// The answer for a problem. Its cause never leaves the log.
pub(crate) fn answer(app: &App, ctx: &Ctx, back: &str, problem: &Problem, json: bool) -> Response {
    if json {
        return problem::to_json(problem, &ctx.request_id.to_string());
    }
    if problem.kind() == Kind::Unauthenticated {
        return to_login(back);
    }
    let status = problem::status(problem);
    match crate::problem_page(app, ctx, problem) {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => (status, problem.message().to_owned()).into_response(),
    }
}

/// A page that needs a login leads there and comes back afterwards.
fn to_login(back: &str) -> Response {
    let next: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    let target = format!("/login?next={next}");
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}
