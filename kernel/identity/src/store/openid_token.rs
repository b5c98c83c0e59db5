//! Table `openid_token`: digests of access tokens, never tokens.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Tx, params};

use crate::openid::Scopes;
use crate::store::openid_code::CodeRow;

/// What a living token opens.
pub(crate) struct Access {
    pub client: String,
    pub account: Uuid,
    pub scopes: Scopes,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    digest: &str,
    code: &CodeRow,
    expires_at: Timestamp,
) -> Result<()> {
    tx.execute(
        "INSERT INTO openid_token (digest, code, client, account_id, session_id, scopes, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            digest,
            &code.digest,
            &code.client,
            code.account,
            code.session,
            code.scopes.to_string(),
            expires_at
        ],
    )
    .await?;
    Ok(())
}

/// A token that is neither over nor ended, of a login that still lasts.
pub(crate) async fn living(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<Access>> {
    let row = tx
        .query_opt(
            "SELECT t.client, t.account_id, t.scopes FROM openid_token t
             JOIN session s ON s.id = t.session_id
             WHERE t.digest = $1 AND t.ended_at IS NULL AND t.expires_at > $2
               AND s.ended_at IS NULL AND s.expires_at > $2",
            params![digest, now],
        )
        .await?;
    row.map(|row| {
        Ok(Access {
            client: row.get("client")?,
            account: row.get("account_id")?,
            scopes: Scopes::read(&row.get::<String>("scopes")?),
        })
    })
    .transpose()
}

/// Ends whatever was given for a code.
pub(crate) async fn end_of_code(tx: &mut Tx, code: &str, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE openid_token SET ended_at = $2 WHERE code = $1 AND ended_at IS NULL",
        params![code, now],
    )
    .await?;
    Ok(())
}

/// Ends whatever an application holds of an account.
pub(crate) async fn end_of_client(
    tx: &mut Tx,
    client: &str,
    account: Uuid,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE openid_token SET ended_at = $3
         WHERE account_id = $1 AND client = $2 AND ended_at IS NULL",
        params![account, client, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<()> {
    tx.execute(
        "DELETE FROM openid_token WHERE expires_at < $1",
        params![before],
    )
    .await?;
    Ok(())
}
