//! Licences on both databases, with real files, real seals and the real routes.
#![expect(clippy::unwrap_used, reason = "tests")]

mod files;
mod house;
mod life;
mod numbers;
mod pack;
mod pages;
mod refusals;
mod released;
mod seeds;
mod verdicts;
