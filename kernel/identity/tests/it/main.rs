//! Journeys through the real router on a database of their own; what belongs to the store, on both databases.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod application;
mod code_pages;
mod codes;
mod doors;
mod house;
mod interface;
mod managed;
mod onward;
mod opened;
mod openid;
mod openid_authorize;
mod openid_redeem;
mod passwords;
mod real_names;
mod sessions;
mod staff;
