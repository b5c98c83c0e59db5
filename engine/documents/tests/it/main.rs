//! From a template to sealed files and verdicts, and against files that others made.
#![expect(clippy::unwrap_used, reason = "tests")]

mod desk;
mod flips;
mod foreign;
mod letters;
mod sealing;
