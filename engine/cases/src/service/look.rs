//! The look for what is late: dates are worked out anew where the calendar changed, what passed by its last day ends or
//! counts as accepted, people are reminded. Each case goes on its own: one that fails is told to the log and looked at
//! again the next time, and stops none of the others.

use serde::{Deserialize, Serialize};
use tongban_base::{Ctx, Result};
use tongban_store::{Job, Lane, Tx};

use crate::desk::Desk;
use crate::model::CaseId;
use crate::service::overdue::Notice;
use crate::service::{calendar, deem, lapse, mend_soon, overdue, recount};

const PAGE: i64 = 200;

/// Asked for by the server again and again.
#[derive(Debug, Serialize, Deserialize)]
pub struct LookForOverdue {}

impl Job for LookForOverdue {
    const NAME: &'static str = "cases.look_for_overdue";
    const TITLE: &'static str = "查找到期和逾期的办件";
    const LANE: Lane = Lane::Looks;
    fn ordering_key(&self) -> Option<String> {
        Some(Self::NAME.into())
    }
}

/// All that the look does.
pub async fn look(desk: &Desk, ctx: &Ctx) -> Result<()> {
    calendar::announce_calendar_end(desk, ctx).await?;
    for step in [
        Step::Recount,
        Step::Lapse,
        Step::Deem,
        Step::Mend,
        Step::Tell(Notice::DueSoon),
        Step::Tell(Notice::Overdue),
        Step::Tell(Notice::Escalated),
    ] {
        each(desk, ctx, step).await?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Works out last days anew where the calendar changed.
    Recount,
    /// Ends what was not corrected in time.
    Lapse,
    /// What nobody answered in time counts as accepted.
    Deem,
    /// Reminds applicants of corrections whose last day is near.
    Mend,
    Tell(Notice),
}

impl Step {
    async fn find(
        self,
        tx: &mut Tx,
        desk: &Desk,
        ctx: &Ctx,
        after: Option<CaseId>,
    ) -> Result<Vec<CaseId>> {
        match self {
            Step::Recount => recount::find(tx, desk, after, PAGE).await,
            Step::Lapse => lapse::find(tx, desk, ctx, after, PAGE).await,
            Step::Deem => deem::find(tx, ctx, after, PAGE).await,
            Step::Mend => mend_soon::find(tx, desk, ctx, after, PAGE).await,
            Step::Tell(notice) => overdue::find(tx, desk, ctx, notice, after, PAGE).await,
        }
    }

    /// False when there was nothing to do, because somebody came first.
    async fn apply(self, tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<bool> {
        match self {
            Step::Recount => recount::apply(tx, desk, ctx, case).await,
            Step::Lapse => lapse::apply(tx, desk, ctx, case).await,
            Step::Deem => deem::apply(tx, desk, ctx, case).await,
            Step::Mend => mend_soon::apply(tx, desk, ctx, case).await,
            Step::Tell(notice) => overdue::apply(tx, desk, ctx, notice, case).await,
        }
    }
}

/// Does a step for each case that it concerns; gives for how many something was done.
pub(crate) async fn each(desk: &Desk, ctx: &Ctx, step: Step) -> Result<usize> {
    let (mut after, mut done, mut failed) = (None, 0, 0_usize);
    loop {
        let input = (desk.clone(), ctx.clone(), after);
        let found = desk
            .db
            .read(input, move |tx, (desk, ctx, after)| {
                Box::pin(step.find(tx, desk, ctx, *after))
            })
            .await?;
        let Some(last) = found.last() else { break };
        after = Some(*last);
        for case in found {
            let input = (desk.clone(), ctx.clone());
            let outcome = desk.db.write(input, move |tx, (desk, ctx)| {
                Box::pin(step.apply(tx, desk, ctx, case))
            });
            match outcome.await {
                Ok(changed) => done += usize::from(changed),
                Err(problem) => {
                    failed += 1;
                    tracing::error!(%case, ?step, %problem, "the look failed at a case and goes on");
                }
            }
        }
    }
    if failed > 0 {
        tracing::error!(failed, done, ?step, "the look could not do everything");
    }
    Ok(done)
}
