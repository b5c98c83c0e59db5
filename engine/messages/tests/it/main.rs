//! Messages through the real functions: written with their event, read by their recipient only, handed to a gateway
//! on a real socket, and honest about what became of them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod house;
mod inbox;
mod sending;
mod sms;
mod templates;
