//! A calendar was published or mended: last days follow from it, so they are worked out anew. The day of a correction
//! that was named for certain in a letter stays; one that waited for the calendar is fixed now, and the applicant told.

use tongban_base::{Ctx, Date, Result};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Correction};
use crate::service::telling::tell_applicant;
use crate::store::cases;
use crate::work::{Work, rank};

pub(super) async fn find(
    tx: &mut Tx,
    desk: &Desk,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    cases::counted_otherwise(tx, &desk.calendar_mark(), after, limit).await
}

pub(super) async fn apply(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<bool> {
    let mut work = Work::load(tx, desk, case).await?;
    if let Some((correction, last_day)) = dated(desk, work.case.correction.as_ref()) {
        work.case.correction = Some(correction);
        work.happened(desk, ctx, CaseEvent::CorrectionDated { last_day });
        work.save(tx, desk).await?;
        tell_applicant(tx, desk, ctx, &work, "case.correction_dated").await?;
        return Ok(true);
    }
    let before = work.case.due_on;
    work.tick(tx, desk, ctx.now).await?;
    cases::recount(tx, &work.case, &desk.calendar_mark()).await?;
    rank(tx, &work.case).await?;
    Ok(work.case.due_on != before)
}

/// The correction with the day that is certain now and was not before.
fn dated(desk: &Desk, correction: Option<&Correction>) -> Option<(Correction, Date)> {
    let waiting = correction.filter(|c| c.unknown_year.is_some())?;
    let due = desk
        .catalog
        .calendar()
        .last_day(waiting.asked_on?, waiting.days);
    let dated = Correction {
        last_day: Some(due.on),
        unknown_year: None,
        ..waiting.clone()
    };
    due.is_known().then_some((dated, due.on))
}
