//! Routes, pages and JSON of this crate. Decides nothing: it asks the services.

mod api;
mod citizen;
mod download;
mod routes;
mod staff;
mod upload;
mod verify;
mod views;

pub(crate) use routes::routes;
