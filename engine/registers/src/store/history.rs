//! The history of a record: lines are added, none is changed.

use tongban_base::{Ctx, Result, Timestamp, Uuid};
use tongban_store::{Tx, params};

use super::records::Statement;
use crate::model::RecordId;

pub(crate) struct HistoryRow {
    pub version: i64,
    pub at: Timestamp,
    pub kind: String,
    pub actor_name: String,
    pub reason: String,
    pub changes: Option<String>,
}

pub(crate) fn add(
    ctx: &Ctx,
    record: RecordId,
    (version, kind): (i64, &str),
    reason: &str,
    changes: Option<String>,
) -> Statement {
    (
        "INSERT INTO register_history (id, record_id, version, at, kind, actor_name, reason, changes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            Uuid::now_v7(),
            record,
            version,
            ctx.now,
            kind,
            &ctx.actor.name,
            reason,
            changes
        ]
        .to_vec(),
    )
}

/// The newest first.
pub(crate) async fn of(tx: &mut Tx, record: RecordId, limit: i64) -> Result<Vec<HistoryRow>> {
    let rows = tx
        .query(
            "SELECT version, at, kind, actor_name, reason, changes FROM register_history
             WHERE record_id = $1 ORDER BY version DESC LIMIT $2",
            params![record, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(HistoryRow {
                version: row.get("version")?,
                at: row.get("at")?,
                kind: row.get("kind")?,
                actor_name: row.get("actor_name")?,
                reason: row.get("reason")?,
                changes: row.get("changes")?,
            })
        })
        .collect()
}
