//! What a recipient has read. Every statement names the account, so that nobody reads for another.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Tx, params};

use super::MESSAGES;
use crate::model::MessageId;

pub(crate) async fn link(tx: &mut Tx, id: MessageId, account: Uuid) -> Result<Option<String>> {
    let sql = format!(
        "SELECT {} FROM message m WHERE id = $1 AND account = $2 AND channel = 'site'",
        MESSAGES.select("m")
    );
    let row = tx
        .query_marked(&MESSAGES, &sql, params![id, account])
        .await?;
    row.map(|row| row.get("link")).transpose()
}

pub(crate) async fn one(tx: &mut Tx, id: MessageId, account: Uuid, now: Timestamp) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE message SET read_at = $3
             WHERE id = $1 AND account = $2 AND channel = 'site' AND read_at IS NULL",
            params![id, account, now],
        )
        .await?;
    Ok(changed > 0)
}

pub(crate) async fn all(tx: &mut Tx, account: Uuid, now: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE message SET read_at = $2
         WHERE account = $1 AND channel = 'site' AND read_at IS NULL",
        params![account, now],
    )
    .await
}
