//! Records with what they are found by: written together, so that no record is without its places.

use tongban_base::{Result, Timestamp};
use tongban_store::{Row, Tx, Value, params};

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

pub(crate) const COLUMNS: &str = "r.id, r.register, r.key_digest, r.title, r.organisation, r.division, r.data, \
     r.version, r.created_at, r.updated_at, r.deleted_at";

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

pub(crate) type Statement = (&'static str, Vec<Value>);

/// The statements that bring a record in; many records travel in one round trip.
pub(crate) fn insert(row: &RecordRow, places: &Places) -> Vec<Statement> {
    let mut statements = vec![(
        "INSERT INTO register_record (id, register, key_digest, title, organisation, division, data, version,
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
            row.updated_at
        ]
        .to_vec(),
    )];
    statements.extend(place(row, places));
    statements
}

fn place(row: &RecordRow, places: &Places) -> Vec<Statement> {
    let unique = places.unique.iter().map(|digest| {
        let values = params![&row.register, digest, row.id].to_vec();
        (
            "INSERT INTO register_unique (register, digest, record_id) VALUES ($1, $2, $3)",
            values,
        )
    });
    let values = places.values.iter().map(|(field, value)| {
        let values = params![row.id, &row.register, field, value].to_vec();
        (
            "INSERT INTO register_value (record_id, register, field, value) VALUES ($1, $2, $3, $4)",
            values,
        )
    });
    unique.chain(values).collect()
}

fn displace(id: RecordId) -> Vec<Statement> {
    vec![
        (
            "DELETE FROM register_unique WHERE record_id = $1",
            params![id].to_vec(),
        ),
        (
            "DELETE FROM register_value WHERE record_id = $1",
            params![id].to_vec(),
        ),
    ]
}

/// False when the record is no longer at the version before this one.
pub(crate) async fn update(tx: &mut Tx, row: &RecordRow, places: &Places) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE register_record SET key_digest = $2, title = $3, division = $4, data = $5, version = $6,
                 updated_at = $7
             WHERE id = $1 AND version = $8 AND deleted_at IS NULL",
            params![
                row.id,
                &row.key_digest,
                &row.title,
                &row.division,
                &row.data,
                row.version,
                row.updated_at,
                row.version - 1
            ],
        )
        .await?;
    if changed == 1 {
        let statements = [displace(row.id), place(row, places)].concat();
        tx.execute_all(&statements).await?;
    }
    Ok(changed == 1)
}

/// Marks; nothing of what the record said goes.
pub(crate) async fn mark_deleted(
    tx: &mut Tx,
    id: RecordId,
    seen: i64,
    now: Timestamp,
) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE register_record SET deleted_at = $3, updated_at = $3, version = version + 1
             WHERE id = $1 AND version = $2 AND deleted_at IS NULL",
            params![id, seen, now],
        )
        .await?;
    if changed == 1 {
        tx.execute_all(&displace(id)).await?;
    }
    Ok(changed == 1)
}

pub(crate) async fn one(tx: &mut Tx, register: &str, id: RecordId) -> Result<Option<RecordRow>> {
    let sql =
        format!("SELECT {COLUMNS} FROM register_record r WHERE r.register = $1 AND r.id = $2");
    let row = tx.query_opt(&sql, params![register, id]).await?;
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
        "SELECT {COLUMNS} FROM register_value v JOIN register_record r ON r.id = v.record_id
         WHERE v.register = $1 AND v.field = $2 AND v.value = $3 AND r.deleted_at IS NULL ORDER BY r.id LIMIT $4"
    );
    let rows = tx
        .query(&sql, params![register, field, value, limit])
        .await?;
    rows.iter().map(of).collect()
}
