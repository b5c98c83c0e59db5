//! Table `openid_consent`: what somebody was asked by an application, and what they agreed to.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Row, Tx, params};

use crate::openid::Scopes;

pub(crate) struct ConsentRow {
    pub client: String,
    pub asked: Scopes,
    pub granted: Scopes,
    pub at: Timestamp,
}

pub(crate) async fn of(tx: &mut Tx, client: &str, account: Uuid) -> Result<Option<ConsentRow>> {
    let row = tx
        .query_opt(
            "SELECT client, asked, granted, at FROM openid_consent
             WHERE client = $1 AND account_id = $2",
            params![client, account],
        )
        .await?;
    row.as_ref().map(consent).transpose()
}

pub(crate) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<ConsentRow>> {
    let rows = tx
        .query(
            "SELECT client, asked, granted, at FROM openid_consent
             WHERE account_id = $1 ORDER BY client",
            params![account],
        )
        .await?;
    rows.iter().map(consent).collect()
}

/// The latest answer counts.
pub(crate) async fn write(tx: &mut Tx, account: Uuid, consent: &ConsentRow) -> Result<()> {
    tx.execute(
        "INSERT INTO openid_consent (client, account_id, asked, granted, at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (client, account_id) DO UPDATE SET asked = $3, granted = $4, at = $5",
        params![
            &consent.client,
            account,
            consent.asked.to_string(),
            consent.granted.to_string(),
            consent.at
        ],
    )
    .await?;
    Ok(())
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
