//! A message for the next page, carried in a signed cookie, so that nobody can put words into our mouth.

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tongban_crypto::MacKey;

use crate::view::Tone;
use crate::{App, PageKey, cookie};

const NAME: &str = "tongban_flash";
const SECONDS: u32 = 120;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    #[serde(rename = "t")]
    pub tone: Tone,
    #[serde(rename = "m")]
    pub message: String,
}

impl Flash {
    pub fn done(message: impl Into<String>) -> Self {
        Self {
            tone: Tone::Ok,
            message: message.into(),
        }
    }

    pub fn info(message: impl Into<String>) -> Self {
        Self {
            tone: Tone::Info,
            message: message.into(),
        }
    }

    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            tone: Tone::Warn,
            message: message.into(),
        }
    }

    /// With the redirect that precedes the page.
    pub fn tell(&self, response: &mut Response, app: &App) {
        let key = app.service::<PageKey>().ok();
        if let Some(cookie) = key.and_then(|key| self.cookie(&key.0)) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    /// The `Set-Cookie` value of the redirect that precedes the page.
    pub fn cookie(&self, key: &MacKey) -> Option<HeaderValue> {
        let body = serde_json::to_string(self).ok()?;
        let mark = URL_SAFE_NO_PAD.encode(key.mac(&[b"flash\0", body.as_bytes()]));
        let value = format!("{}.{mark}", URL_SAFE_NO_PAD.encode(&body));
        cookie::write(NAME, &value, SECONDS, "; HttpOnly")
    }

    /// The message waiting for this visitor, if its signature is ours. `forget` then takes it away.
    pub fn take(headers: &HeaderMap, key: &MacKey) -> Option<Self> {
        let (body, mark) = cookie::read(headers, NAME)?.split_once('.')?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let mark = URL_SAFE_NO_PAD.decode(mark).ok()?;
        if !key.matches(&[b"flash\0", &body], &mark) {
            return None;
        }
        serde_json::from_slice(&body).ok()
    }
}

/// For `axum::middleware::from_fn`: once a page has been shown, the message it carried is taken away.
pub async fn forget(request: Request, next: Next) -> Response {
    let carried = cookie::read(request.headers(), NAME).is_some();
    let mut response = next.run(request).await;
    let html = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let sets_another = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .any(|value| value.as_bytes().starts_with(b"tongban_flash="));
    if carried && html && !sets_another {
        let gone = "tongban_flash=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly";
        response
            .headers_mut()
            .append(SET_COOKIE, HeaderValue::from_static(gone));
    }
    response
}
