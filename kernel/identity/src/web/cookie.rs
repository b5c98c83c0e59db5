//! The session cookie and redirects that carry it. Knows no account.

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tongban_base::{Problem, Result};
use tongban_ui::{DEVICE_COOKIE, SESSION_COOKIE};

/// It ends with the browser: many people share computers in halls.
pub(super) fn session(token: &str) -> Result<HeaderValue> {
    write(token, "")
}

/// Half a year: whoever comes back more rarely is a stranger again.
const KNOWN_SECONDS: u32 = 180 * 24 * 3600;

pub(super) fn device(mark: &str) -> Result<HeaderValue> {
    let text =
        format!("{DEVICE_COOKIE}={mark}; Path=/; Max-Age={KNOWN_SECONDS}; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).map_err(Problem::internal)
}

pub(super) fn no_session() -> Result<HeaderValue> {
    write("", "; Max-Age=0")
}

fn write(token: &str, extra: &str) -> Result<HeaderValue> {
    let text = format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{extra}");
    HeaderValue::from_str(&text).map_err(Problem::internal)
}

/// To a page of ours after a form was taken.
pub(super) fn see_other(target: &str) -> Response {
    let location = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

pub(super) fn add(response: &mut Response, cookie: HeaderValue) {
    response.headers_mut().append(SET_COOKIE, cookie);
}
