//! Real handshakes on sockets of this machine, with certificates that the test makes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod addresses;
mod handshakes;
