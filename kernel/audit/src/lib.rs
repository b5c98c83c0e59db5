//! The audit log: who did or tried what, when and from where, in a chain that shows every later change.
//! Knows no business: modules bring their events. Nothing here changes or removes an entry.

mod key;
mod model;
mod module;
mod service;
mod store;
mod web;

pub use key::AuditKey;
pub use model::{
    AuditCatalogue, AuditEntry, AuditEvent, CLOCK_CORRECTED, EVENTS, Entry, Fault, FaultReason,
    Outcome, SUBJECTS, Verification,
};
pub use module::{MIGRATIONS, module};
pub use service::list::{Beside, EntryFilter, latest_moment, list_entries};
pub use service::record::{attempt, record};
pub use service::seal::{keep_sealed, oldest_unsealed, seal_pending};
pub use service::verify::verify;

/// Whoever holds this right reads the whole log.
pub const READ: tongban_base::Permission = tongban_base::Permission("audit.read");
