//! Table `openid_consent`: what somebody was asked by an application, and what they agreed to.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Marked, Row, Tx, Value, params};

use crate::openid::Scopes;

pub(crate) static CONSENTS: Marked = Marked::keyed(
    "openid_consent",
    2,
    &["client", "account_id", "asked", "granted", "at"],
    &[],
);

pub(crate) struct ConsentRow {
    pub client: String,
    pub asked: Scopes,
    pub granted: Scopes,
    pub at: Timestamp,
}

/// None as well where it was changed beside the program: then they are asked again.
pub(crate) async fn of(tx: &mut Tx, client: &str, account: Uuid) -> Result<Option<ConsentRow>> {
    let given = params![client, account];
    let found = genuine(tx, "c.client = $1 AND c.account_id = $2", given).await?;
    Ok(found.into_iter().next())
}

pub(crate) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<ConsentRow>> {
    genuine(tx, "c.account_id = $1 ORDER BY c.client", params![account]).await
}

async fn genuine(tx: &mut Tx, by: &str, given: &[Value]) -> Result<Vec<ConsentRow>> {
    let columns = CONSENTS.select("c");
    let sql = format!("SELECT {columns} FROM openid_consent c WHERE {by}");
    let rows = tx.query(&sql, given).await?;
    let rows = tx.only_genuine(&CONSENTS, rows)?;
    rows.iter().map(consent).collect()
}

/// The latest answer counts.
pub(crate) fn write(tx: &mut Tx, account: Uuid, consent: &ConsentRow) -> Result<()> {
    tx.insert_marked_or(
        &CONSENTS,
        params![
            &consent.client,
            account,
            consent.asked.to_string(),
            consent.granted.to_string(),
            consent.at
        ],
        "ON CONFLICT (client, account_id) DO UPDATE SET asked = excluded.asked, granted = excluded.granted,
             at = excluded.at, mark = excluded.mark",
    )
}

/// Whether there was one.
pub(crate) async fn delete(tx: &mut Tx, client: &str, account: Uuid) -> Result<bool> {
    let deleted = tx
        .execute(
            "DELETE FROM openid_consent WHERE client = $1 AND account_id = $2",
            params![client, account],
        )
        .await?;
    Ok(deleted > 0)
}

fn consent(row: &Row) -> Result<ConsentRow> {
    Ok(ConsentRow {
        client: row.get("client")?,
        asked: Scopes::read(&row.get::<String>("asked")?),
        granted: Scopes::read(&row.get::<String>("granted")?),
        at: row.get("at")?,
    })
}
