//! The applicant rates a finished case: once on each channel.

use tongban_audit::{AuditKey, Entry, note_refused, record};
use tongban_base::{ActorKind, Ctx, FieldError, Problem, Result, Uuid, authorize};
use tongban_store::{Db, Tx};

use crate::model::{Level, NewReview, ReviewId, ReviewState, ReviewView, Reviewable, Tag};
use crate::store::{insert, read};
use crate::{audit, error, permissions};

const WORDS_LIMIT: usize = 500;

/// What is written, after every check.
#[derive(Clone, Debug)]
pub(crate) struct Rating {
    pub level: Level,
    pub tags: Vec<Tag>,
    pub words: String,
    pub channel: crate::Channel,
    pub state: ReviewState,
}

/// Refuses: another person than the applicant (not found), a case that is not finished, a second rating on the same
/// channel, tags of another level, more than 500 characters. Refused attempts of strangers stay in the audit log.
pub async fn rate(
    db: &Db,
    ctx: &Ctx,
    key: &AuditKey,
    of: &Reviewable,
    new: NewReview,
) -> Result<ReviewId> {
    if let Err(problem) = permitted(ctx, of) {
        let entry = Entry::refused(audit::RATED, "case", of.case_id, problem.code());
        note_refused(db, ctx, key, entry).await?;
        return Err(problem);
    }
    if !of.finished {
        return Err(error::not_finished());
    }
    let rating = checked(of, new)?;
    let input = (ctx.clone(), key.clone(), of.clone(), rating);
    db.write(input, |tx, (ctx, key, of, rating)| {
        Box::pin(write(tx, ctx, key, of, rating))
    })
    .await
}

/// Officers of the same office may see the case, but a rating is the applicant's own word.
fn permitted(ctx: &Ctx, of: &Reviewable) -> Result<()> {
    authorize(ctx, permissions::RATE, of)?;
    if ctx.actor.kind == ActorKind::Citizen && ctx.actor.account == Some(of.account) {
        Ok(())
    } else {
        Err(Problem::forbidden())
    }
}

fn checked(of: &Reviewable, new: NewReview) -> Result<Rating> {
    let words = new.words.trim().replace("\r\n", "\n");
    let mut faults = Vec::new();
    let length = words.chars().count();
    if length > WORDS_LIMIT {
        faults.push(error::too_long("/words", "文字评价", WORDS_LIMIT, length));
    }
    let choice = Level::new(new.level).and_then(|level| of.tag_set.of(level));
    let Some(choice) = choice else {
        faults.push(FieldError::new("/level", "required", "请选择一个满意程度"));
        return Err(Problem::fields(faults));
    };
    let chosen = |tag: &&Tag| new.tags.contains(&tag.code);
    let tags: Vec<Tag> = choice.tags.iter().filter(chosen).cloned().collect();
    let unknown = new
        .tags
        .iter()
        .any(|code| tags.iter().all(|tag| tag.code != *code));
    if unknown {
        let message = "有选项不属于所选的满意程度，请重新选择";
        faults.push(FieldError::new("/tags", "unknown", message));
    }
    let Some(channel) = new.channel else {
        return Err(Problem::internal("a rating without a channel"));
    };
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    let level = choice.level;
    Ok(Rating {
        level,
        tags,
        words,
        channel,
        state: if level.is_bad() {
            ReviewState::ToVerify
        } else {
            ReviewState::Noted
        },
    })
}

async fn write(
    tx: &mut Tx,
    ctx: &Ctx,
    key: &AuditKey,
    of: &Reviewable,
    rating: &Rating,
) -> Result<ReviewId> {
    let id = ReviewId::new();
    if !insert::review(tx, id, of, rating, ctx.now).await? {
        return same(tx, of, rating).await?.ok_or_else(error::already_rated);
    }
    let detail = serde_json::json!({
        "case": of.case_number, "level": rating.level, "channel": rating.channel,
    });
    let entry = Entry::done(audit::RATED, "review", id).with_detail(detail);
    record(tx, ctx, key, entry).await?;
    Ok(id)
}

/// The rating that is there, when it says the same: a second click gets the answer of the first.
async fn same(tx: &mut Tx, of: &Reviewable, rating: &Rating) -> Result<Option<ReviewId>> {
    let given = read::of_case(tx, of.case_id).await?;
    let same = |one: &ReviewView| {
        one.account == of.account
            && (one.channel, one.level) == (rating.channel, rating.level)
            && (&one.tags, &one.words) == (&rating.tags, &rating.words)
    };
    Ok(given.iter().find(|one| same(one)).map(|one| one.id))
}

/// The newest rating of a case. The caller has checked that the reader may see the case.
pub async fn review_of_case(tx: &mut Tx, case_id: Uuid) -> Result<Option<ReviewView>> {
    Ok(reviews_of_case(tx, case_id).await?.pop())
}

/// The ratings of a case, the oldest first; at most one per channel.
pub async fn reviews_of_case(tx: &mut Tx, case_id: Uuid) -> Result<Vec<ReviewView>> {
    read::of_case(tx, case_id).await
}
