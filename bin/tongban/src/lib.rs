//! The house as a library: command line, configuration, wiring of modules. Only the program and its tests use it.

pub mod backup;
pub mod bench;
pub mod check;
pub mod check_data;
pub mod cli;
mod clients;
pub mod clock;
pub mod coverage;
pub mod data;
pub mod definitions;
pub mod demo;
pub mod doors;
pub mod failure;
mod folders;
pub mod installation;
pub mod integrity;
pub mod jobs;
pub mod log;
mod manifest;
pub mod modules;
mod readiness;
pub mod restore;
pub mod serve;
pub mod simulate;
pub mod sms;
pub mod verify;
pub mod wiring;
