//! Nobody answered within the days of acceptance: where the item says that silence counts, the application is accepted
//! since the day of its receipt (Administrative Licensing Law, article 32), and the clock of the decision runs from there.
//! The step of the office stays open: it completes what is late, and can no longer refuse to accept.

use tongban_audit::Entry;
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::Tx;

use crate::audit;
use crate::clock::Period;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Status};
use crate::service::clocked::due_of;
use crate::service::look::{Step, each};
use crate::service::telling::{tell_applicant, tell_holders, tell_supervisors};
use crate::store::{cases, events};
use crate::work::Work;

const EVENT: &str = "case.deemed_accepted";
const EVENT_STAFF: &str = "case.deemed_accepted_staff";

/// Marks what counts as accepted; gives how many.
pub async fn deem_accepted(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    each(desk, ctx, Step::Deem).await
}

pub(super) async fn find(
    tx: &mut Tx,
    ctx: &Ctx,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    cases::unanswered(tx, ctx.now.date(), after, limit).await
}

/// A last day that needs a calendar which is not published has not passed for certain.
pub(super) async fn apply(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<bool> {
    let mut work = Work::load(tx, desk, case).await?;
    let clock = work.tick(tx, desk, ctx.now).await?;
    let of = (work.case.due_on, work.case.submitted_at);
    let due = due_of(desk, of).filter(|due| due.is_known() && due.on < ctx.now.date());
    let (Some(due), Status::Submitted, Period::Acceptance, true) = (
        due,
        work.case.status,
        clock.period,
        work.release.procedure().limits.silence_accepts,
    ) else {
        return Ok(false);
    };
    let received_on = received(&events::of_case(tx, case).await?, &work);
    work.case.status = Status::Accepted;
    work.case.accepted_at = Some(clock.began.map_or(received_on, Timestamp::start_of));
    let deemed = CaseEvent::DeemedAccepted {
        received_on: received_on.date(),
        last_day: due.on,
    };
    work.happened(desk, ctx, deemed);
    work.save(tx, desk).await?;
    tell_applicant(tx, desk, ctx, &work, EVENT).await?;
    tell_holders(tx, desk, ctx, &work, EVENT_STAFF).await?;
    tell_supervisors(tx, desk, ctx, &work, EVENT_STAFF).await?;
    let entry = Entry::done(audit::DEEMED_ACCEPTED, "case", case);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    Ok(true)
}

/// The day of receipt: of the application, or of what was handed in last to mend it.
fn received(journal: &[crate::model::Event], work: &Work) -> Timestamp {
    let handed_in = journal
        .iter()
        .rev()
        .find(|event| matches!(event.what, Some(CaseEvent::Corrected { .. })));
    handed_in.map_or(work.case.submitted_at, |event| event.at)
}
