//! A digest of the whole state, table by table, so that a backup can be proved equal to its source.

use tongban_base::Result;
use tongban_crypto::Sm3;

use crate::{Db, Tx, Value, params};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDigest {
    pub table: String,
    pub rows: u64,
    pub digest: String,
}

/// Digests of all tables, ordered by name; equal on both databases for equal content.
pub async fn state_digest(db: &Db) -> Result<Vec<TableDigest>> {
    db.survey((), |tx, ()| Box::pin(digests(tx))).await
}

/// Gives `copy` the name of a snapshot of PostgreSQL, which `pg_dump` takes with `--snapshot`; the digests are those of
/// the same snapshot, whatever is written meanwhile. Its name holds only while `copy` runs: `copy` waits for the dump.
pub async fn digest_of_copy<F>(db: &Db, copy: F) -> Result<Vec<TableDigest>>
where
    F: Fn(&str) -> Result<()> + Send + Sync + 'static,
{
    db.survey(copy, |tx, copy| {
        Box::pin(async move {
            let exported = tx.query_one("SELECT pg_export_snapshot()", params![]);
            let snapshot: String = exported.await?.at(0)?;
            copy(&snapshot)?;
            digests(tx).await
        })
    })
    .await
}

async fn digests(tx: &mut Tx) -> Result<Vec<TableDigest>> {
    let mut digests = Vec::new();
    for table in tables(tx).await? {
        digests.push(table_digest(tx, table).await?);
    }
    Ok(digests)
}

pub(crate) async fn tables(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = if tx.is_postgres() {
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = 'public' ORDER BY table_name"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    };
    tx.query(sql, params![])
        .await?
        .iter()
        .map(|row| row.at(0))
        .collect()
}

async fn table_digest(tx: &mut Tx, table: String) -> Result<TableDigest> {
    let rows = tx
        .query(&format!("SELECT * FROM \"{table}\""), params![])
        .await?;
    let mut lines: Vec<[u8; 32]> = rows.iter().map(line).collect();
    lines.sort_unstable();
    let mut hasher = Sm3::new();
    for line in &lines {
        hasher.update(line);
    }
    Ok(TableDigest {
        table,
        rows: rows.len() as u64,
        digest: hasher.finish_hex(),
    })
}

fn line(row: &crate::Row) -> [u8; 32] {
    let mut hasher = Sm3::new();
    for (column, value) in row.columns().iter().zip(row.values()) {
        hasher.update(column.as_bytes());
        hasher.update(b"\0");
        match value {
            Value::Null => hasher.update(b"n"),
            Value::Integer(v) => hasher.update(format!("i{v}").as_bytes()),
            Value::Real(v) => hasher.update(format!("r{v}").as_bytes()),
            Value::Text(v) => hasher.update(format!("t{}\0{v}", v.len()).as_bytes()),
            Value::Bytes(v) => {
                hasher.update(format!("b{}\0", v.len()).as_bytes());
                hasher.update(v);
            }
        }
        hasher.update(b"\n");
    }
    hasher.finish()
}
