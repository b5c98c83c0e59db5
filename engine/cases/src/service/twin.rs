//! The same done twice in one moment, by a double click or a repeated request: the second gets the answer of the first.
//! What the first did stands in the journal with who did it and when.

use tongban_base::{Ctx, Result, Timestamp};
use tongban_flows::Task;
use tongban_store::Tx;

use crate::event::CaseEvent;
use crate::model::CaseId;
use crate::store::events;

/// Whether the actor did exactly this at that moment.
pub(super) async fn did(
    tx: &mut Tx,
    ctx: &Ctx,
    case: CaseId,
    at: Option<Timestamp>,
    same: impl Fn(&CaseEvent) -> bool + Send,
) -> Result<bool> {
    let Some(account) = ctx.actor.account.map(|id| id.to_string()) else {
        return Ok(false);
    };
    let events = events::of_case(tx, case).await?;
    Ok(events.iter().any(|event| {
        at.is_none_or(|at| event.at == at)
            && event.actor_id.as_ref() == Some(&account)
            && event.what.as_ref().is_some_and(&same)
    }))
}

/// Whether a task that is closed was closed by the actor in this way.
pub(super) async fn closed_so(
    tx: &mut Tx,
    ctx: &Ctx,
    task: &Task,
    same: impl Fn(&CaseEvent) -> bool + Send,
) -> Result<bool> {
    match task.closed_at {
        None => Ok(false),
        at => did(tx, ctx, task.subject.parse()?, at, same).await,
    }
}
