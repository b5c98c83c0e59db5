//! A problem on its way out of a handler. It is rendered and logged once, by the outermost layer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tongban_base::{FieldError, Kind, Problem};

#[derive(Debug)]
pub struct Fault(pub Problem);

/// What handlers return.
pub type Answer = std::result::Result<Response, Fault>;

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        Self(Problem::internal(error))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response
            .extensions_mut()
            .insert(std::sync::Arc::new(self.0));
        response
    }
}

/// A form that is shown again with what is wrong. Faults that the visitor cannot mend go on to the common page.
pub fn mendable(problem: Problem) -> std::result::Result<(StatusCode, FormFaults), Fault> {
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
pub struct FormFaults {
    pub fields: Vec<FieldError>,
    /// What belongs to no field.
    pub message: String,
}

impl FormFaults {
    pub fn of(problem: &Problem) -> Self {
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
    pub fn at(&self, name: &str) -> &str {
        let found = self
            .fields
            .iter()
            .find(|fault| fault.pointer.strip_prefix('/') == Some(name));
        found.map_or("", |fault| fault.message.as_str())
    }
}
