//! Table `openid_token`: digests of access tokens, never tokens. One that has ended is no row.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Marked, Tx, params};

use crate::openid::Scopes;
use crate::store::openid_code::CodeRow;
use crate::store::session;

pub(crate) static TOKENS: Marked = Marked::new(
    "openid_token",
    &[
        "digest",
        "code",
        "client",
        "account_id",
        "session_id",
        "scopes",
        "expires_at",
    ],
    &[],
);

/// What a living token opens.
pub(crate) struct Access {
    pub client: String,
    pub account: Uuid,
    pub scopes: Scopes,
}

pub(crate) fn insert(
    tx: &mut Tx,
    digest: &str,
    code: &CodeRow,
    expires_at: Timestamp,
) -> Result<()> {
    tx.insert_marked(
        &TOKENS,
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
}

/// A token that is neither over nor ended, of a login that still lasts.
pub(crate) async fn living(tx: &mut Tx, digest: &str, now: Timestamp) -> Result<Option<Access>> {
    let sql = format!(
        "SELECT {} FROM openid_token t WHERE t.digest = $1 AND t.expires_at > $2",
        TOKENS.select("t")
    );
    let rows = tx.query(&sql, params![digest, now]).await?;
    let rows = tx.only_genuine(&TOKENS, rows)?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    if !session::lasts(tx, row.get("session_id")?, now).await? {
        return Ok(None);
    }
    Ok(Some(Access {
        client: row.get("client")?,
        account: row.get("account_id")?,
        scopes: Scopes::read(&row.get::<String>("scopes")?),
    }))
}

/// Ends whatever was given for a code.
pub(crate) async fn end_of_code(tx: &mut Tx, code: &str) -> Result<()> {
    tx.execute("DELETE FROM openid_token WHERE code = $1", params![code])
        .await
        .map(drop)
}

/// Ends whatever an application holds of an account.
pub(crate) async fn end_of_client(tx: &mut Tx, client: &str, account: Uuid) -> Result<()> {
    tx.execute(
        "DELETE FROM openid_token WHERE account_id = $1 AND client = $2",
        params![account, client],
    )
    .await
    .map(drop)
}

pub(crate) async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<()> {
    tx.execute(
        "DELETE FROM openid_token WHERE expires_at < $1",
        params![before],
    )
    .await?;
    Ok(())
}
