//! Table `session`: digests of tokens, never tokens.

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Row, Tx, params};

use crate::model::{SessionId, SessionKind, SessionView};

pub(crate) struct SessionRow {
    pub id: SessionId,
    pub digest: String,
    pub account: Uuid,
    pub kind: SessionKind,
    pub address: String,
    pub agent: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

const COLUMNS: &str =
    "id, digest, account_id, kind, address, agent, created_at, seen_at, expires_at";

pub(crate) async fn insert(tx: &mut Tx, session: &SessionRow) -> Result<()> {
    tx.execute(
        "INSERT INTO session (id, digest, account_id, kind, address, agent, created_at, seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            session.id,
            &session.digest,
            session.account,
            session.kind.code(),
            &session.address,
            &session.agent,
            session.created_at,
            session.seen_at,
            session.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// A session that nobody ended and whose lifetime and idle time are not over.
pub(crate) async fn living(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<SessionRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM session
         WHERE digest = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3"
    );
    let row = tx.query_opt(&sql, params![digest, now, idle_since]).await?;
    row.as_ref().map(session).transpose()
}

pub(crate) async fn living_of(
    tx: &mut Tx,
    account: Uuid,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<SessionRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM session
         WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3
         ORDER BY id DESC LIMIT 100"
    );
    let rows = tx.query(&sql, params![account, now, idle_since]).await?;
    rows.iter().map(session).collect()
}

pub(crate) async fn touch(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2",
        params![id, now],
    )
    .await?;
    Ok(())
}

/// Ends a session by its digest; gives its id and account if it was not ended before.
pub(crate) async fn end(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<Option<(SessionId, Uuid)>> {
    let row = tx
        .query_opt(
            "UPDATE session SET ended_at = $2 WHERE digest = $1 AND ended_at IS NULL
             RETURNING id, account_id",
            params![digest, now],
        )
        .await?;
    row.map(|row| Ok((row.get("id")?, row.get("account_id")?)))
        .transpose()
}

pub(crate) async fn end_used_after(tx: &mut Tx, moment: Timestamp) -> Result<()> {
    let sql = "UPDATE session SET ended_at = $1 WHERE seen_at > $1 AND ended_at IS NULL";
    tx.execute(sql, params![moment]).await?;
    Ok(())
}

/// Ends one session of an account; gives its digest, or none when the account has no such session.
pub(crate) async fn revoke(
    tx: &mut Tx,
    account: Uuid,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<String>> {
    let row = tx
        .query_opt(
            "UPDATE session SET ended_at = $3 WHERE id = $1 AND account_id = $2 AND ended_at IS NULL
             RETURNING digest",
            params![id, account, now],
        )
        .await?;
    row.map(|row| row.get("digest")).transpose()
}

impl SessionRow {
    pub(crate) fn view(self, current_digest: &str) -> SessionView {
        SessionView {
            id: self.id,
            created_at: self.created_at,
            seen_at: self.seen_at,
            address: self.address,
            current: self.digest == current_digest,
            agent: self.agent,
        }
    }
}

fn session(row: &Row) -> Result<SessionRow> {
    let kind: String = row.get("kind")?;
    Ok(SessionRow {
        id: row.get("id")?,
        digest: row.get("digest")?,
        account: row.get("account_id")?,
        kind: SessionKind::of(&kind)
            .ok_or_else(|| Problem::internal(format!("session kind {kind}")))?,
        address: row.get("address")?,
        agent: row.get("agent")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
        expires_at: row.get("expires_at")?,
    })
}
