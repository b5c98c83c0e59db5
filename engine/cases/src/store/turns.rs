//! Table `file_turn`: how officers have turned a file to read it, for whoever looks at it next. Decides nothing.

use std::collections::HashMap;

use tongban_base::{Result, Uuid};
use tongban_store::{Tx, params};

use crate::model::{CaseId, MaterialFileId};

/// One more quarter to the right.
pub async fn turn(tx: &mut Tx, case: CaseId, file: MaterialFileId) -> Result<()> {
    let sql = "INSERT INTO file_turn (file_id, case_id, turns) VALUES ($1, $2, 1)
        ON CONFLICT (file_id) DO UPDATE SET turns = (file_turn.turns + 1) % 4";
    tx.execute(sql, params![file, case]).await.map(drop)
}

/// The files of a case that do not stand as they came.
pub async fn of_case(tx: &mut Tx, case: CaseId) -> Result<HashMap<Uuid, u8>> {
    let sql = "SELECT file_id, turns FROM file_turn WHERE case_id = $1";
    let rows = tx.query(sql, params![case]).await?;
    let turned = rows.iter().map(|row| {
        let turns: i64 = row.get("turns")?;
        Ok((row.get("file_id")?, u8::try_from(turns % 4).unwrap_or(0)))
    });
    turned.collect()
}
