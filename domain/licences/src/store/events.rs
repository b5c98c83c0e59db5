//! The history of licences: only added to.

use tongban_base::{ActorKind, Ctx, Result, Uuid};
use tongban_store::{History, Marked, Row, Tx, params};

use crate::model::{LicenceEvent, LicenceId, Status};

/// Every line is marked, and the licence has the number of its last one.
pub(crate) static EVENTS: Marked = Marked::history(
    "licence_event",
    &[
        "licence_id",
        "seq",
        "id",
        "at",
        "kind",
        "actor_kind",
        "actor_id",
        "actor_name",
        "status_before",
        "status_after",
        "changes",
        "basis",
        "reason",
        "case_id",
    ],
    History {
        table: "licence",
        key: "id",
        last: "event_seq",
    },
);

/// A line to be written; who and when come from the `Ctx`.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent<'a> {
    pub licence: LicenceId,
    pub kind: &'a str,
    pub before: Option<Status>,
    pub after: Status,
    /// Encrypted.
    pub changes: Option<String>,
    pub basis: &'a str,
    pub reason: &'a str,
    pub case_id: Option<&'a str>,
}

/// A line as it lies, its changes encrypted.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub event: LicenceEvent,
    pub changes: Option<String>,
}

pub(crate) async fn add(tx: &mut Tx, ctx: &Ctx, event: NewEvent<'_>) -> Result<()> {
    let actor_kind = match ctx.actor.kind {
        ActorKind::Anonymous => "anonymous",
        ActorKind::Citizen => "citizen",
        ActorKind::Staff => "staff",
        ActorKind::System => "system",
    };
    let seq = super::licences::count_event(tx, event.licence).await?;
    tx.insert_marked(
        &EVENTS,
        params![
            event.licence,
            seq,
            Uuid::now_v7(),
            ctx.now,
            event.kind,
            actor_kind,
            ctx.actor.account,
            &ctx.actor.name,
            event.before.map(Status::code),
            event.after.code(),
            event.changes,
            event.basis,
            event.reason,
            event.case_id
        ],
    )
}

/// The latest lines first. Errors: a line is missing or was changed beside the program.
pub(crate) async fn of(tx: &mut Tx, licence: LicenceId, most: i64) -> Result<Vec<EventRow>> {
    let last = super::licences::last_event(tx, licence).await?;
    let sql = format!(
        "SELECT {} FROM licence_event e WHERE e.licence_id = $1 ORDER BY e.seq DESC LIMIT $2",
        EVENTS.select("e")
    );
    let rows = tx.query(&sql, params![licence, most]).await?;
    tx.whole(&EVENTS, &rows, last, most)?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<EventRow> {
    let before: Option<String> = row.get("status_before")?;
    let event = LicenceEvent {
        at: row.get("at")?,
        kind: row.get("kind")?,
        actor_kind: row.get("actor_kind")?,
        actor_name: row.get("actor_name")?,
        status_before: before.map(|b| Status::parse(&b)).transpose()?,
        status_after: Status::parse(&row.get::<String>("status_after")?)?,
        changes: Default::default(),
        basis: row.get::<Option<String>>("basis")?.unwrap_or_default(),
        reason: row.get::<Option<String>>("reason")?.unwrap_or_default(),
    };
    Ok(EventRow {
        event,
        changes: row.get("changes")?,
    })
}
