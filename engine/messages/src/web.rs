//! The inbox as pages and as JSON, and the door for receipts.

mod api;
mod own_part;
mod pages;
pub(crate) mod routes;
mod views;

pub use own_part::{own_counts, own_part};
