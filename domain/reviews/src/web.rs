//! The rating form for whoever mounts it, and the supervisor's pages and JSON.

mod api;
mod case;
pub(crate) mod form;
mod pages;
pub(crate) mod routes;
mod views;
