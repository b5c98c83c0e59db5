//! A problem on its way out of a handler. It is rendered and logged once, by the outermost layer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tongban_base::Problem;

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
