//! Journeys through the real router on a database of their own; what belongs to the store, on both databases.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod house;
mod interface;
mod real_names;
mod sessions;
mod staff;
