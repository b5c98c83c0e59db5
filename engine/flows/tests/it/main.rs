//! Tests of the engine from outside: files, verbs, and properties over random nets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod chains;
mod files;
mod fuzz;
mod joint_people;
mod joint_signs;
mod meddled;
mod nets;
mod oracle;
mod properties;
mod random_chains;
mod reference_models;
mod sketch;
mod stored;
mod stored_verbs;
mod verbs;
mod world;
