//! What was ordered has been put right: the result for the record, and the answer to the applicant, in one step.

use serde_json::json;
use tongban_audit::{AuditKey, Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_messages::{Recipient, Subject};
use tongban_store::Tx;

use crate::desk::{Reviews, Rules};
use crate::model::{ReviewId, ReviewView};
use crate::service::queue::in_sight;
use crate::store::handle::{self, Answer};
use crate::{audit, error};

const LIMIT: usize = 1000;
/// The event that a pack may word; without a template the answer stands on the case's page only.
const EVENT: &str = "review.answered";

#[derive(Clone, Debug, Default)]
pub struct Feedback {
    /// What was put right, for the office.
    pub feedback: String,
    /// What the applicant reads.
    pub reply: String,
}

/// Refuses: no right, another's office (not found), a rating that is not being put right, missing texts.
pub async fn feed_back(
    reviews: &Reviews,
    ctx: &Ctx,
    id: ReviewId,
    feedback: Feedback,
) -> Result<ReviewView> {
    let (key, rules) = (reviews.audit_key.clone(), reviews.rules.clone());
    reviews
        .db
        .write(
            (id, ctx.clone(), feedback, key, rules),
            |tx, (id, ctx, feedback, key, rules)| Box::pin(run(tx, ctx, *id, feedback, key, rules)),
        )
        .await
}

async fn run(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ReviewId,
    feedback: &Feedback,
    key: &AuditKey,
    rules: &Rules,
) -> Result<ReviewView> {
    let before = in_sight(tx, ctx, id).await?;
    let (result, reply) = (feedback.feedback.trim(), feedback.reply.trim());
    let faults: Vec<_> = error::text_fault("/feedback", result, "整改结果", LIMIT)
        .into_iter()
        .chain(error::text_fault("/reply", reply, "给申请人的答复", LIMIT))
        .collect();
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    let answer = Answer {
        feedback: result,
        reply,
        by: &ctx.actor.name,
        now: ctx.now,
    };
    if !handle::answer(tx, id, &answer).await? {
        return Err(error::moved_on());
    }
    let after = in_sight(tx, ctx, id).await?;
    let change = (
        json!({ "state": before.state }),
        json!({ "state": after.state }),
    );
    let entry = Entry::done(audit::ANSWERED, "review", id).with_change(change.0, change.1);
    record(tx, ctx, key, entry).await?;
    tell(tx, ctx, rules, &after).await?;
    Ok(after)
}

/// Tells the applicant that an answer is there. Only within the site: this crate knows no mobile number.
pub(crate) async fn tell(tx: &mut Tx, ctx: &Ctx, rules: &Rules, review: &ReviewView) -> Result<()> {
    let to = Recipient {
        account: review.account,
        name: "申请人".into(),
        mobile: None,
    };
    let subject = Subject {
        kind: "case",
        id: review.case_id.to_string(),
        link: format!("/me/cases/{}/review", review.case_id),
    };
    let data = json!({ "case": { "number": review.case_number, "item_name": review.item_name } });
    tongban_messages::send(tx, ctx, &rules.templates, EVENT, &to, &subject, &data).await?;
    Ok(())
}
