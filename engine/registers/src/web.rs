//! The registers of the office on the workbench.

mod edit;
mod pages;
mod published;
pub(crate) mod routes;
mod views;
