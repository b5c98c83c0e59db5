//! Table `openid_code`: digests of the codes with which applications fetch their tokens.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Row, Tx, params};

use crate::model::SessionId;
use crate::openid::Scopes;

pub(crate) struct CodeRow {
    pub digest: String,
    pub client: String,
    pub account: Uuid,
    /// The login that it was given in; what comes of it ends with that.
    pub session: SessionId,
    pub redirect_uri: String,
    pub challenge: String,
    pub scopes: Scopes,
    pub nonce: Option<String>,
    pub signed_in_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A code, whether it was used, and whether its login still lasts.
pub(crate) struct FoundCode {
    pub code: CodeRow,
    pub used: bool,
    pub session_lives: bool,
}

pub(crate) async fn insert(tx: &mut Tx, code: &CodeRow) -> Result<()> {
    tx.execute(
        "INSERT INTO openid_code (digest, client, account_id, session_id, redirect_uri, challenge, scopes, nonce,
                                  signed_in_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            &code.digest,
            &code.client,
            code.account,
            code.session,
            &code.redirect_uri,
            &code.challenge,
            code.scopes.to_string(),
            code.nonce.clone(),
            code.signed_in_at,
            code.expires_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<FoundCode>> {
    let row = tx
        .query_opt(
            "SELECT c.digest, c.client, c.account_id, c.session_id, c.redirect_uri, c.challenge, c.scopes, c.nonce,
                    c.signed_in_at, c.expires_at, c.used_at,
                    (SELECT COUNT(*) FROM session s
                     WHERE s.id = c.session_id AND s.ended_at IS NULL AND s.expires_at > $2) AS living
             FROM openid_code c WHERE c.digest = $1",
            params![digest, now],
        )
        .await?;
    row.as_ref().map(found).transpose()
}

pub(crate) async fn use_up(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE openid_code SET used_at = $2 WHERE digest = $1",
        params![digest, now],
    )
    .await?;
    Ok(())
}

/// Codes that nobody has fetched yet.
pub(crate) async fn drop_unused(tx: &mut Tx, client: &str, account: Uuid) -> Result<()> {
    tx.execute(
        "DELETE FROM openid_code WHERE account_id = $1 AND client = $2 AND used_at IS NULL",
        params![account, client],
    )
    .await?;
    Ok(())
}

pub(crate) async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<()> {
    tx.execute(
        "DELETE FROM openid_code WHERE expires_at < $1",
        params![before],
    )
    .await?;
    Ok(())
}

fn found(row: &Row) -> Result<FoundCode> {
    Ok(FoundCode {
        used: row.get::<Option<Timestamp>>("used_at")?.is_some(),
        session_lives: row.get::<i64>("living")? > 0,
        code: CodeRow {
            digest: row.get("digest")?,
            client: row.get("client")?,
            account: row.get("account_id")?,
            session: row.get("session_id")?,
            redirect_uri: row.get("redirect_uri")?,
            challenge: row.get("challenge")?,
            scopes: Scopes::read(&row.get::<String>("scopes")?),
            nonce: row.get("nonce")?,
            signed_in_at: row.get("signed_in_at")?,
            expires_at: row.get("expires_at")?,
        },
    })
}
