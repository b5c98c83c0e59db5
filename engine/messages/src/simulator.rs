//! An SMS gateway that nobody's telephone hears: a real server by `docs/contracts/sms-gateway.md`, which can be told
//! to fail, refuse, delay and repeat. Knows nothing of our tables.

mod server;
mod state;

pub use server::SmsSimulator;
pub use state::{Behaviour, ReceiptChoice, SimulatedSms};
