//! Sending a case back to an earlier step. What was decided, issued or delivered is taken back only by who has the
//! right to, and the person concerned is told why.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{ActorKind, Ctx, FieldError, Kind, Problem, Result};
use tongban_flows::{FiringKind, Mode, Outcome, Phase, Target, Task, TaskId, UNDO_BLOCKING};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::{CaseEvent, UndoneResult};
use crate::model::{CaseId, Status};
use crate::service::operations::{APPLICANT, CaseOperations, instance_of};
use crate::service::overtaken::still_workable;
use crate::service::telling::tell_applicant;
use crate::service::twin;
use crate::service::variables::variables;
use crate::service::work::{allowed, drop_correction, follow_phase, refused};
use crate::work::Work;
use crate::{audit, permissions};

/// Sends a case back to an earlier step. What that step and all it caused did is undone; what did not
/// depend on it stays.
pub async fn return_case(
    desk: &Desk,
    ctx: &Ctx,
    task: TaskId,
    to: Option<String>,
    reason: String,
) -> Result<CaseId> {
    if reason.trim().is_empty() {
        let field = FieldError::new("/reason", "required", "请写明退回的理由");
        return Err(Problem::fields(vec![field]));
    }
    let outcome = desk
        .write(
            ctx,
            (task, to, reason),
            |tx, desk, ctx, (task, to, reason)| {
                Box::pin(send_back(tx, desk, ctx, *task, to.as_deref(), reason))
            },
        )
        .await;
    if let Err(problem) = &outcome {
        refused(desk, ctx, task, problem).await?;
    }
    outcome
}

