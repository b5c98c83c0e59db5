//! What becomes of a case when its flow has come to its end.

use tongban_base::{Ctx, Result};
use tongban_flows::{FiringKind, InstanceId, Outcome, Phase};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::Status;
use crate::work::Work;

/// The flow has ended after the closing. Only where it drew a delivery, and that was done, was anything delivered.
pub(crate) async fn follow_end(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &mut Work,
    outcome: &Outcome,
) -> Result<()> {
    if outcome.status != tongban_flows::Status::Completed || work.case.status != Status::Closed {
        return Ok(());
    }
    let flow = work.release.flow();
    let history = tongban_flows::history(tx, InstanceId(work.case.id.0)).await?;
    let delivered = history
        .iter()
        .filter(|step| step.kind == FiringKind::Complete && step.undone_by.is_none())
        .filter_map(|step| flow.user_task(flow.find(step.element.as_deref()?)?))
        .any(|task| task.phase == Some(Phase::Ended));
    let what = match delivered {
        true => {
            work.case.status = Status::Delivered;
            CaseEvent::Delivered {}
        }
        false => CaseEvent::Finished {},
    };
    work.happened(desk, ctx, what);
    Ok(())
}
