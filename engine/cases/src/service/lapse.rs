//! A correction that was not handed in by its last day: the application counts as given up, and the case ends.
//!
//! The hourly look does this and not a timer in the flow, because the last day stands in the letter, follows a setting
//! of the office, and holds for cases of older releases, while a drawn timer knows a fixed number of days.

use tongban_audit::Entry;
use tongban_base::{Ctx, Result};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Correction, Status};
use crate::service::look::{Step, each};
use crate::service::operations::{CaseOperations, instance_of};
use crate::service::sub_cases::end_all;
use crate::service::telling::tell_applicant;
use crate::store::cases;
use crate::work::Work;

const REASON: &str = "逾期未补正";

/// Ends the cases whose correction is overdue; gives how many.
pub async fn end_lapsed(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    each(desk, ctx, Step::Lapse).await
}

pub(super) async fn find(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    if !desk.correction_lapses() {
        return Ok(Vec::new());
    }
    cases::uncorrected(tx, ctx.now.date(), after, limit).await
}

/// False when the applicant came first, and while the last day is not certain: then it has not passed.
pub(super) async fn apply(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<bool> {
    let work = Work::load(tx, desk, case).await?;
    let due = work.case.correction.as_ref().and_then(Correction::due);
    let late = due.is_some_and(|due| due.is_known() && due.on < ctx.now.date());
    if work.case.status != Status::Correcting || !late {
        return Ok(false);
    }
    let last_day = due.map(|due| due.on);
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome = tongban_flows::stop(tx, ctx, &engine, instance_of(case), REASON).await?;
    let mut work = runner.work_after(&outcome);
    work.case.status = Status::Lapsed;
    work.case.closed_at = Some(ctx.now);
    work.case.result = Some("lapsed".into());
    work.happened(desk, ctx, CaseEvent::Lapsed { last_day });
    work.save(tx, desk).await?;
    tell_applicant(tx, desk, ctx, &work, "case.lapsed").await?;
    end_all(tx, desk, ctx, &work.case, REASON).await?;
    let entry = Entry::done(audit::LAPSED, "case", case);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    Ok(true)
}
