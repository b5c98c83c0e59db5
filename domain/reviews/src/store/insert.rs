//! Writing a rating.

use tongban_base::{Result, Timestamp};
use tongban_store::{Tx, Value, params};

use super::REVIEWS;
use crate::model::{ReviewId, Reviewable};
use crate::service::rate::Rating;

/// False when the case has a rating on this channel already; the constraint decides, not a look before.
pub(crate) async fn review(
    tx: &mut Tx,
    id: ReviewId,
    of: &Reviewable,
    rating: &Rating,
    now: Timestamp,
) -> Result<bool> {
    let row = params![
        id,
        of.case_id,
        &of.case_number,
        of.account,
        &of.item_code,
        &of.item_name,
        &of.organisation,
        &of.division,
        rating.channel.code(),
        rating.level.value(),
        serde_json::to_value(&rating.tags)?,
        &rating.words,
        rating.state.code(),
        now,
        "",
        "",
        Value::Null,
        Value::Null,
        "",
        "",
        "",
        Value::Null,
        ""
    ];
    let mark = tx.mark(&REVIEWS, row)?;
    let written = tx
        .execute(
            "INSERT INTO review (id, case_id, case_number, account, item_code, item_name, organisation,
                 division, channel, level, tags, words, state, created_at, finding, ordered, due_on, verified_at,
                 verified_by, feedback, reply, closed_at, closed_by, mark)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                 $21, $22, $23, $24)
             ON CONFLICT (case_id, channel) DO NOTHING",
            &[row, params![mark]].concat(),
        )
        .await?;
    Ok(written == 1)
}
