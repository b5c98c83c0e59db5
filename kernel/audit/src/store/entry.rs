//! Table `audit_entry`: inserted, given its place once, read; never changed otherwise.

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Cursor, Key, KeyPage, List, Order, Row, Tx, Value, params};

use crate::model::{AuditEntry, CLOCK_CORRECTED, Lasting, Outcome, Trace};

/// The texts that the mark of an entry covers, exactly as they are stored.
#[derive(Clone, Debug)]
pub(crate) struct WrittenEntry {
    pub id: String,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: String,
    pub address: String,
    pub request_id: String,
    pub event: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub outcome: String,
    pub detail: String,
    /// Of the office of whoever acted; empty for people, jobs and strangers.
    pub division: String,
}

/// An entry with its mark and its place in the chain.
pub(crate) struct ChainedEntry {
    pub entry: WrittenEntry,
    pub mac: String,
    pub sequence: Option<i64>,
    pub chain: Option<String>,
}

const COLUMNS: &str = "id, at, actor_kind, actor_id, actor_name, address, request_id, event, \
                       subject_kind, subject_id, outcome, detail, division, mac, sequence, chain";

pub(crate) fn insert(tx: &mut Tx, entry: &WrittenEntry, mac: &str) {
    tx.insert(
        "INSERT INTO audit_entry (id, at, actor_kind, actor_id, actor_name, address, request_id, event,
             subject_kind, subject_id, outcome, detail, division, mac)",
        params![
            &entry.id,
            entry.at,
            &entry.actor_kind,
            &entry.actor_id,
            &entry.actor_name,
            &entry.address,
            &entry.request_id,
            &entry.event,
            &entry.subject_kind,
            &entry.subject_id,
            &entry.outcome,
            &entry.detail,
            &entry.division,
            mac
        ],
    );
}

/// When the last entry was made; those of a clock that was ahead do not count once that was put right.
pub(crate) async fn latest(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let wrong = wrong_moments(tx).await?;
    let mut before = "~".to_owned();
    loop {
        let row = tx
            .query_opt(
                "SELECT at FROM audit_entry WHERE id < $1 ORDER BY id DESC LIMIT 1",
                params![&before],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let at: Timestamp = row.get("at")?;
        match wrong.iter().find(|(from, to)| *from < at && at <= *to) {
            Some((from, _)) => before = first_id_after(*from),
            None => return Ok(Some(at)),
        }
    }
}

/// From when to when a clock had told moments that were yet to come.
async fn wrong_moments(tx: &mut Tx) -> Result<Vec<(Timestamp, Timestamp)>> {
    let sql = "SELECT at, subject_id FROM audit_entry WHERE event = $1";
    let rows = tx.query(sql, params![CLOCK_CORRECTED.name]).await?;
    rows.iter()
        .map(|row| {
            let until: String = row.get("subject_id")?;
            let until = until.parse().map_err(Problem::internal)?;
            Ok((row.get("at")?, Timestamp(until)))
        })
        .collect()
}

/// Ids begin with their millisecond.
fn first_id_after(moment: Timestamp) -> String {
    let digits = format!("{:012x}", moment.0 + 1);
    let (high, low) = digits.split_at(8);
    format!("{high}-{low}")
}

/// Ids and marks of entries without a place, in the order in which they were made.
pub(crate) async fn unsealed(tx: &mut Tx, limit: i64) -> Result<Vec<(String, String)>> {
    let rows = tx
        .query(
            "SELECT id, mac FROM audit_entry WHERE sequence IS NULL ORDER BY id LIMIT $1",
            params![limit],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("id")?, row.get("mac")?)))
        .collect()
}

/// When the first entry was made that has no place yet.
pub(crate) async fn oldest_unsealed(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let sql = "SELECT at FROM audit_entry WHERE sequence IS NULL ORDER BY id LIMIT 1";
    let found = tx.query_opt(sql, params![]).await?;
    found.map(|row| row.get("at")).transpose()
}

/// Gives entries their places: id, sequence, chain.
pub(crate) async fn place(tx: &mut Tx, places: &[(String, i64, String)]) -> Result<()> {
    const SQL: &str =
        "UPDATE audit_entry SET sequence = $2, chain = $3 WHERE id = $1 AND sequence IS NULL";
    let statements: Vec<(&str, Vec<Value>)> = places
        .iter()
        .map(|(id, sequence, chain)| {
            let values = params![id, *sequence, chain].to_vec();
            (SQL, values)
        })
        .collect();
    tx.execute_all(&statements).await
}

