//! Mandates: a person lets another one act for him, in some items or in all, until a day; either ends it at any time.
//! Knows no case: whoever handles cases asks by `AskMandates` for whom somebody may act.

mod audit;
mod error;
mod model;
mod module;
mod service;
mod services;
mod store;
mod web;

pub use audit::{EVENTS, LASTING, SUBJECTS};
pub use model::{EndedBy, Mandate, MandateId, State};
pub use module::MODULE;
pub use service::answer::{Answered, answer};
pub use service::end::end;
pub use service::invite::{Invitation, invite};
pub use service::own::{OwnMandates, own_mandates};
pub use services::{Mandates, MandatesParts};
pub use web::own_part;

use tongban_store::Migration;

pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "mandates",
    name: "0001_mandates",
    sql: include_str!("../migrations/0001_mandates.sql"),
}];
