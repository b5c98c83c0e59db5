//! The pages. Each module holds one address: its template struct, its form, its handlers.

pub(super) mod applications;
pub(super) mod ask_code;
pub(super) mod code;
pub(super) mod contact;
pub(super) mod login;
pub(crate) mod officer_roles;
pub(crate) mod officers;
pub(super) mod opening;
pub(super) mod password;
pub(super) mod profile;
pub(crate) mod proofs;
pub(super) mod real_name;
pub(super) mod register;
pub(super) mod sessions;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use tongban_ui::{Answer, FormFaults, mendable};

/// A page with the status that belongs to it.
pub(in crate::web) fn page(status: StatusCode, template: &impl askama::Template) -> Answer {
    let html = template.render()?;
    Ok((status, Html(html)).into_response())
}

/// Where somebody was going who was led to this page on the way.
#[derive(Default, serde::Deserialize)]
pub(in crate::web) struct Onward {
    #[serde(default)]
    pub next: String,
}

/// A page on the way to where somebody was going: it carries that on.
pub(in crate::web) fn onward(path: &str, next: &str) -> String {
    let next = Some(next).filter(|next| !next.is_empty());
    tongban_ui::markup::with_query(path, "next", next)
}
