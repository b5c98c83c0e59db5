//! Counterparts for demonstrations and tests: real servers on real sockets that keep the written contract and can be
//! told to fail. Know nothing of accounts.

mod faults;
mod population;

pub use faults::{Fault, Faults};
pub use population::{Citizen, PopulationSimulator};
