//! Reading the log: by event, subject or actor, page by page. Asks for the right to read it.

use tongban_base::{ActorKind, Ctx, Problem, Result, Timestamp, Uuid, division_prefix};
use tongban_store::{Cursor, Db, KeyPage};

use crate::READ;
use crate::model::AuditEntry;
use crate::store::entry::{self, Search};

/// Digits of the division of a province or a municipality.
const WHOLE: usize = 2;

/// What is looked for; empty texts fit everything.
#[derive(Clone, Debug, Default)]
pub struct EntryFilter {
    pub event: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub actor: Option<Uuid>,
    /// The whole name of whoever did it.
    pub actor_name: String,
    pub refused_only: bool,
}

/// The latest moment on record: what a clock that was set back must not go below.
pub async fn latest_moment(db: &Db) -> Result<Option<Timestamp>> {
    db.read((), |tx, ()| Box::pin(entry::latest(tx))).await
}

/// A page of entries, the newest first.
pub async fn list_entries(
    db: &Db,
    ctx: &Ctx,
    filter: &EntryFilter,
    (at, limit): (Option<&Cursor>, usize),
) -> Result<KeyPage<AuditEntry>> {
    let wish = Search {
        event: filter.event.clone(),
        subject_kind: filter.subject_kind.clone(),
        subject_id: filter.subject_id.clone(),
        actor: filter.actor,
        actor_name: filter.actor_name.clone(),
        refused_only: filter.refused_only,
        division_prefix: allowed(ctx)?,
    };
    db.read((wish, at.cloned(), limit), |tx, (wish, at, limit)| {
        Box::pin(entry::search(tx, wish, (at.as_ref(), *limit)))
    })
    .await
}

/// Who reads for a province or a municipality reads all of the log; whoever reads for a part of it, what officers of that
/// part did. Gives what the divisions of entries must begin with.
fn allowed(ctx: &Ctx) -> Result<Option<String>> {
    match (ctx.actor.kind, &ctx.actor.staff) {
        (ActorKind::System, _) => Ok(None),
        (ActorKind::Staff, Some(staff)) if staff.permissions.contains(READ.0) => {
            let prefix = division_prefix(&staff.division);
            Ok((prefix.len() > WHOLE).then(|| prefix.to_owned()))
        }
        (ActorKind::Anonymous, _) => Err(Problem::unauthenticated()),
        _ => Err(Problem::forbidden()),
    }
}
