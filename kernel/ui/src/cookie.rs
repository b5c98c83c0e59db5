//! Reading and writing cookies. Knows nothing of what they hold.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// The value of the first cookie of that name.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A `Set-Cookie` value; `extra` are further attributes. None when the value has bytes that a header cannot hold.
pub(crate) fn write(name: &str, value: &str, seconds: u32, extra: &str) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{extra}");
    HeaderValue::from_str(&text).ok()
}
