//! Writing entries: a change in the transaction that makes it, a refused attempt in one of its own.
//! Does not place entries in the chain; sealing does, so that writers never wait for each other.

use tongban_base::{ActorKind, Ctx, Result, Uuid};
use tongban_store::{Db, Tx};

use crate::key::AuditKey;
use crate::model::Entry;
use crate::store::entry::{self as store, WrittenEntry};

/// Writes an entry in the transaction of what it tells of: both stay or neither.
pub async fn record(tx: &mut Tx, ctx: &Ctx, key: &AuditKey, entry: Entry) -> Result<()> {
    let written = written(ctx, &entry);
    let mac = key.entry_mac(&written);
    store::insert(tx, &written, &mac);
    Ok(())
}

/// Writes an entry in a transaction of its own: what was tried stays on record although it was refused.
pub async fn attempt(db: &Db, ctx: &Ctx, key: &AuditKey, entry: Entry) -> Result<()> {
    db.write(
        (ctx.clone(), key.clone(), entry),
        |tx, (ctx, key, entry)| Box::pin(async move { record(tx, ctx, key, entry.clone()).await }),
    )
    .await
}

/// What somebody asked for who may not, as far as the budget goes: nobody fills the log with refusals, and nobody's hide
/// those of others.
pub async fn note_refused(db: &Db, ctx: &Ctx, key: &AuditKey, entry: Entry) -> Result<()> {
    match key.has_room(ctx) {
        true => attempt(db, ctx, key, entry).await,
        false => Ok(()),
    }
}

fn written(ctx: &Ctx, entry: &Entry) -> WrittenEntry {
    let actor_kind = match ctx.actor.kind {
        ActorKind::Anonymous => "anonymous",
        ActorKind::Citizen => "citizen",
        ActorKind::Staff => "staff",
        ActorKind::System => "system",
    };
    WrittenEntry {
        id: Uuid::now_v7().to_string(),
        at: ctx.now,
        actor_kind: actor_kind.to_owned(),
        actor_id: ctx.actor.account.map(|id| id.to_string()),
        actor_name: ctx.actor.name.clone(),
        address: ctx.address.clone(),
        request_id: ctx.request_id.to_string(),
        event: entry.event.name.to_owned(),
        subject_kind: entry.subject_kind.to_owned(),
        subject_id: entry.subject_id.clone(),
        outcome: entry.outcome.code().to_owned(),
        detail: entry.detail.to_string(),
        division: (ctx.actor.staff.as_ref()).map_or_else(String::new, |s| s.division.clone()),
    }
}
