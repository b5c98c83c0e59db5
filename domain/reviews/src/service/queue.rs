//! The supervisor's queue: bad ratings of the office, by key, the oldest first.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result, Scope, authorize};
use tongban_store::{Cursor, Db, KeyPage, Tx};

use crate::audit;
use crate::desk::Reviews;
use crate::model::{QueueView, ReviewId, ReviewView};
use crate::permissions::SUPERVISE;
use crate::store::{list, read};

const PAGE: usize = 20;

#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    pub view: QueueView,
    pub after: Option<Cursor>,
}

/// One page, and how many wait to be verified and to be put right.
pub async fn list_reviews(
    db: &Db,
    ctx: &Ctx,
    filter: QueueFilter,
) -> Result<(KeyPage<ReviewView>, [u64; 2])> {
    require(ctx)?;
    let scope = Scope::of(&ctx.actor);
    db.read((scope, filter), |tx, (scope, filter)| {
        Box::pin(async move {
            let rows = list::queue(tx, scope, filter, PAGE).await?;
            Ok((rows, list::waiting(tx, scope).await?))
        })
    })
    .await
}

/// One rating in sight; that it was looked at is recorded.
pub async fn open_review(reviews: &Reviews, ctx: &Ctx, id: ReviewId) -> Result<ReviewView> {
    let input = (id, ctx.clone(), reviews.audit_key.clone());
    reviews
        .db
        .write(input, |tx, (id, ctx, key)| {
            Box::pin(async move {
                let review = in_sight(tx, ctx, *id).await?;
                record(tx, ctx, key, Entry::done(audit::OPENED, "review", id)).await?;
                Ok(review)
            })
        })
        .await
}

/// The rating, if the actor may supervise it; not found when it lies outside the actor's office.
pub(crate) async fn in_sight(tx: &mut Tx, ctx: &Ctx, id: ReviewId) -> Result<ReviewView> {
    let review = read::one(tx, id).await?.ok_or_else(Problem::not_found)?;
    require(ctx)?;
    authorize(ctx, SUPERVISE, &review)?;
    Ok(review)
}

/// Lists have no row to ask about, so the right itself is asked for.
pub(crate) fn require(ctx: &Ctx) -> Result<()> {
    let staff = ctx.actor.staff.as_ref();
    if staff.is_some_and(|staff| staff.permissions.contains(SUPERVISE.0)) {
        Ok(())
    } else {
        Err(Problem::forbidden())
    }
}
