//! The whole house, as the program wires it, on both databases: what issue and requirements ask of it.
//! Knows no inner part of a module; goes through services and routes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod browser;
mod house;
mod main_job;
