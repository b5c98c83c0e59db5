//! Ratings through the real functions: by the applicant only, of finished cases only, once per channel; and bad ones
//! looked into by a supervisor of the office, with no step left half done.
#![expect(clippy::unwrap_used, reason = "tests")]

mod handling;
mod house;
mod pages;
mod rating;
