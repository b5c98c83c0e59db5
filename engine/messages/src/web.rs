//! The inbox as pages and as JSON, and the door for receipts.

mod api;
mod pages;
pub(crate) mod routes;
mod views;
