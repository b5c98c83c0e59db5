//! Table `case_record`: where journals end.

use tongban_base::Result;
use tongban_store::{Row, Tx, params};

use crate::model::CaseId;

/// Where the journal of a case ends, as the case says.
pub struct Head {
    pub case: CaseId,
    pub number: String,
    pub event_seq: i64,
    pub event_hash: String,
}

/// In the order of their ids.
pub async fn heads(tx: &mut Tx, after: Option<CaseId>, limit: i64) -> Result<Vec<Head>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let sql = "SELECT id, number, event_seq, event_hash FROM case_record WHERE id > $1 ORDER BY id LIMIT $2";
    let head = |row: &Row| {
        Ok(Head {
            case: row.get("id")?,
            number: row.get("number")?,
            event_seq: row.get("event_seq")?,
            event_hash: row.get("event_hash")?,
        })
    };
    tx.query(sql, params![after, limit])
        .await?
        .iter()
        .map(head)
        .collect()
}
