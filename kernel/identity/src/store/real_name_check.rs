//! Table `real_name_check`: every question put to the population register, with its answer.

use tongban_base::{Problem, Result, Timestamp, Uuid, id};
use tongban_store::{Row, Tx, params};

use crate::keys::{Field, Keys};
use crate::model::{ProofState, RealNameProof};

id!(CheckId);
tongban_store::store_ids!(CheckId);

#[derive(Clone)]
pub(crate) struct CheckRow {
    pub id: CheckId,
    pub account: Uuid,
    pub name: String,
    pub id_number: String,
    pub state: ProofState,
    /// How often the register was asked in vain.
    pub tries: i64,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    keys: &Keys,
    check: &CheckRow,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO real_name_check (id, account_id, name, id_number, state, tries, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            check.id,
            check.account,
            keys.encrypt(&check.name, Field::CheckedName, check.id.0)?,
            keys.encrypt(&check.id_number, Field::CheckedIdNumber, check.id.0)?,
            check.state.code(),
            check.tries,
            now
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn by_id(tx: &mut Tx, keys: &Keys, id: CheckId) -> Result<Option<CheckRow>> {
    let row = tx
        .query_opt(
            "SELECT id, account_id, name, id_number, state, tries FROM real_name_check WHERE id = $1",
            params![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(CheckRow {
        id: row.get("id")?,
        account: row.get("account_id")?,
        name: keys.decrypt(&row.get::<String>("name")?, Field::CheckedName, id.0)?,
        id_number: keys.decrypt(
            &row.get::<String>("id_number")?,
            Field::CheckedIdNumber,
            id.0,
        )?,
        state: state(&row)?,
        tries: row.get("tries")?,
    }))
}

/// The newest proof of an account.
pub(crate) async fn latest(tx: &mut Tx, account: Uuid) -> Result<Option<RealNameProof>> {
    let row = tx
        .query_opt(
            "SELECT state, asked_at, answered_at FROM real_name_check
             WHERE account_id = $1 ORDER BY id DESC LIMIT 1",
            params![account],
        )
        .await?;
    row.map(|row| {
        Ok(RealNameProof {
            state: state(&row)?,
            asked_at: row.get("asked_at")?,
            answered_at: row.get("answered_at")?,
        })
    })
    .transpose()
}

/// How many proofs an account asked for since a moment.
pub(crate) async fn count_since(tx: &mut Tx, account: Uuid, since: Timestamp) -> Result<i64> {
    let row = tx
        .query_one(
            "SELECT COUNT(*) AS asked FROM real_name_check WHERE account_id = $1 AND asked_at > $2",
            params![account, since],
        )
        .await?;
    row.get("asked")
}

pub(crate) async fn answer(
    tx: &mut Tx,
    id: CheckId,
    state: ProofState,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE real_name_check SET state = $2, answered_at = $3 WHERE id = $1",
        params![id, state.code(), now],
    )
    .await?;
    Ok(())
}

/// The register did not answer.
pub(crate) async fn postpone(tx: &mut Tx, id: CheckId) -> Result<()> {
    tx.execute(
        "UPDATE real_name_check SET state = $2, tries = tries + 1 WHERE id = $1",
        params![id, ProofState::Waiting.code()],
    )
    .await?;
    Ok(())
}

fn state(row: &Row) -> Result<ProofState> {
    let code: String = row.get("state")?;
    ProofState::of(&code).ok_or_else(|| Problem::internal(format!("proof state {code}")))
}