async fn send_back(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: TaskId,
    to: Option<&str>,
    reason: &str,
) -> Result<CaseId> {
    let task = tongban_flows::task(tx, id).await?;
    let mut work = Work::load(tx, desk, task.subject.parse()?).await?;
    tongban_base::authorize(ctx, permissions::RETURN, &work.case)?;
    // Who may take back what was decided does so wherever the case is.
    if !may_undo(ctx) {
        allowed(ctx, &work.case, &task)?;
    }
    let same = |event: &CaseEvent| {
        matches!(event, CaseEvent::Returned { from, to: target, reason: why }
            if *from == task.name && target.as_deref() == to && why == reason)
    };
    if twin::closed_so(tx, ctx, &task, same).await? {
        return Ok(work.case.id);
    }
    still_workable(tx, &work.case).await?;
    let (before, organisation) = (work.case.status, work.case.organisation.clone());
    work.opinion = reason.to_owned();
    work.happened(
        desk,
        ctx,
        CaseEvent::Returned {
            from: task.name.clone(),
            to: to.map(str::to_owned),
            reason: reason.to_owned(),
        },
    );
    let target = match to {
        Some(element) => Target::Activity(element.to_owned()),
        // While papers are made no task is open: what was done last is done anew.
        None if work.case.waits => Target::Activity(task.element.clone()),
        None => Target::Previous(task.token),
    };
    let (mut work, outcome) = match run(tx, desk, ctx, work, &target).await {
        Err(problem) if problem.code() == "flow.blocking" => {
            return Err(may_not_undo(tx, desk, &organisation).await?);
        }
        done => done?,
    };
    if outcome.opened.iter().any(|task| task.role == APPLICANT) {
        return Err(to_applicant());
    }
    drop_correction(tx, desk, ctx, &mut work).await?;
    follow_phase(tx, desk, ctx, &mut work).await?;
    work.undone = undone(tx, &work, before, &outcome).await?;
    if !work.undone.is_empty() && !may_undo(ctx) {
        return Err(may_not_undo(tx, desk, &organisation).await?);
    }
    tell(tx, desk, ctx, &mut work).await?;
    work.save(tx, desk).await?;
    let entry = Entry::done(audit::RETURNED, "case", work.case.id)
        .with_detail(json!({ "from": task.name, "reason": reason }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    Ok(work.case.id)
}

/// The return in the flow, with the inverse of each operation; the reason is the opinion of the work.
async fn run(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: Work,
    target: &Target,
) -> Result<(Work, Outcome)> {
    let instance = instance_of(work.case.id);
    let reason = work.opinion.clone();
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome = tongban_flows::return_to(
        tx,
        ctx,
        &engine,
        instance,
        target,
        Mode::Again,
        &reason,
        &variables,
    )
    .await?;
    Ok((runner.work_after(&outcome), outcome))
}

/// What an applicant is asked to mend is written down with a correction; a bare return would say nothing of it.
fn to_applicant() -> Problem {
    let words = "不能退回到申请人的环节；需要申请人修改的，请在预审环节退回补正";
    Problem::conflict("case.return_to_applicant", words)
}

/// Whether the actor may take back what was decided, issued or delivered.
pub fn may_undo(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    ctx.actor.kind == ActorKind::System
        || staff.is_some_and(|staff| staff.permissions.contains(UNDO_BLOCKING))
}

/// Who may, by name: whoever is refused has to ask somebody.
pub(crate) async fn who_may_undo(tx: &mut Tx, desk: &Desk, organisation: &str) -> Result<String> {
    let identity = &desk.identity;
    let officers = identity
        .officers_in(tx, organisation, UNDO_BLOCKING)
        .await?;
    let names: Vec<String> = officers.into_iter().map(|(_, name)| name).collect();
    Ok(match names.is_empty() {
        true => "本单位还没有人有这项权限，请联系管理员".to_owned(),
        false => format!("请由{}办理", names.join("、")),
    })
}

/// The same words for the officer's page.
pub async fn who_undoes(desk: &Desk, organisation: &str) -> Result<String> {
    let input = (desk.clone(), organisation.to_owned());
    desk.db
        .read(input, |tx, (desk, organisation)| {
            Box::pin(who_may_undo(tx, desk, organisation))
        })
        .await
}

async fn may_not_undo(tx: &mut Tx, desk: &Desk, organisation: &str) -> Result<Problem> {
    let who = who_may_undo(tx, desk, organisation).await?;
    let words = format!(
        "这次退回会撤回已经作出的决定、办理的证照或者送达，需要“撤回已生效的办理结果”的权限：{who}"
    );
    Ok(Problem::new(Kind::Forbidden, "case.undo_forbidden", words))
}

/// What the return took back of what the applicant relies on.
async fn undone(
    tx: &mut Tx,
    work: &Work,
    before: Status,
    outcome: &Outcome,
) -> Result<Vec<UndoneResult>> {
    let decided = |status: Status| match status {
        Status::Refused | Status::Granted | Status::Denied | Status::Closed | Status::Delivered => {
            true
        }
        Status::Submitted
        | Status::Correcting
        | Status::Accepted
        | Status::Withdrawn
        | Status::Lapsed => false,
    };
    let carried_out = |event: &crate::model::Event| match &event.what {
        Some(CaseEvent::OperationUndone(done)) => done.carries_out,
        _ => false,
    };
    let mut all = Vec::new();
    if decided(before) && !decided(work.case.status) {
        all.push(UndoneResult::Decision);
    }
    if work.added().iter().any(carried_out) {
        all.push(UndoneResult::Outcome);
    }
    let flow = work.release.flow();
    let history = tongban_flows::history(tx, outcome.instance).await?;
    let delivered = history
        .iter()
        .filter(|step| step.kind == FiringKind::Complete && outcome.undone.contains(&step.no))
        .filter_map(|step| flow.user_task(flow.find(step.element.as_deref()?)?))
        .any(|task| task.phase == Some(Phase::Ended));
    if delivered {
        all.push(UndoneResult::Delivery);
    }
    Ok(all)
}

/// Puts on record what was taken back, and tells the applicant of it and of the letters that no longer hold.
async fn tell(tx: &mut Tx, desk: &Desk, ctx: &Ctx, work: &mut Work) -> Result<()> {
    let happened = |work: &Work, is: fn(&CaseEvent) -> bool| {
        let mut added = work.added().iter();
        added.any(|event| event.what.as_ref().is_some_and(is))
    };
    let unaccepted = work.case.status == Status::Submitted
        && happened(work, |what| matches!(what, CaseEvent::AcceptanceUndone {}));
    let voided = happened(work, |what| matches!(what, CaseEvent::DocumentVoid(_)));
    if !work.undone.is_empty() {
        let what = work.undone.clone();
        let reason = work.opinion.clone();
        work.happened(desk, ctx, CaseEvent::ResultUndone { what, reason });
        tell_applicant(tx, desk, ctx, work, "case.result_undone").await?;
    }
    if unaccepted {
        tell_applicant(tx, desk, ctx, work, "case.acceptance_undone").await?;
    } else if voided && work.undone.is_empty() {
        tell_applicant(tx, desk, ctx, work, "case.letters_withdrawn").await?;
    }
    Ok(())
}

/// The steps to which a task can be sent back, the nearest first: element and name.
pub async fn steps_to_return(
    desk: &Desk,
    release: &ProcedureRelease,
    task: &Task,
) -> Result<Vec<(String, String)>> {
    let steps = desk
        .db
        .read(task.instance, |tx, id| {
            Box::pin(tongban_flows::returnable_steps(tx, *id))
        })
        .await?;
    let of_office = |element: &str| {
        let flow = release.flow();
        let user = flow.find(element).and_then(|node| flow.user_task(node));
        user.is_none_or(|user| user.role != APPLICANT)
    };
    Ok(steps
        .into_iter()
        .filter(|step| step.element != task.element || task.closed_at.is_some())
        .filter(|step| of_office(&step.element))
        .map(|step| (step.element, step.name))
        .collect())
}
