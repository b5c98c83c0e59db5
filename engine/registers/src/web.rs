//! The registers of the office on the workbench.

mod edit;
mod pages;
pub(crate) mod routes;
mod views;
