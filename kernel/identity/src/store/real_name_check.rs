//! Table `real_name_check`: every question put to the population register, with its answer.

use tongban_base::{Problem, Result, Timestamp, Uuid, id};
use tongban_store::{Changes, Marked, Row, Tx, params};

use crate::keys::{Field, Keys};
use crate::model::{ProofState, RealNameProof};

id!(CheckId);
tongban_store::store_ids!(CheckId);

/// Whose name and number it proves, and how that stands.
pub(crate) static CHECKS: Marked = Marked::new(
    "real_name_check",
    &[
        "id",
        "account_id",
        "name",
        "id_number",
        "state",
        "tries",
        "asked_at",
        "answered_at",
    ],
    &[],
);

/// Few ever are; a proof is given back a few days after somebody was turned away.
const MOST_TURNED_AWAY: usize = 1000;

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

/// Asked now, and answered if its state says so.
pub(crate) async fn insert(
    tx: &mut Tx,
    keys: &Keys,
    check: &CheckRow,
    now: Timestamp,
) -> Result<()> {
    let answered_at = (!check.state.is_open()).then_some(now);
    tx.insert_marked(
        &CHECKS,
        params![
            check.id,
            check.account,
            keys.encrypt(&check.name, Field::CheckedName, check.id.0)?,
            keys.encrypt(&check.id_number, Field::CheckedIdNumber, check.id.0)?,
            check.state.code(),
            check.tries,
            now,
            answered_at
        ],
    )
}

pub(crate) async fn by_id(tx: &mut Tx, keys: &Keys, id: CheckId) -> Result<Option<CheckRow>> {
    let columns = CHECKS.select("c");
    let sql = format!("SELECT {columns} FROM real_name_check c WHERE c.id = $1");
    let row = tx.query_marked(&CHECKS, &sql, params![id]).await?;
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
    let sql = format!(
        "SELECT {} FROM real_name_check c WHERE c.account_id = $1 ORDER BY c.id DESC LIMIT 1",
        CHECKS.select("c")
    );
    let row = tx.query_marked(&CHECKS, &sql, params![account]).await?;
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

/// The accounts that were told in the last days that another has proven this number. Numbers are encrypted, so those who
/// were turned away are looked through, newest first.
pub(crate) async fn turned_away(tx: &mut Tx, keys: &Keys, id_number: &str) -> Result<Vec<Uuid>> {
    let sql = format!(
        "SELECT {} FROM real_name_check c WHERE c.state = $1 ORDER BY c.id DESC LIMIT {MOST_TURNED_AWAY}",
        CHECKS.select("c")
    );
    let rows = tx.query(&sql, params![ProofState::Taken.code()]).await?;
    let rows = tx.only_genuine(&CHECKS, rows)?;
    let mut accounts = Vec::new();
    for row in &rows {
        let id: CheckId = row.get("id")?;
        let stored: String = row.get("id_number")?;
        let account: Uuid = row.get("account_id")?;
        let is_it = keys.decrypt(&stored, Field::CheckedIdNumber, id.0)? == id_number;
        if is_it && !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    Ok(accounts)
}

pub(crate) async fn answer(
    tx: &mut Tx,
    id: CheckId,
    state: ProofState,
    now: Timestamp,
) -> Result<()> {
    change(tx, id, |_| {
        Ok(vec![
            ("state", state.code().into()),
            ("answered_at", now.into()),
        ])
    })
    .await
}

/// The register did not answer.
pub(crate) async fn postpone(tx: &mut Tx, id: CheckId) -> Result<()> {
    change(tx, id, |row| {
        Ok(vec![
            ("state", ProofState::Waiting.code().into()),
            ("tries", (row.get::<i64>("tries")? + 1).into()),
        ])
    })
    .await
}

async fn change<C>(tx: &mut Tx, id: CheckId, changes: C) -> Result<()>
where
    C: Fn(&Row) -> Result<Changes> + Send + Sync,
{
    let by = [("id", id.into())];
    let changes = |row: &Row| changes(row).map(Some);
    tx.change(&CHECKS, &by, changes).await.map(drop)
}

fn state(row: &Row) -> Result<ProofState> {
    let code: String = row.get("state")?;
    ProofState::of(&code).ok_or_else(|| Problem::internal(format!("proof state {code}")))
}
