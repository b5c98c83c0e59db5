//! Tables `installation_seed` and `installation_change`.

use serde_json::Value as Json;
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params};

use super::stamp;
use crate::installation::{EntryChange, EntryKind, EntryState, Installation};

pub(crate) static SEEDS: Marked =
    Marked::new("installation_seed", &["kind", "body", "seeded_at"], &[]);

pub(crate) static CHANGES: Marked = Marked::keyed(
    "installation_change",
    3,
    &[
        "kind",
        "code",
        "number",
        "state",
        "body",
        "reason",
        "changed_at",
        "changed_by",
    ],
    &[],
);

/// As it stands now. Errors: something of it was changed beside the program.
pub async fn installation(tx: &mut Tx) -> Result<Installation> {
    let seeds = seeded(tx).await?;
    let sql = format!(
        "SELECT {} FROM installation_change c WHERE number = (SELECT MAX(l.number) FROM installation_change l
         WHERE l.kind = c.kind AND l.code = c.code)",
        CHANGES.select("c")
    );
    let rows = tx.query(&sql, params![]).await?;
    let changes = rows.iter().map(|row| change_of(tx, row));
    Installation::of(seeds, changes.collect::<Result<_>>()?)
}

async fn seeded(tx: &mut Tx) -> Result<Vec<(EntryKind, Json)>> {
    let sql = format!("SELECT {} FROM installation_seed s", SEEDS.select("s"));
    let rows = tx.query(&sql, params![]).await?;
    let seeds = rows.iter().map(|row| {
        tx.genuine(&SEEDS, row)?;
        Ok((kind_of(row)?, row.get("body")?))
    });
    seeds.collect()
}

/// Takes the lists of a pack. The same once more change nothing.
pub async fn seed_installation(
    tx: &mut Tx,
    seeds: &[(EntryKind, Json)],
    now: Timestamp,
) -> Result<()> {
    let before = seeded(tx).await?;
    let new = seeds.iter().filter(|seed| !before.contains(seed));
    let mut changed = false;
    for (kind, body) in new {
        tx.insert_marked_or(
            &SEEDS,
            params![kind.code(), body, now],
            "ON CONFLICT (kind) DO UPDATE SET body = excluded.body, seeded_at = excluded.seeded_at,
                 mark = excluded.mark",
        )?;
        changed = true;
    }
    match changed {
        true => stamp::count(tx).await,
        false => Ok(()),
    }
}

/// What an administrator wants of an entry, and why.
pub struct NewEntry<'n> {
    pub kind: EntryKind,
    pub code: &'n str,
    pub state: EntryState,
    pub body: &'n Json,
    pub reason: &'n str,
}

/// Takes effect on every node as soon as it looks at the stamp.
pub async fn change_entry(tx: &mut Tx, ctx: &Ctx, new: NewEntry<'_>) -> Result<()> {
    let sql = "SELECT COALESCE(MAX(number), 0) AS number FROM installation_change
         WHERE kind = $1 AND code = $2";
    let last = tx
        .query_one(sql, params![new.kind.code(), new.code])
        .await?;
    let row = params![
        new.kind.code(),
        new.code,
        last.get::<i64>("number")? + 1,
        new.state.code(),
        new.body,
        new.reason,
        ctx.now,
        &ctx.actor.name
    ];
    tx.insert_marked(&CHANGES, row)?;
    stamp::count(tx).await
}

/// So many of the last changes of an entry.
const MOST: i64 = 100;

/// What was done to one entry, the last first.
/// Errors: one was changed beside the program.
pub async fn entry_history(tx: &mut Tx, kind: EntryKind, code: &str) -> Result<Vec<EntryChange>> {
    let sql = format!(
        "SELECT {} FROM installation_change c WHERE kind = $1 AND code = $2 ORDER BY number DESC LIMIT $3",
        CHANGES.select("c")
    );
    let rows = tx.query(&sql, params![kind.code(), code, MOST]).await?;
    rows.iter().map(|row| change_of(tx, row)).collect()
}

fn change_of(tx: &Tx, row: &Row) -> Result<EntryChange> {
    tx.genuine(&CHANGES, row)?;
    let state: String = row.get("state")?;
    Ok(EntryChange {
        kind: kind_of(row)?,
        code: row.get("code")?,
        number: row.get("number")?,
        state: EntryState::of(&state).ok_or_else(|| unknown(&state))?,
        body: row.get("body")?,
        reason: row.get("reason")?,
        at: row.get("changed_at")?,
        by: row.get("changed_by")?,
    })
}

fn kind_of(row: &Row) -> Result<EntryKind> {
    let kind: String = row.get("kind")?;
    EntryKind::of(&kind).ok_or_else(|| unknown(&kind))
}

fn unknown(word: &str) -> Problem {
    Problem::internal(format!("no entry of an installation is {word}"))
}
