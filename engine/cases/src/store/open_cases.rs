//! Table `case_record`: what is open of an account, of a unit, about a record.

use tongban_base::{Result, Uuid};
use tongban_store::{Tx, params};

use crate::model::{CaseId, DraftId, OpenCase, Status};

/// Of what only one case of a procedure may be open at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnlyOne {
    OfAccount,
    /// Of a unit, or about a record.
    Of(String),
    No,
}

/// The number of the case that is open of the same, without the one that came of `draft`.
pub async fn open_like(
    tx: &mut Tx,
    item: &str,
    sole: &str,
    draft: DraftId,
) -> Result<Option<String>> {
    let row = tx
        .query_opt(
            "SELECT number FROM case_record
             WHERE item_code = $1 AND sole = $2 AND closed_at IS NULL AND draft_id <> $3",
            params![item, sole, draft],
        )
        .await?;
    row.map(|row| row.get("number")).transpose()
}

/// The open case of a procedure that an account has filed, or that was filed for its unit.
pub async fn open_by(
    tx: &mut Tx,
    item: &str,
    account: Uuid,
    unit: Option<&str>,
) -> Result<Option<(CaseId, String)>> {
    let row = tx
        .query_opt(
            "SELECT id, number FROM case_record WHERE item_code = $1 AND closed_at IS NULL
             AND (account = $2 OR unit = $3) ORDER BY submitted_at DESC LIMIT 1",
            params![item, account, unit],
        )
        .await?;
    row.map(|row| Ok((row.get("id")?, row.get("number")?)))
        .transpose()
}

/// The cases of an account that are not finished, the oldest first, without the one that came of `draft`.
pub async fn open_of(tx: &mut Tx, account: Uuid, draft: DraftId) -> Result<Vec<OpenCase>> {
    tx.query(
        "SELECT number, item_code, item_name, release_hash, status, submitted_at FROM case_record
         WHERE account = $1 AND closed_at IS NULL AND draft_id <> $2 ORDER BY submitted_at, id",
        params![account, draft],
    )
    .await?
    .iter()
    .map(|row| {
        let status: String = row.get("status")?;
        Ok(OpenCase {
            number: row.get("number")?,
            item: row.get("item_code")?,
            item_name: row.get("item_name")?,
            release: row.get("release_hash")?,
            status: Status::parse(&status)?,
            submitted_at: row.get("submitted_at")?,
        })
    })
    .collect()
}

/// How many cases of an account wait for its correction.
pub async fn correcting(tx: &mut Tx, account: Uuid) -> Result<u64> {
    let sql = "SELECT COUNT(*) AS n FROM case_record WHERE account = $1 AND closed_at IS NULL AND status = $2";
    let values = params![account, Status::Correcting.code()];
    let count: i64 = tx.query_one(sql, values).await?.get("n")?;
    Ok(u64::try_from(count).unwrap_or_default())
}
