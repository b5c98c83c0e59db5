//! Elder mode and theme: wishes of a browser, kept in cookies, known to the server before it writes a page.

use axum::Router;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::cookie;

const MODE: &str = "tongban_mode";
const THEME: &str = "tongban_theme";
const YEAR: u32 = 365 * 24 * 3600;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Standard,
    Elder,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the visitor's system is set.
    #[default]
    Auto,
    Light,
    Dark,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    pub mode: Mode,
    pub theme: Theme,
}

impl Preferences {
    pub fn of(headers: &HeaderMap) -> Self {
        let mode = match cookie::read(headers, MODE) {
            Some("elder") => Mode::Elder,
            _ => Mode::Standard,
        };
        let theme = match cookie::read(headers, THEME) {
            Some("dark") => Theme::Dark,
            Some("light") => Theme::Light,
            _ => Theme::Auto,
        };
        Self { mode, theme }
    }
}

#[derive(Deserialize)]
struct Wish {
    mode: Option<Mode>,
    theme: Option<Theme>,
    #[serde(default)]
    next: String,
}

/// `GET /preferences?mode=elder&next=/…` for browsers without scripts: keeps the wish and goes back.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/preferences", get(keep))
}

async fn keep(Query(wish): Query<Wish>) -> Response {
    let mut response = Redirect::to(local(&wish.next)).into_response();
    let mode = wish.mode.map(|mode| match mode {
        Mode::Elder => (MODE, "elder"),
        Mode::Standard => (MODE, "standard"),
    });
    let theme = wish.theme.map(|theme| match theme {
        Theme::Auto => (THEME, "auto"),
        Theme::Light => (THEME, "light"),
        Theme::Dark => (THEME, "dark"),
    });
    for (name, value) in [mode, theme].into_iter().flatten() {
        // Scripts read these two, so they are not HttpOnly; they hold no secret.
        if let Some(header) = cookie::write(name, value, YEAR, "") {
            response.headers_mut().append(SET_COOKIE, header);
        }
    }
    response
}

/// A path on this site, or the front page: never an address that a stranger chose.
pub fn local(next: &str) -> &str {
    let foreign = next.starts_with("//") || next.contains('\\') || next.contains(char::is_control);
    if next.starts_with('/') && !foreign {
        next
    } else {
        "/"
    }
}
