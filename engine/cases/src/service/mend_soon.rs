//! Reminds an applicant once, before the last day on which a correction may be handed in.

use tongban_base::{Ctx, Date, Result};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Status};
use crate::service::look::{Step, each};
use crate::service::telling::tell_applicant;
use crate::store::{cases, events};
use crate::work::Work;

/// So many working days before; none where a pack sets 0.
const SETTING: &str = "mending_lead_days";
const DAYS: i64 = 3;

/// Reminds of the corrections whose last day is near; gives how many were new.
pub async fn remind_to_mend(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    each(desk, ctx, Step::Mend).await
}

/// The days of which is reminded today.
fn span(desk: &Desk, today: Date) -> Option<(Date, Date)> {
    let days = u32::try_from(desk.catalog.setting_number(SETTING, DAYS)).unwrap_or_default();
    (days > 0).then(|| (today, desk.catalog.calendar().add_workdays(today, days)))
}

pub(super) async fn find(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    match span(desk, ctx.now.date()) {
        Some(span) => cases::mending_until(tx, span, after, limit).await,
        None => Ok(Vec::new()),
    }
}

/// False when the applicant came first, and when he was told of this day already.
pub(super) async fn apply(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<bool> {
    let mut work = Work::load(tx, desk, case).await?;
    let last_day = work.case.correction.as_ref().and_then(|c| c.last_day);
    let is_near = |day: &Date| {
        let span = span(desk, ctx.now.date());
        span.is_some_and(|(from, to)| (from..=to).contains(day))
    };
    let Some(last_day) = last_day.filter(is_near) else {
        return Ok(false);
    };
    let happened = CaseEvent::MendingEnds { last_day };
    let told = events::of_case(tx, case).await?;
    let is_told = told.iter().any(|e| e.what.as_ref() == Some(&happened));
    if work.case.status != Status::Correcting || is_told {
        return Ok(false);
    }
    work.happened(desk, ctx, happened);
    work.save(tx, desk).await?;
    tell_applicant(tx, desk, ctx, &work, "case.mending_ends").await?;
    Ok(true)
}
