//! Seals of organisations: who may seal in whose name, whom files are verified against, and how many files are taken
//! apart at once. Knows no letter and no licence.

mod authority;
mod gate;
mod make;
mod store;
mod trust;

pub use authority::{Authority, Issuer, OrganisationSeal, no_seal};
pub use gate::{Gate, Turn};
pub use trust::{ROOT_FILE, trust_from};

use tongban_store::{Marked, Migration};

pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "seals",
    name: "0001_seals",
    sql: include_str!("../migrations/0001_seals.sql"),
}];

/// Rows that decide who seals.
pub const MARKED: &[&Marked] = &[&store::KEYS, &store::SEALS];
