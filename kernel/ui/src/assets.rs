//! Styles, scripts and icons: embedded in the program, compressed ahead, cached for ever under names that carry
//! their hash. Knows no page.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

mod embedded {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

struct File {
    name: &'static str,
    url: &'static str,
    body: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

const FOREVER: &str = "public, max-age=31536000, immutable";
const MISSING: &str =
    "the front end has not been built: npm --prefix assets ci && npm --prefix assets run build\n";

/// The address of an asset by its plain name, for example `app.css`. Empty when the front end was not built.
pub fn url(name: &str) -> &'static str {
    embedded::FILES
        .iter()
        .find(|file| file.name == name)
        .map_or("", |file| file.url)
}

/// `GET /assets/{file}`
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(
        "/assets/{file}",
        get(|Path(file): Path<String>, headers: HeaderMap| async move { serve(&file, &headers) }),
    )
}

/// Answers with the smallest form that the visitor's browser takes, or with 304 when it has the file.
pub fn serve(file: &str, request: &HeaderMap) -> Response {
    if embedded::FILES.is_empty() {
        return (StatusCode::SERVICE_UNAVAILABLE, MISSING).into_response();
    }
    let Some(found) = embedded::FILES
        .iter()
        .find(|f| f.url.strip_prefix("/assets/") == Some(file))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (body, encoding) = variant(found, request);
    // One tag per encoding: a byte-for-byte tag must not be shared by different bytes.
    let tag = format!("\"{file}{}\"", encoding.unwrap_or_default());
    let known = request
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.contains(&tag)));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(file)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    if let (Some(encoding), false) = (encoding, known) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn variant(file: &File, request: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
    let accepted = request
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |name: &str| {
        accepted.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some(name) && words.all(|word| !matches!(word, "q=0" | "q=0.0"))
        })
    };
    if takes("br") {
        (file.brotli, Some("br"))
    } else if takes("gzip") {
        (file.gzip, Some("gzip"))
    } else {
        (file.body, None)
    }
}

fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
