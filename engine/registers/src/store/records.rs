//! Records with what they are found by: written together, so that no record is without its places.

use tongban_base::{Result, Timestamp};
use tongban_store::{Changes, Marked, Row, Tx, Value, params};

use crate::model::RecordId;

/// A record as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct RecordRow {
    pub id: RecordId,
    pub register: String,
    pub key_digest: String,
    pub title: String,
    pub organisation: String,
    pub division: String,
    pub data: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// What a record is found by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// Digests that no other record of the register has.
    pub unique: Vec<String>,
    /// Field and value.
    pub values: Vec<(String, String)>,
}

/// All that a record is; its version is that of the last line of its history.
pub(crate) static RECORDS: Marked = Marked::new(
    "register_record",
    &[
        "id",
        "register",
        "key_digest",
        "title",
        "organisation",
        "division",
        "data",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
    ],
    &[],
);

pub(crate) static UNIQUE: Marked = Marked::keyed(
    "register_unique",
    2,
    &["register", "digest", "record_id"],
    &[],
);

pub(crate) static VALUES: Marked = Marked::keyed(
    "register_value",
    3,
    &["record_id", "field", "value", "register"],
    &[],
);

pub(crate) fn of(row: &Row) -> Result<RecordRow> {
    Ok(RecordRow {
        id: row.get("id")?,
        register: row.get("register")?,
        key_digest: row.get("key_digest")?,
        title: row.get("title")?,
        organisation: row.get("organisation")?,
        division: row.get("division")?,
        data: row.get("data")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        deleted_at: row.get("deleted_at")?,
    })
}

/// Brings a record in; many of them travel in one round trip.
pub(crate) fn insert(tx: &mut Tx, row: &RecordRow, places: &Places) -> Result<()> {
    tx.insert_marked(
        &RECORDS,
        params![
            row.id,
            &row.register,
            &row.key_digest,
            &row.title,
            &row.organisation,
            &row.division,
            &row.data,
            row.version,
            row.created_at,
            row.updated_at,
            row.deleted_at
        ],
    )?;
    place(tx, row, places)
}

fn place(tx: &mut Tx, row: &RecordRow, places: &Places) -> Result<()> {
    for digest in &places.unique {
        tx.insert_marked(&UNIQUE, params![&row.register, digest, row.id])?;
    }
    for (field, value) in &places.values {
        tx.insert_marked(&VALUES, params![row.id, field, value, &row.register])?;
    }
    Ok(())
}

async fn displace(tx: &mut Tx, id: RecordId) -> Result<()> {
    let tables = [
        "DELETE FROM register_unique WHERE record_id = $1",
        "DELETE FROM register_value WHERE record_id = $1",
    ];
    let statements = tables.map(|sql| (sql, params![id].to_vec()));
    tx.execute_all(&statements).await
}

/// Changes the record if it still is at this version, and there or deleted as it was seen; tells whether it was.
async fn change(
    tx: &mut Tx,
    (id, is_there): (RecordId, bool),
    seen: i64,
    changes: Changes,
) -> Result<bool> {
    let changes = |row: &Row| {
        let as_seen = row.get::<i64>("version")? == seen;
        let there = *row.value("deleted_at")? == Value::Null;
        Ok((as_seen && there == is_there).then(|| changes.clone()))
    };
    let found = tx.change(&RECORDS, &[("id", id.into())], changes).await?;
    Ok(found.is_some())
}

/// False when the record is no longer at the version before this one.
pub(crate) async fn update(tx: &mut Tx, row: &RecordRow, places: &Places) -> Result<bool> {
    let changes = vec![
        ("key_digest", (&row.key_digest).into()),
        ("title", (&row.title).into()),
        ("organisation", (&row.organisation).into()),
        ("division", (&row.division).into()),
        ("data", (&row.data).into()),
        ("version", row.version.into()),
        ("updated_at", row.updated_at.into()),
    ];
    let changed = change(tx, (row.id, true), row.version - 1, changes).await?;
    if changed {
        displace(tx, row.id).await?;
        place(tx, row, places)?;
        // What must be unique and is not is told now.
        tx.flush().await?;
    }
    Ok(changed)
}

/// Brings a deleted record back; false when it is no longer deleted at the version before this one.
pub(crate) async fn bring_back(tx: &mut Tx, row: &RecordRow, places: &Places) -> Result<bool> {
    let changes = vec![
        ("deleted_at", Value::Null),
        ("version", row.version.into()),
        ("updated_at", row.updated_at.into()),
    ];
    let changed = change(tx, (row.id, false), row.version - 1, changes).await?;
    if changed {
        place(tx, row, places)?;
        tx.flush().await?;
    }
    Ok(changed)
}

/// Marks; nothing of what the record said goes.
pub(crate) async fn mark_deleted(
    tx: &mut Tx,
    id: RecordId,
    seen: i64,
    now: Timestamp,
) -> Result<bool> {
    let changes = vec![
        ("deleted_at", now.into()),
        ("updated_at", now.into()),
        ("version", (seen + 1).into()),
    ];
    let changed = change(tx, (id, true), seen, changes).await?;
    if changed {
        displace(tx, id).await?;
    }
    Ok(changed)
}

pub(crate) async fn one(tx: &mut Tx, register: &str, id: RecordId) -> Result<Option<RecordRow>> {
    let columns = RECORDS.select("r");
    let sql =
        format!("SELECT {columns} FROM register_record r WHERE r.register = $1 AND r.id = $2");
    let given = params![register, id];
    let row = tx.query_marked(&RECORDS, &sql, given).await?;
    row.as_ref().map(of).transpose()
}

/// The record that holds a unique place.
pub(crate) async fn holder(tx: &mut Tx, register: &str, digest: &str) -> Result<Option<RecordId>> {
    let row = tx
        .query_opt(
            "SELECT record_id FROM register_unique WHERE register = $1 AND digest = $2",
            params![register, digest],
        )
        .await?;
    row.map(|row| row.get("record_id")).transpose()
}

/// The records with one of these values in a field, deleted ones left out.
pub(crate) async fn with_value(
    tx: &mut Tx,
    register: &str,
    field: &str,
    value: &str,
    limit: i64,
) -> Result<Vec<RecordRow>> {
    let sql = format!(
        "SELECT {} FROM register_value v JOIN register_record r ON r.id = v.record_id
         WHERE v.register = $1 AND v.field = $2 AND v.value = $3 AND r.deleted_at IS NULL ORDER BY r.id DESC LIMIT $4",
        RECORDS.select("r")
    );
    let rows = tx
        .query(&sql, params![register, field, value, limit])
        .await?;
    // A hold that was changed beside the program must not look as if there were none.
    rows.iter()
        .map(|row| tx.genuine(&RECORDS, row).and_then(|()| of(row)))
        .collect()
}
