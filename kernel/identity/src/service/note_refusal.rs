//! Puts on record that somebody was turned away at a door, as far as the budget goes: strangers must not be able to fill
//! the log.

use tongban_audit::{Entry, note_refused};
use tongban_base::{Ctx, Problem};

use crate::Identity;
use crate::audit::DOOR_REFUSED;

/// Never the reason why a refusal is not told.
pub(crate) async fn note_refusal(identity: &Identity, ctx: &Ctx, path: &str, problem: &Problem) {
    let entry = Entry::refused(DOOR_REFUSED, "route", path, problem.message());
    let noted = note_refused(&identity.db, ctx, identity.audit_key(), entry).await;
    if let Err(problem) = noted {
        tracing::warn!(%problem, "a refusal was not put on record");
    }
}
