//! The applicant takes an application back before the decision.

use tongban_audit::Entry;
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{Case, CaseId, Status};
use crate::service::agency::Sides;
use crate::service::applicant::as_applicant;
use crate::service::operations::{CaseOperations, instance_of};
use crate::service::sub_cases::end_all;
use crate::service::telling::tell_applicant;
use crate::service::twin;
use crate::service::variables::variables;
use crate::work::Work;

/// Nobody owes a reason for taking his own application back.
const UNSAID: &str = "申请人没有写原因";

pub async fn withdraw_case(desk: &Desk, ctx: &Ctx, case: CaseId, reason: String) -> Result<()> {
    let reason = match reason.trim() {
        "" => UNSAID.to_owned(),
        _ => reason,
    };
    desk.write(ctx, (case, reason), |tx, desk, ctx, (case, reason)| {
        Box::pin(async move {
            let work = Work::load(tx, desk, *case).await?;
            as_applicant(tx, desk, ctx, (&work.case, work.release.procedure())).await?;
            if Sides::of_case(&work.case).are_at_window(ctx) {
                let words = "窗口不能替申请人撤回：请申请人本人在“我的办件”里撤回，或者提交书面申请，由办理环节处理";
                return Err(Problem::new(Kind::Forbidden, "case.not_for_window", words));
            }
            let same = |event: &CaseEvent| matches!(event, CaseEvent::Withdrawn { .. });
            if work.case.status == Status::Withdrawn
                && twin::did(tx, ctx, *case, work.case.closed_at, same).await?
            {
                return Ok(());
            }
            if work.case.waits {
                let words = "办件已经作出决定，正在制作文书，不能再撤回";
                return Err(Problem::conflict("case.too_late", words));
            }
            if !work.case.status.can_withdraw() {
                let words = format!("办件{}，不能再撤回", work.case.status.title());
                return Err(Problem::conflict("case.too_late", words));
            }
            end(tx, desk, ctx, work, &Ending::Withdrawn(reason.clone())).await
        })
    })
    .await
}

/// Why a case ends before it is decided.
pub(crate) enum Ending {
    /// By its applicant, for this reason.
    Withdrawn(String),
    WithParent {
        number: String,
        title: String,
        reason: String,
    },
}

impl Ending {
    pub(crate) fn with(parent: &Case, reason: String) -> Self {
        Self::WithParent {
            number: parent.number.clone(),
            title: parent.item_name.clone(),
            reason,
        }
    }

    fn parts(&self) -> (&str, CaseEvent) {
        match self {
            Self::Withdrawn(reason) => {
                let event = CaseEvent::Withdrawn {
                    reason: reason.clone(),
                };
                (reason, event)
            }
            Self::WithParent {
                number,
                title,
                reason,
            } => {
                let event = CaseEvent::EndedWithParent {
                    number: number.clone(),
                    title: title.clone(),
                    reason: reason.clone(),
                };
                (reason, event)
            }
        }
    }
}

/// With all that it started.
pub(crate) async fn end(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    mut work: Work,
    ending: &Ending,
) -> Result<()> {
    work.ends = true;
    let (reason, event) = ending.parts();
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let (release, case) = (work.release.clone(), work.case.id);
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let instance = instance_of(case);
    let outcome = tongban_flows::withdraw(tx, ctx, &engine, instance, reason, &variables).await?;
    let mut work = runner.work_after(&outcome);
    work.case.status = Status::Withdrawn;
    work.case.closed_at = Some(ctx.now);
    work.case.result = Some("withdrawn".into());
    work.case.paused = None;
    work.happened(desk, ctx, event);
    work.save(tx, desk).await?;
    let entry = Entry::done(audit::WITHDRAWN, "case", case);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    if matches!(ending, Ending::WithParent { .. }) {
        tell_applicant(tx, desk, ctx, &work, "case.ended_with_parent").await?;
    }
    end_all(tx, desk, ctx, &work.case, reason).await
}
