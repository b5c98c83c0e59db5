//! All records of a register at once, and by what it is seen that one of them was written.

use tongban_base::Result;
use tongban_store::{Tx, params};

use super::records::{RECORDS, RecordRow, of};

/// Every write counts a version on: another stamp, another content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(i64, i64);

pub(crate) async fn stamp(tx: &mut Tx, register: &str) -> Result<Stamp> {
    let sql = "SELECT COUNT(*) AS records, CAST(COALESCE(SUM(version), 0) AS BIGINT) AS versions
         FROM register_record WHERE register = $1";
    let row = tx.query_one(sql, params![register]).await?;
    Ok(Stamp(row.get("records")?, row.get("versions")?))
}

/// The newest first, deleted ones left out.
pub(crate) async fn all(tx: &mut Tx, register: &str, most: i64) -> Result<Vec<RecordRow>> {
    let sql = format!(
        "SELECT {} FROM register_record r WHERE r.register = $1 AND r.deleted_at IS NULL
         ORDER BY r.id DESC LIMIT $2",
        RECORDS.select("r")
    );
    let rows = tx.query(&sql, params![register, most]).await?;
    let rows = tx.only_genuine(&RECORDS, rows)?;
    rows.iter().map(of).collect()
}
