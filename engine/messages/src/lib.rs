//! Messages: what is told to whom about which event, over which channel, and what became of it.
//! Knows no case and no account: whoever sends brings the recipient, the subject and the data.

mod jobs;
mod model;
mod quiet;
mod service;
mod store;
mod template;

pub use model::{Channel, MessageId, MessageView, Recipient, State, StoredText, Subject};
pub use quiet::QuietHours;
pub use service::of_subject::of_subject;
pub use service::send::send;
pub use template::{Audience, MessageTemplate, MessageTemplates};

use tongban_store::Migration;

pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "messages",
    name: "0001_messages",
    sql: include_str!("../migrations/0001_messages.sql"),
}];