/// Sealed entries after `sequence`, in the order of the chain.
pub(crate) async fn sealed_after(
    tx: &mut Tx,
    sequence: i64,
    limit: i64,
) -> Result<Vec<ChainedEntry>> {
    let sql =
        format!("SELECT {COLUMNS} FROM audit_entry WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    let rows = tx.query(&sql, params![sequence, limit]).await?;
    rows.iter().map(chained).collect()
}

pub(crate) async fn count(tx: &mut Tx) -> Result<(i64, i64)> {
    let row = tx
        .query_one(
            "SELECT COUNT(*) AS entries, COUNT(sequence) AS sealed FROM audit_entry",
            params![],
        )
        .await?;
    Ok((row.get("entries")?, row.get("sealed")?))
}

/// Subjects of which the log tells a later change than their history, or that have none.
pub(crate) async fn ahead_of(tx: &mut Tx, trace: &Trace) -> Result<Vec<String>> {
    let Trace { table, owner, .. } = trace;
    let events: Vec<String> = (2..)
        .zip(trace.events)
        .map(|(n, _)| format!("${n}"))
        .collect();
    let sql = format!(
        "SELECT a.subject_id FROM
             (SELECT subject_id, MAX(at) AS latest FROM audit_entry
              WHERE subject_kind = $1 AND outcome = 'done' AND event IN ({}) GROUP BY subject_id) a
         LEFT JOIN (SELECT {owner} AS owner, MAX(at) AS latest FROM {table} GROUP BY {owner}) h
             ON h.owner = a.subject_id
         WHERE h.latest IS NULL OR h.latest < a.latest ORDER BY a.subject_id",
        events.join(", ")
    );
    let mut given = vec![Value::from(trace.subject)];
    given.extend(trace.events.iter().map(|event| Value::from(event.name)));
    let rows = tx.query(&sql, &given).await?;
    rows.iter().map(|row| row.at(0)).collect()
}

pub(crate) async fn gone(tx: &mut Tx, lasting: &Lasting) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT DISTINCT a.subject_id FROM audit_entry a WHERE a.event = $1 AND a.outcome = 'done'
         AND NOT EXISTS (SELECT 1 FROM {} t WHERE t.id = a.subject_id) ORDER BY a.subject_id",
        lasting.table
    );
    let rows = tx.query(&sql, params![lasting.begun.name]).await?;
    rows.iter().map(|row| row.at(0)).collect()
}

/// What is looked for. An empty text fits everything.
pub(crate) struct Search {
    pub event: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub actor: Option<Uuid>,
    pub actor_name: String,
    pub refused_only: bool,
    /// What the divisions of entries must begin with; none sees all.
    pub division_prefix: Option<String>,
}

const NEWEST_FIRST: Order = Order {
    keys: &[Key::Text("id")],
    falling: true,
};

pub(crate) async fn search(
    tx: &mut Tx,
    wish: &Search,
    at: (Option<&Cursor>, usize),
) -> Result<KeyPage<AuditEntry>> {
    let mut list = List::new(COLUMNS, "audit_entry", NEWEST_FIRST);
    for (column, text) in [
        ("event", &wish.event),
        ("subject_kind", &wish.subject_kind),
        ("subject_id", &wish.subject_id),
        ("actor_name", &wish.actor_name),
    ] {
        if !text.is_empty() {
            list.equal(column, text);
        }
    }
    if let Some(actor) = wish.actor {
        list.equal("actor_id", actor);
    }
    if wish.refused_only {
        list.equal("outcome", Outcome::Refused.code());
    }
    if let Some(prefix) = &wish.division_prefix {
        list.equal(&format!("SUBSTR(division, 1, {})", prefix.len()), prefix);
    }
    list.page(tx, at, |_, row| view(chained(row)?).map(Some))
        .await
}

fn chained(row: &Row) -> Result<ChainedEntry> {
    Ok(ChainedEntry {
        entry: WrittenEntry {
            id: row.get("id")?,
            at: row.get("at")?,
            actor_kind: row.get("actor_kind")?,
            actor_id: row.get("actor_id")?,
            actor_name: row.get("actor_name")?,
            address: row.get("address")?,
            request_id: row.get("request_id")?,
            event: row.get("event")?,
            subject_kind: row.get("subject_kind")?,
            subject_id: row.get("subject_id")?,
            outcome: row.get("outcome")?,
            detail: row.get("detail")?,
            division: row.get("division")?,
        },
        mac: row.get("mac")?,
        sequence: row.get("sequence")?,
        chain: row.get("chain")?,
    })
}

fn view(chained: ChainedEntry) -> Result<AuditEntry> {
    let entry = chained.entry;
    let outcome = Outcome::of(&entry.outcome)
        .ok_or_else(|| Problem::internal(format!("audit outcome {}", entry.outcome)))?;
    let uuid = |text: &str| Uuid::parse_str(text).map_err(Problem::internal);
    Ok(AuditEntry {
        id: uuid(&entry.id)?,
        at: entry.at,
        actor_kind: entry.actor_kind,
        actor_id: entry.actor_id.as_deref().map(uuid).transpose()?,
        actor_name: entry.actor_name,
        address: entry.address,
        request_id: entry.request_id,
        event: entry.event,
        subject_kind: entry.subject_kind,
        subject_id: entry.subject_id,
        outcome,
        detail: serde_json::from_str(&entry.detail)?,
        sequence: chained.sequence,
    })
}
