//! The connector to an SMS gateway, by our own contract `docs/contracts/sms-gateway.md`. Knows no message table.

pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod http;

pub use client::GatewayConfig;
pub(crate) use client::{Answer, SmsGateway};
