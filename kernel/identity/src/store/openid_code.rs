//! Table `openid_code`: digests of the codes with which applications fetch their tokens.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Marked, Row, Tx, Value, params};

use crate::model::SessionId;
use crate::openid::Scopes;
use crate::store::session;

pub(crate) static CODES: Marked = Marked::new(
    "openid_code",
    &[
        "digest",
        "client",
        "account_id",
        "session_id",
        "redirect_uri",
        "challenge",
        "scopes",
        "nonce",
        "signed_in_at",
        "expires_at",
        "used_at",
    ],
    &[],
);

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

pub(crate) fn insert(tx: &mut Tx, code: &CodeRow) -> Result<()> {
    tx.insert_marked(
        &CODES,
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
            code.expires_at,
            Value::Null
        ],
    )
}

pub(crate) async fn find(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<FoundCode>> {
    let columns = CODES.select("c");
    let sql = format!("SELECT {columns} FROM openid_code c WHERE c.digest = $1");
    let row = tx.query_marked(&CODES, &sql, params![digest]).await?;
    let Some(row) = row else { return Ok(None) };
    let session_lives = session::lasts(tx, row.get("session_id")?, now).await?;
    found(&row, session_lives).map(Some)
}

pub(crate) async fn use_up(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<()> {
    let by = [("digest", digest.into())];
    let used = |_: &Row| Ok(Some(vec![("used_at", now.into())]));
    tx.change(&CODES, &by, used).await.map(drop)
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

/// Leaves so many of the unused codes that this person has for this application.
pub(crate) async fn keep_newest(tx: &mut Tx, beside: &CodeRow, most: i64) -> Result<()> {
    tx.execute(
        "DELETE FROM openid_code WHERE account_id = $1 AND client = $2 AND used_at IS NULL AND digest NOT IN
             (SELECT digest FROM openid_code WHERE account_id = $1 AND client = $2 AND used_at IS NULL
              ORDER BY expires_at DESC, digest LIMIT $3)",
        params![beside.account, &beside.client, most],
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

fn found(row: &Row, session_lives: bool) -> Result<FoundCode> {
    Ok(FoundCode {
        used: row.get::<Option<Timestamp>>("used_at")?.is_some(),
        session_lives,
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
