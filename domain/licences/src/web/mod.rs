//! Routes, pages and JSON of this crate. Decides nothing: it asks the services.

mod api;
mod citizen;
mod download;
pub(crate) mod ending;
mod routes;
mod staff;
mod upload;
mod verify;
mod views;

pub use ending::own_part;
pub(crate) use routes::routes;
