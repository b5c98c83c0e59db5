//! The pages. Each module holds one address: its template struct, its form, its handlers.

pub(super) mod applications;
pub(super) mod contact;
pub(super) mod login;
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
use tongban_base::{FieldError, Kind, Problem};
use tongban_ui::{Answer, Fault};

/// A page with the status that belongs to it.
pub(in crate::web) fn page(status: StatusCode, template: &impl askama::Template) -> Answer {
    let html = template.render()?;
    Ok((status, Html(html)).into_response())
}

/// A form that is shown again with what is wrong. Faults that the visitor cannot mend go on to the common page.
fn mendable(problem: Problem) -> std::result::Result<(StatusCode, FormFaults), Fault> {
    match problem.kind() {
        Kind::Internal | Kind::NotFound => Err(Fault(problem)),
        kind => {
            let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
            Ok((status, FormFaults::of(&problem)))
        }
    }
}

/// What a form says above and beside its fields.
#[derive(Default)]
struct FormFaults {
    fields: Vec<FieldError>,
    /// What belongs to no field.
    message: String,
}

impl FormFaults {
    fn of(problem: &Problem) -> Self {
        let fields = problem.field_errors().to_vec();
        let message = if fields.is_empty() {
            problem.message()
        } else {
            ""
        };
        Self {
            message: message.to_owned(),
            fields,
        }
    }

    /// The words beside the field of that name.
    fn at(&self, name: &str) -> &str {
        let found = self
            .fields
            .iter()
            .find(|fault| fault.pointer.strip_prefix('/') == Some(name));
        found.map_or("", |fault| fault.message.as_str())
    }
}
