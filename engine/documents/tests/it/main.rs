//! From a template to sealed files and verdicts, and against files that others made.
#![expect(clippy::unwrap_used, reason = "tests")]

mod bounds;
mod characters;
mod desk;
mod flips;
mod foreign;
mod fuzz;
mod handed_in;
mod letters;
mod made;
mod said;
mod seal_place;
mod sealing;
mod signed_pdf;
mod verdicts;
