//! The way of an SMS through its states. Each step names the states it may start from, so that a late or repeated
//! word never takes a better one back.

use tongban_base::{Result, Timestamp};
use tongban_store::{Tx, params};

use super::MESSAGES;
use crate::model::{MessageId, State, StoredText};

/// An SMS that waits for its turn.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub id: MessageId,
    pub template: String,
    pub text: StoredText,
    /// Encrypted.
    pub mobile: String,
    pub attempts: i64,
}

pub(crate) async fn waiting(tx: &mut Tx, id: MessageId) -> Result<Option<Waiting>> {
    let sql = format!(
        "SELECT {}, m.attempts FROM message m
         WHERE id = $1 AND channel = 'sms' AND state = 'queued' AND mobile IS NOT NULL",
        MESSAGES.select("m")
    );
    let row = tx.query_marked(&MESSAGES, &sql, params![id]).await?;
    row.map(|row| {
        Ok(Waiting {
            id,
            template: row.get("template")?,
            text: StoredText(row.get("text")?),
            mobile: row.get("mobile")?,
            attempts: row.get("attempts")?,
        })
    })
    .transpose()
}

/// The gateway has taken it. Its receipt may have been faster.
pub(crate) async fn sent(tx: &mut Tx, id: MessageId, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE message SET sent_at = $2, attempts = attempts + 1,
             state = CASE WHEN state = 'queued' THEN 'sent' ELSE state END,
             detail = CASE WHEN state = 'queued' THEN '' ELSE detail END
         WHERE id = $1 AND sent_at IS NULL",
        params![id, now],
    )
    .await?;
    Ok(())
}

pub(crate) async fn attempted(tx: &mut Tx, id: MessageId, detail: &str) -> Result<()> {
    tx.execute(
        "UPDATE message SET attempts = attempts + 1, detail = $2 WHERE id = $1 AND state = 'queued'",
        params![id, detail],
    )
    .await?;
    Ok(())
}

/// It was not an attempt.
pub(crate) async fn postponed(tx: &mut Tx, id: MessageId, detail: &str) -> Result<()> {
    tx.execute(
        "UPDATE message SET detail = $2 WHERE id = $1 AND state = 'queued'",
        params![id, detail],
    )
    .await?;
    Ok(())
}

/// What was given up after so many attempts, and neither refused nor taken, is tried anew.
pub(crate) async fn reopen(tx: &mut Tx, id: MessageId, attempts: i64) -> Result<()> {
    tx.execute(
        "UPDATE message SET state = 'queued', attempts = 0
         WHERE id = $1 AND channel = 'sms' AND state = 'failed' AND sent_at IS NULL AND attempts >= $2",
        params![id, attempts],
    )
    .await?;
    Ok(())
}

/// It will not be tried again by itself.
pub(crate) async fn close(tx: &mut Tx, id: MessageId, state: State, detail: &str) -> Result<()> {
    tx.execute(
        "UPDATE message SET attempts = attempts + 1, state = $2, detail = $3
         WHERE id = $1 AND state = 'queued'",
        params![id, state.code(), detail],
    )
    .await?;
    Ok(())
}

pub(crate) async fn delivered(tx: &mut Tx, id: MessageId, at: Timestamp) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE message SET state = 'delivered', detail = '', delivered_at = $2
             WHERE id = $1 AND channel = 'sms' AND state IN ('queued', 'sent', 'failed')",
            params![id, at],
        )
        .await?;
    Ok(changed > 0)
}

pub(crate) async fn failed(tx: &mut Tx, id: MessageId, detail: &str) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE message SET state = 'failed', detail = $2
             WHERE id = $1 AND channel = 'sms' AND state IN ('queued', 'sent')",
            params![id, detail],
        )
        .await?;
    Ok(changed > 0)
}

pub(crate) async fn state(tx: &mut Tx, id: MessageId) -> Result<Option<State>> {
    let row = tx
        .query_opt(
            "SELECT state FROM message WHERE id = $1 AND channel = 'sms'",
            params![id],
        )
        .await?;
    let code: Option<String> = row.map(|row| row.get("state")).transpose()?;
    Ok(code.and_then(|code| State::of(&code)))
}
