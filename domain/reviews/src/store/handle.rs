//! The steps of handling. Each names the state it starts from, so that of two officers one wins.

use tongban_base::{Date, Result, Timestamp};
use tongban_store::{Changes, Row, Tx};

use super::REVIEWS;
use crate::model::{ReviewId, ReviewState};

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
    let changes = vec![
        ("state", ReviewState::Dismissed.code().into()),
        ("finding", step.finding.into()),
        ("reply", step.reply.into()),
        ("verified_by", step.by.into()),
        ("verified_at", step.now.into()),
        ("closed_by", step.by.into()),
        ("closed_at", step.now.into()),
    ];
    go_on(tx, id, ReviewState::ToVerify, changes).await
}

pub(crate) async fn order(tx: &mut Tx, id: ReviewId, step: &Order<'_>) -> Result<bool> {
    let changes = vec![
        ("state", ReviewState::Rectifying.code().into()),
        ("finding", step.finding.into()),
        ("ordered", step.ordered.into()),
        ("due_on", step.due_on.to_string().into()),
        ("verified_by", step.by.into()),
        ("verified_at", step.now.into()),
    ];
    go_on(tx, id, ReviewState::ToVerify, changes).await
}

pub(crate) async fn answer(tx: &mut Tx, id: ReviewId, step: &Answer<'_>) -> Result<bool> {
    let changes = vec![
        ("state", ReviewState::Answered.code().into()),
        ("feedback", step.feedback.into()),
        ("reply", step.reply.into()),
        ("closed_by", step.by.into()),
        ("closed_at", step.now.into()),
    ];
    go_on(tx, id, ReviewState::Rectifying, changes).await
}

async fn go_on(tx: &mut Tx, id: ReviewId, from: ReviewState, changes: Changes) -> Result<bool> {
    let by = [("id", id.into()), ("state", from.code().into())];
    let changes = |_: &Row| Ok(Some(changes.clone()));
    let found = tx.change(&REVIEWS, &by, changes).await?;
    Ok(found.is_some())
}
