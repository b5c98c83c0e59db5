//! Reading messages.

use tongban_base::{Problem, Result};
use tongban_store::{Row, Tx, params};

use crate::model::{Channel, MessageView, State, StoredText};

pub(crate) const COLUMNS: &str = "id, channel, event, title, text, recipient, mobile_masked, subject_kind, \
    subject_id, link, state, detail, created_at, sent_at, delivered_at, read_at";

pub(crate) async fn of_subject(
    tx: &mut Tx,
    kind: &str,
    id: &str,
    limit: i64,
) -> Result<Vec<MessageView>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM message WHERE subject_kind = $1 AND subject_id = $2
         ORDER BY id DESC LIMIT $3"
    );
    let rows = tx.query(&sql, params![kind, id, limit]).await?;
    rows.iter().rev().map(view).collect()
}

pub(crate) fn view(row: &Row) -> Result<MessageView> {
    let unknown = |what: &str, code: &str| Problem::internal(format!("message {what} {code}"));
    let channel: String = row.get("channel")?;
    let state: String = row.get("state")?;
    Ok(MessageView {
        id: row.get("id")?,
        channel: Channel::of(&channel).ok_or_else(|| unknown("channel", &channel))?,
        event: row.get("event")?,
        title: row.get("title")?,
        text: StoredText(row.get("text")?),
        recipient: row.get("recipient")?,
        mobile_masked: row.get("mobile_masked")?,
        subject_kind: row.get("subject_kind")?,
        subject_id: row.get("subject_id")?,
        link: row.get("link")?,
        state: State::of(&state).ok_or_else(|| unknown("state", &state))?,
        detail: row.get("detail")?,
        created_at: row.get("created_at")?,
        sent_at: row.get("sent_at")?,
        delivered_at: row.get("delivered_at")?,
        read_at: row.get("read_at")?,
    })
}
