//! The pages of mandates, the list as JSON, and what waits for somebody where he begins.

mod api;
mod form;
mod own;
mod pages;
pub(crate) mod routes;

pub use own::own_part;

/// The list of one's own.
pub(crate) const MINE: &str = "/me/mandates";
