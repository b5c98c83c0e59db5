//! Puts on record that somebody was turned away at a door, as far as the budget goes: strangers must not be able to fill
//! the log.

use tongban_audit::{Entry, attempt};
use tongban_base::{Budget, Ctx, Problem, Spender};

use crate::Identity;
use crate::audit::DOOR_REFUSED;

/// Whether there is room for one more refusal of strangers in the log.
pub(crate) fn may_record(identity: &Identity, ctx: &Ctx) -> bool {
    let spent = identity
        .budgets
        .spend(Budget::Record, Spender::Everybody, ctx.now);
    spent.is_ok()
}

/// Never the reason why a refusal is not told.
pub(crate) async fn note_refusal(identity: &Identity, ctx: &Ctx, path: &str, problem: &Problem) {
    if !may_record(identity, ctx) {
        return;
    }
    let entry = Entry::refused(DOOR_REFUSED, "route", path, problem.message());
    if let Err(problem) = attempt(&identity.db, ctx, identity.audit_key(), entry).await {
        tracing::warn!(%problem, "a refusal was not put on record");
    }
}
