//! A supervisor has looked into a bad rating. Either it is not true, and the applicant is answered with reasons; or
//! it is true, and the office is ordered to put it right by a day. Both are whole steps: nothing is left open.

use serde_json::json;
use tongban_audit::{AuditKey, Entry, record};
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_store::Tx;

use crate::desk::{Reviews, Rules};
use crate::model::{ReviewId, ReviewState, ReviewView};
use crate::service::feed_back::tell;
use crate::service::queue::in_sight;
use crate::store::handle::{self, Dismissal, Order};
use crate::{audit, error};

const LIMIT: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    True,
    NotTrue,
}

/// What the supervisor writes down.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    pub finding: Option<Finding>,
    /// What was found, for the office.
    pub note: String,
    /// When it is true: what must be put right.
    pub order: String,
    /// When it is not: what the applicant reads.
    pub reply: String,
}

/// Refuses: no right, another's office (not found), a rating that is not waiting to be verified, missing texts.
pub async fn verify(
    reviews: &Reviews,
    ctx: &Ctx,
    id: ReviewId,
    verification: Verification,
) -> Result<ReviewView> {
    let (key, rules) = (reviews.audit_key.clone(), reviews.rules.clone());
    reviews
        .db
        .write(
            (id, ctx.clone(), verification, key, rules),
            |tx, (id, ctx, verification, key, rules)| {
                Box::pin(run(tx, ctx, *id, verification, key, rules))
            },
        )
        .await
}

async fn run(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ReviewId,
    verification: &Verification,
    key: &AuditKey,
    rules: &Rules,
) -> Result<ReviewView> {
    let before = in_sight(tx, ctx, id).await?;
    let finding = checked(verification)?;
    let changed = match finding {
        Finding::NotTrue => dismiss(tx, ctx, id, verification).await?,
        Finding::True => order(tx, ctx, id, verification, rules).await?,
    };
    if !changed {
        return Err(error::moved_on());
    }
    let after = in_sight(tx, ctx, id).await?;
    let change = (
        json!({ "state": before.state }),
        json!({ "state": after.state }),
    );
    let entry = Entry::done(audit::VERIFIED, "review", id).with_change(change.0, change.1);
    record(tx, ctx, key, entry).await?;
    if after.state == ReviewState::Dismissed {
        tell(tx, ctx, rules, &after).await?;
    }
    Ok(after)
}

fn checked(verification: &Verification) -> Result<Finding> {
    let mut faults = Vec::new();
    faults.extend(error::text_fault(
        "/note",
        verification.note.trim(),
        "核实情况",
        LIMIT,
    ));
    match verification.finding {
        None => {
            let message = "请选择属实或者不属实";
            faults.push(FieldError::new("/finding", "required", message));
        }
        Some(Finding::True) => {
            faults.extend(error::text_fault(
                "/order",
                verification.order.trim(),
                "整改要求",
                LIMIT,
            ));
        }
        Some(Finding::NotTrue) => {
            faults.extend(error::text_fault(
                "/reply",
                verification.reply.trim(),
                "给申请人的答复",
                LIMIT,
            ));
        }
    }
    match verification.finding {
        Some(finding) if faults.is_empty() => Ok(finding),
        _ => Err(Problem::fields(faults)),
    }
}

async fn dismiss(tx: &mut Tx, ctx: &Ctx, id: ReviewId, text: &Verification) -> Result<bool> {
    let dismissal = Dismissal {
        finding: text.note.trim(),
        reply: text.reply.trim(),
        by: &ctx.actor.name,
        now: ctx.now,
    };
    handle::dismiss(tx, id, &dismissal).await
}

async fn order(
    tx: &mut Tx,
    ctx: &Ctx,
    id: ReviewId,
    text: &Verification,
    rules: &Rules,
) -> Result<bool> {
    let order = Order {
        finding: text.note.trim(),
        ordered: text.order.trim(),
        due_on: rules.due_on(tx, ctx.now.date()).await?,
        by: &ctx.actor.name,
        now: ctx.now,
    };
    handle::order(tx, id, &order).await
}
