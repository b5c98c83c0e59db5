//! What this crate makes is read by OpenSSL and the other way round; real seals get the verdict they should.
//! Needs the `openssl` command (3.0 or later).
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod actors;
mod certificates;
mod damage;
mod fuzz;
mod keys;
mod openssl;
mod real_seals;
mod seals;
mod signed_data;
