//! Table `case_record`: when cases of citizens were accepted and closed. Opens no case.

use tongban_base::{Result, Timestamp};
use tongban_store::{Tx, params};

/// One that was decided.
pub struct Decided {
    pub item: String,
    pub accepted_at: Timestamp,
    pub closed_at: Timestamp,
}

/// The latest first, so many of them.
pub async fn decided_since(tx: &mut Tx, since: Timestamp, most: i64) -> Result<Vec<Decided>> {
    let sql = "SELECT item_code, accepted_at, closed_at FROM case_record
         WHERE closed_at >= $1 AND accepted_at IS NOT NULL AND unit IS NULL
         ORDER BY closed_at DESC LIMIT $2";
    let rows = tx.query(sql, params![since, most]).await?;
    rows.iter()
        .map(|row| {
            Ok(Decided {
                item: row.get("item_code")?,
                accepted_at: row.get("accepted_at")?,
                closed_at: row.get("closed_at")?,
            })
        })
        .collect()
}
