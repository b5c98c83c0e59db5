//! The audit log: who did or tried what, when and from where, in a chain that shows every later change.
//! Knows no business: modules bring their events. Nothing here changes or removes an entry.

mod anchor;
mod key;
mod model;
mod module;
mod service;
mod store;
mod web;

pub use anchor::{
    ANCHOR_FILE, Anchor, AnchorCopy, AnchorLine, AnchorLines, Anchoring, read_anchor,
};
pub use key::AuditKey;
pub use model::{
    ANCHOR_BEGUN, AuditCatalogue, AuditEntry, AuditEvent, CLOCK_CORRECTED, EVENTS, Entry, Fault,
    FaultReason, Lasting, Outcome, RESTORED, ROW_BROKEN, ROWS_MARKED, ROWS_WALKED, SCHEMA_CHANGED,
    SOUGHT, STOPPED_HARD, SUBJECTS, Trace, Verification,
};
pub use module::{MIGRATIONS, module};
pub use service::anchor::{anchor_restored, begin_anchor, keep_anchored, must_reach};
pub use service::list::{EntryFilter, latest_moment, list_entries};
pub use service::reads::ReadLog;
pub use service::record::{attempt, note_refused, record};
pub use service::seal::{keep_sealed, oldest_unsealed, seal_pending};
pub use service::verify::{gone, put_back, verify, verify_anchored};

/// Whoever holds this right reads the whole log.
pub const READ: tongban_base::Permission = tongban_base::Permission("audit.read");
