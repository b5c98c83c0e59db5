//! Messages: what is told to whom about which event, over which channel, and what became of it.
//! Knows no case and no account: whoever sends brings the recipient, the subject and the data.

mod audit;
mod gateway;
mod jobs;
mod messaging;
mod model;
mod module;
mod quiet;
mod service;
pub mod simulator;
mod store;
mod template;
mod web;

pub use audit::EVENTS;
pub use gateway::GatewayConfig;
pub use messaging::{Messaging, MessagingParts};
pub use model::{Channel, MessageId, MessageView, Recipient, State, StoredText, Subject};
pub use module::MODULE;
pub use quiet::QuietHours;
pub use service::inbox::{InboxFilter, list_inbox, unread_count};
pub use service::mark_read::{mark_all_read, mark_read};
pub use service::of_subject::of_subject;
pub use service::send::send;
pub use template::{Audience, MessageTemplate, MessageTemplates};
pub use web::{own_counts, own_part};

use tongban_store::Migration;

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "messages",
        name: "0001_messages",
        sql: include_str!("../migrations/0001_messages.sql"),
    },
    Migration {
        module: "messages",
        name: "0002_marks",
        sql: include_str!("../migrations/0002_marks.sql"),
    },
];
