//! The history of a record: lines are added, none is changed.

use tongban_base::{Ctx, Result, Timestamp, Uuid};
use tongban_store::{History, Marked, Tx, params};

use crate::model::RecordId;

#[derive(Clone, Debug)]
pub(crate) struct HistoryRow {
    pub version: i64,
    pub at: Timestamp,
    pub kind: String,
    pub actor_name: String,
    pub reason: String,
    pub changes: Option<String>,
}

/// Every line is marked, and its record has the number of the last one.
pub(crate) static HISTORY: Marked = Marked::history(
    "register_history",
    &[
        "record_id",
        "version",
        "id",
        "at",
        "kind",
        "actor_name",
        "reason",
        "changes",
    ],
    History {
        table: "register_record",
        key: "id",
        last: "version",
    },
);

pub(crate) fn add(
    tx: &mut Tx,
    ctx: &Ctx,
    record: RecordId,
    (version, kind): (i64, &str),
    (reason, changes): (&str, Option<String>),
) -> Result<()> {
    tx.insert_marked(
        &HISTORY,
        params![
            record,
            version,
            Uuid::now_v7(),
            ctx.now,
            kind,
            &ctx.actor.name,
            reason,
            changes
        ],
    )
}

/// The newest first; `last` is the version of the record.
/// Errors: a line is missing or was changed beside the program.
pub(crate) async fn of(
    tx: &mut Tx,
    (record, last): (RecordId, i64),
    limit: i64,
) -> Result<Vec<HistoryRow>> {
    let sql = format!(
        "SELECT {} FROM register_history h WHERE h.record_id = $1 ORDER BY h.version DESC LIMIT $2",
        HISTORY.select("h")
    );
    let rows = tx.query(&sql, params![record, limit]).await?;
    tx.whole(&HISTORY, &rows, last, limit)?;
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
