//! For whoever keeps the house running: jobs that rest because they failed too often, and having them run once more.
//! Knows no job: the binary hands in the titles.

mod module;
mod service;
mod web;

pub use module::{EVENTS, REPEAT, SUBJECTS, menu_count, module};
pub use service::{FailedJobs, repeat_all, repeat_one};
