//! Reading messages.

use tongban_base::{Problem, Result, Uuid};
use tongban_store::{Key, KeyPage, List, Order, Row, Tx, params};

use super::MESSAGES;
use crate::model::{Channel, MessageView, State, StoredText};
use crate::service::inbox::InboxFilter;

/// What became of a message.
const BESIDE: &str = "m.state, m.detail, m.sent_at, m.delivered_at, m.read_at";

pub(crate) async fn of_subject(
    tx: &mut Tx,
    kind: &str,
    id: &str,
    limit: i64,
) -> Result<Vec<MessageView>> {
    let sql = format!(
        "SELECT {}, {BESIDE} FROM message m WHERE subject_kind = $1 AND subject_id = $2
         ORDER BY id DESC LIMIT $3",
        MESSAGES.select("m")
    );
    let rows = tx.query(&sql, params![kind, id, limit]).await?;
    let rows = tx.only_genuine(&MESSAGES, rows)?;
    rows.iter().rev().map(view).collect()
}

const NEWEST_FIRST: Order = Order {
    keys: &[Key::Text("m.id")],
    falling: true,
};

/// Messages within the site, the newest first.
pub(crate) async fn inbox(
    tx: &mut Tx,
    account: Uuid,
    filter: &InboxFilter,
    limit: usize,
) -> Result<KeyPage<MessageView>> {
    let columns = format!("{}, {BESIDE}", MESSAGES.select("m"));
    let mut list = List::new(columns, "message m", NEWEST_FIRST);
    list.equal("m.account", account);
    list.only("m.channel = 'site'");
    if filter.unread_only {
        list.only("m.read_at IS NULL");
    }
    let at = (filter.after.as_ref(), limit);
    list.page(tx, at, |tx, row| match tx.fits_at(&MESSAGES, row, 0)? {
        true => view(row).map(Some),
        false => Ok(None),
    })
    .await
}

pub(crate) async fn unread(tx: &mut Tx, account: Uuid) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) AS unread FROM message
         WHERE account = $1 AND channel = 'site' AND read_at IS NULL",
        params![account],
    )
    .await?
    .get("unread")
}

fn view(row: &Row) -> Result<MessageView> {
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
