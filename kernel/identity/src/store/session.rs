//! Table `session`: digests of tokens, never tokens.

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Marked, Row, Tx, Value, params};

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

/// Whose session it is and until when. Its last use is noted without a mark: it can only make it longer idle or less.
pub(crate) static SESSIONS: Marked = Marked::new(
    "session",
    &[
        "id",
        "digest",
        "account_id",
        "kind",
        "address",
        "agent",
        "created_at",
        "expires_at",
        "ended_at",
    ],
    &["seen_at"],
);

pub(crate) fn insert(tx: &mut Tx, session: &SessionRow) -> Result<()> {
    tx.insert_marked(
        &SESSIONS,
        params![
            session.id,
            &session.digest,
            session.account,
            session.kind.code(),
            &session.address,
            &session.agent,
            session.created_at,
            session.expires_at,
            Value::Null,
            session.seen_at
        ],
    )
}

/// A session that nobody ended and whose lifetime and idle time are not over.
pub(crate) async fn living(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<SessionRow>> {
    let sql = format!(
        "SELECT {}, s.seen_at FROM session s
         WHERE digest = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3",
        SESSIONS.select("s")
    );
    let given = params![digest, now, idle_since];
    let row = tx.query_opt(&sql, given).await?;
    let rows = tx.only_genuine(&SESSIONS, row.into_iter().collect())?;
    rows.first().map(session).transpose()
}

/// Whether a login lasts that something was given in.
pub(crate) async fn lasts(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<bool> {
    let sql = format!(
        "SELECT {} FROM session s WHERE id = $1 AND ended_at IS NULL AND expires_at > $2",
        SESSIONS.select("s")
    );
    let rows = tx.query(&sql, params![id, now]).await?;
    Ok(!tx.only_genuine(&SESSIONS, rows)?.is_empty())
}

/// Whoever is logged in to one account is logged in to another.
pub(crate) async fn hand_over(tx: &mut Tx, (from, to): (Uuid, Uuid)) -> Result<()> {
    let sql = "SELECT id FROM session WHERE account_id = $1 AND ended_at IS NULL";
    for row in tx.query(sql, params![from]).await? {
        let by = [("id", row.get::<Uuid>("id")?.into())];
        let changes = |_: &Row| Ok(Some(vec![("account_id", Value::from(to))]));
        tx.change(&SESSIONS, &by, changes).await?;
    }
    Ok(())
}

pub(crate) async fn living_of(
    tx: &mut Tx,
    account: Uuid,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<SessionRow>> {
    let sql = format!(
        "SELECT {}, s.seen_at FROM session s
         WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3
         ORDER BY id DESC LIMIT 100",
        SESSIONS.select("s")
    );
    let rows = tx.query(&sql, params![account, now, idle_since]).await?;
    let rows = tx.only_genuine(&SESSIONS, rows)?;
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
    let row = close(tx, &[("digest", digest.into())], now).await?;
    row.map(|row| Ok((row.get("id")?, row.get("account_id")?)))
        .transpose()
}

/// Row by row, so that each keeps its mark.
pub(crate) async fn end_used_after(tx: &mut Tx, moment: Timestamp) -> Result<()> {
    let sql = "SELECT id FROM session WHERE seen_at > $1 AND ended_at IS NULL";
    for row in tx.query(sql, params![moment]).await? {
        let id: SessionId = row.get("id")?;
        close(tx, &[("id", id.into())], moment).await?;
    }
    Ok(())
}

/// Ends all sessions of an account; gives how many lasted.
pub(crate) async fn end_of(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<u64> {
    end_others(tx, account, "", now).await
}

/// The same but for the session with this digest.
pub(crate) async fn end_others(
    tx: &mut Tx,
    account: Uuid,
    own: &str,
    now: Timestamp,
) -> Result<u64> {
    let sql = "SELECT id FROM session WHERE account_id = $1 AND digest <> $2 AND ended_at IS NULL";
    let mut ended = 0;
    for row in tx.query(sql, params![account, own]).await? {
        let id: SessionId = row.get("id")?;
        let closed = close(tx, &[("id", id.into())], now).await?;
        ended += u64::from(closed.is_some());
    }
    Ok(ended)
}

async fn close(tx: &mut Tx, by: &[(&str, Value)], now: Timestamp) -> Result<Option<Row>> {
    let ended = |row: &Row| {
        let lasts = *row.value("ended_at")? == Value::Null;
        Ok(lasts.then(|| vec![("ended_at", now.into())]))
    };
    tx.change(&SESSIONS, by, ended).await
}

/// Ends one session of an account; gives its digest, or none when the account has no such session.
pub(crate) async fn revoke(
    tx: &mut Tx,
    account: Uuid,
    id: SessionId,
    now: Timestamp,
) -> Result<Option<String>> {
    let by = [("id", id.into()), ("account_id", account.into())];
    let row = close(tx, &by, now).await?;
    row.map(|row| row.get("digest")).transpose()
}

/// Nobody is logged in any more.
pub(crate) async fn delete_all(tx: &mut Tx) -> Result<()> {
    tx.execute("DELETE FROM session", params![]).await.map(drop)
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
