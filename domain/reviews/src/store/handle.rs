//! The steps of handling. Each names the state it starts from, so that of two officers one wins.

use tongban_base::{Date, Result, Timestamp};
use tongban_store::{Tx, params};

use crate::model::ReviewId;

pub(crate) struct Dismissal<'a> {
    pub finding: &'a str,
    pub reply: &'a str,
    pub by: &'a str,
    pub now: Timestamp,
}

pub(crate) struct Order<'a> {
    pub finding: &'a str,
    pub ordered: &'a str,
    pub due_on: Date,
    pub by: &'a str,
    pub now: Timestamp,
}

pub(crate) struct Answer<'a> {
    pub feedback: &'a str,
    pub reply: &'a str,
    pub by: &'a str,
    pub now: Timestamp,
}

pub(crate) async fn dismiss(tx: &mut Tx, id: ReviewId, step: &Dismissal<'_>) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE review SET state = 'dismissed', finding = $2, reply = $3, verified_by = $4,
                 verified_at = $5, closed_by = $4, closed_at = $5
             WHERE id = $1 AND state = 'to_verify'",
            params![id, step.finding, step.reply, step.by, step.now],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn order(tx: &mut Tx, id: ReviewId, step: &Order<'_>) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE review SET state = 'rectifying', finding = $2, ordered = $3, due_on = $4,
                 verified_by = $5, verified_at = $6
             WHERE id = $1 AND state = 'to_verify'",
            params![
                id,
                step.finding,
                step.ordered,
                step.due_on.to_string(),
                step.by,
                step.now
            ],
        )
        .await?;
    Ok(changed == 1)
}

pub(crate) async fn answer(tx: &mut Tx, id: ReviewId, step: &Answer<'_>) -> Result<bool> {
    let changed = tx
        .execute(
            "UPDATE review SET state = 'answered', feedback = $2, reply = $3, closed_by = $4, closed_at = $5
             WHERE id = $1 AND state = 'rectifying'",
            params![id, step.feedback, step.reply, step.by, step.now],
        )
        .await?;
    Ok(changed == 1)
}
