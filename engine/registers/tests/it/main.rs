//! Registers through the real functions and pages, with the definitions of the transport pack: one of two equal keys
//! wins, an office sees its own, nothing that was said is lost.
#![expect(clippy::unwrap_used, reason = "tests")]

mod access;
mod by_case;
mod definitions;
mod guide;
mod house;
mod pages;
mod published;
mod records;
mod site;
mod units;
