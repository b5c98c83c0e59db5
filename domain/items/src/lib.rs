//! Service items: the directory of what can be applied for, and the guide to each. Knows no case.

mod directory;
mod guide;
mod keeping;
mod local_guide;
mod search;
mod settings;
mod store;
mod web;

pub use directory::{Directory, Entry, ItemQuery};
pub use guide::{Guide, INFO};
pub use local_guide::{LocalGuide, Place, publish_guides, read_guides};
pub use web::module;

/// The audit events of this crate.
pub const EVENTS: &[tongban_audit::AuditEvent] = &[
    settings::SETTING_CHANGED,
    keeping::ITEM_PAUSED,
    keeping::ITEM_RESUMED,
    keeping::ITEM_LABELLED,
];
/// What its entries are about.
pub const SUBJECTS: &[(&str, &str)] = &[("setting", "参数"), ("item", "事项")];

pub const MIGRATIONS: &[tongban_store::Migration] = &[tongban_store::Migration {
    module: "items",
    name: "0001_guides",
    sql: include_str!("../migrations/0001_guides.sql"),
}];

/// What people are told before they apply.
pub const MARKED: &[&tongban_store::Marked] = &[&store::GUIDES];
