//! The officer's work: completing a step, returning to an earlier one.

use std::collections::HashMap;

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_flows::{Asks, Completion, EntryKind, Phase, Task, TaskId};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::entered::{self, Entered};
use crate::event::CaseEvent;
use crate::model::{Case, CaseId, Correction, Status};
use crate::service::ending::follow_end;
use crate::service::operations::{APPLICANT, CaseOperations, instance_of};
use crate::service::overtaken::still_workable;
use crate::service::reading::visible;
use crate::service::standing::holds;
use crate::service::twin;
use crate::service::variables::variables;
use crate::service::{admission, marking};
use crate::store::unless_changed;
use crate::work::Work;

/// What an officer sends with a decision.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    pub decision: String,
    pub opinion: String,
    pub correction: Option<Correction>,
    /// What was written down with it, by the names that the flow gives.
    pub entries: Vec<(String, String)>,
}

/// The open tasks of a case.
pub async fn tasks_of(desk: &Desk, case: CaseId) -> Result<Vec<Task>> {
    desk.db
        .read(instance_of(case), |tx, id| {
            Box::pin(tongban_flows::tasks_of_instance(tx, *id))
        })
        .await
}

/// The task of a case that was completed last.
pub async fn last_task_of(desk: &Desk, case: CaseId) -> Result<Option<Task>> {
    desk.db
        .read(instance_of(case), |tx, id| {
            Box::pin(tongban_flows::last_done_task(tx, *id))
        })
        .await
}

/// The names of the open steps of some cases.
pub async fn steps_of(desk: &Desk, cases: Vec<CaseId>) -> Result<HashMap<CaseId, String>> {
    desk.db
        .read(cases, |tx, cases| {
            Box::pin(async move {
                let mut steps = HashMap::new();
                for case in cases {
                    let tasks = tongban_flows::tasks_of_instance(tx, instance_of(*case)).await;
                    let tasks = unless_changed(tasks)?.unwrap_or_default();
                    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
                    steps.insert(*case, names.join("、"));
                }
                Ok(steps)
            })
        })
        .await
}

/// Completes a task. Of two officers who decide at once, one succeeds and the other is told.
pub async fn complete_task(
    desk: &Desk,
    ctx: &Ctx,
    task: TaskId,
    decision: Decision,
) -> Result<CaseId> {
    let outcome = desk
        .write(ctx, (task, decision), |tx, desk, ctx, (task, decision)| {
            Box::pin(complete(tx, desk, ctx, *task, decision))
        })
        .await;
    if let Err(problem) = &outcome {
        refused(desk, ctx, task, problem).await?;
    }
    outcome
}

pub(crate) async fn refused(desk: &Desk, ctx: &Ctx, task: TaskId, problem: &Problem) -> Result<()> {
    if matches!(
        problem.kind(),
        Kind::NotFound | Kind::Forbidden | Kind::Conflict
    ) {
        let entry = Entry::refused(audit::DECIDED, "task", task, problem.code());
        tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
    }
    Ok(())
}

pub(super) async fn complete(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: TaskId,
    decision: &Decision,
) -> Result<CaseId> {
    let task = tongban_flows::task(tx, id).await?;
    let mut work = Work::load(tx, desk, task.subject.parse()?).await?;
    allowed(ctx, &work.case, &task)?;
    let same = |event: &CaseEvent| {
        matches!(event, CaseEvent::TaskCompleted { element, decision: name, opinion, .. }
            if *element == task.element && *name == decision.decision && *opinion == decision.opinion)
    };
    if twin::closed_so(tx, ctx, &task, same).await? {
        return Ok(work.case.id);
    }
    still_workable(tx, &work.case).await?;
    if let Some(correction) = &decision.correction {
        marking::must_be_mendable(tx, desk, ctx, &work, correction).await?;
    }
    let choice = chosen(&task, decision)?;
    let entered = entered_for(tx, desk, &work.case, (choice, decision)).await?;
    prepare(desk, ctx, &mut work, (&task, choice), (decision, entered))?;
    let completion = Completion {
        task: task.token,
        decision: decision.decision.clone(),
        opinion: decision.opinion.clone(),
        data: json!({}),
    };
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome = tongban_flows::complete(tx, ctx, &engine, id, &completion, &variables).await?;
    let mut work = runner.work_after(&outcome);
    follow_end(tx, desk, ctx, &mut work, &outcome).await?;
    follow_phase(tx, desk, ctx, &mut work).await?;
    work.save(tx, desk).await?;
    let entry = Entry::done(audit::DECIDED, "case", work.case.id)
        .with_detail(json!({ "task": task.name, "decision": decision.decision }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    Ok(work.case.id)
}

/// The permission is granted as soon as a step of that phase is open, and no longer when it was sent back from
/// there. Nothing can be withdrawn or paused after it.
pub(crate) async fn follow_phase(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &mut Work,
) -> Result<()> {
    if matches!(work.case.status, Status::Accepted | Status::Granted) {
        let tasks = tongban_flows::tasks_of_instance(tx, instance_of(work.case.id)).await?;
        let flow = work.release.flow();
        let phase = |task: &Task| flow.user_task(flow.find(&task.element)?)?.phase;
        let granted = tasks.iter().any(|t| phase(t) == Some(Phase::Decided));
        match (work.case.status, granted) {
            (Status::Accepted, true) => {
                admission::must_hold(tx, desk, work, ctx.now).await?;
                work.case.status = Status::Granted;
                work.happened(desk, ctx, CaseEvent::Granted {});
            }
            // What is granted stays so while its papers are made.
            (Status::Granted, false) if !work.case.waits => {
                work.case.status = Status::Accepted;
                work.happened(desk, ctx, CaseEvent::GrantUndone {});
            }
            (_, _) => {}
        }
    }
    Ok(())
}

/// The role of the task, or the order that names somebody for it, decides who may work on it; the scope decides who may
/// see it. Whoever it is given to alone is asked by the flow.
pub(crate) fn allowed(ctx: &Ctx, case: &Case, task: &Task) -> Result<()> {
    visible(ctx, case)?;
    if ctx.actor.account == Some(case.account) {
        let words = "这是您自己发起的办件，不能由您自己办理，请由其他人办理";
        return Err(Problem::new(Kind::Forbidden, "case.own", words));
    }
    if ctx.actor.has_role(&task.role) || holds(ctx, task) {
        Ok(())
    } else {
        Err(Problem::forbidden())
    }
}

/// While a special procedure is under way nothing is decided and nothing sent back: who answers for it ends it first.
pub(crate) fn not_paused(case: &Case) -> Result<()> {
    let Some(name) = &case.paused else {
        return Ok(());
    };
    let words = format!("特别程序（{name}）还没有结束，请先由有权人员结束特别程序，再办理或者退回");
    Err(Problem::conflict("case.paused", words))
}

/// A return may undo the step that asked for a correction: then nobody waits for the applicant any more.
pub(crate) async fn drop_correction(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    work: &mut Work,
) -> Result<()> {
    if work.case.status != Status::Correcting {
        return Ok(());
    }
    let tasks = tongban_flows::tasks_of_instance(tx, instance_of(work.case.id)).await?;
    if tasks.iter().any(|task| task.role == APPLICANT) {
        return Ok(());
    }
    work.case.status = work.case.before_correction();
    work.case.correction = None;
    work.happened(desk, ctx, CaseEvent::CorrectionDropped {});
    Ok(())
}

fn chosen<'t>(task: &'t Task, decision: &Decision) -> Result<&'t tongban_flows::Decision> {
    let mut choices = task.decisions.iter();
    choices
        .find(|d| d.name == decision.decision)
        .ok_or_else(|| {
            let fault = FieldError::new("/decision", "required", "请选择办理意见");
            Problem::fields(vec![fault])
        })
}

/// What is written down with a decision. Errors: something is missing, or a number is not the applicant's.
async fn entered_for(
    tx: &mut Tx,
    desk: &Desk,
    case: &Case,
    (choice, decision): (&tongban_flows::Decision, &Decision),
) -> Result<Vec<Entered>> {
    let (entered, faults) = entered::read(choice, &decision.entries);
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    if !choice
        .entries
        .iter()
        .any(|entry| entry.kind == EntryKind::Applicant)
    {
        return Ok(entered);
    }
    let person = desk.person_in(tx, case.account).await?;
    let number = person["id_number"].as_str();
    entered::compared(choice, entered, number).map_err(|fault| Problem::fields(vec![fault]))
}

/// Writes the decision into the journal before the flow runs on, so that what follows comes after it.
fn prepare(
    desk: &Desk,
    ctx: &Ctx,
    work: &mut Work,
    (task, choice): (&Task, &tongban_flows::Decision),
    (decision, entries): (&Decision, Vec<Entered>),
) -> Result<()> {
    if choice.opinion_required && decision.opinion.trim().is_empty() {
        let words = format!("{}需要写明理由", choice.label);
        return Err(Problem::fields(vec![FieldError::new(
            "/opinion", "required", words,
        )]));
    }
    let correction = correction_asked(choice, decision)?;
    work.opinion.clone_from(&decision.opinion);
    work.decided = (choice.label.clone(), entered::words(&entries));
    work.happened(
        desk,
        ctx,
        CaseEvent::TaskCompleted {
            task: task.name.clone(),
            element: task.element.clone(),
            decision: choice.name.clone(),
            label: choice.label.clone(),
            opinion: decision.opinion.clone(),
            entries,
        },
    );
    if let Some(correction) = correction {
        let correction = dated(desk, ctx, work.case.status, &correction);
        work.case.status = Status::Correcting;
        work.case.correction = Some(correction.clone());
        work.correction = Some(correction.clone());
        work.happened(desk, ctx, CaseEvent::CorrectionAsked { correction });
    }
    Ok(())
}

/// What the applicant has to mend comes with a decision that asks for it, and with no other.
fn correction_asked(
    choice: &tongban_flows::Decision,
    decision: &Decision,
) -> Result<Option<Correction>> {
    let refuse = |code: &str, words: &str| {
        let field = FieldError::new("/correction", code, words);
        Err(Problem::fields(vec![field]))
    };
    let empty = |c: &&Correction| c.fields.is_empty() && c.materials.is_empty();
    match (choice.asks, decision.correction.as_ref()) {
        (None, None) => Ok(None),
        (None, Some(_)) => refuse(
            "unexpected",
            "这个办理决定不要求申请人补正；需要申请人修改的，请选择退回补正的决定",
        ),
        (Some(Asks::Correction), correction) => {
            let Some(correction) = correction.filter(|c| !empty(c)) else {
                let words = "请在有问题的内容下面写明哪里不对，再退回补正";
                return refuse("required", words);
            };
            Ok(Some(correction.clone()))
        }
    }
}

/// The correction with its last day, and the status to which the case comes back.
fn dated(desk: &Desk, ctx: &Ctx, from: Status, correction: &Correction) -> Correction {
    let days = desk.catalog.setting_number("correction_days", 15);
    let days = u32::try_from(days).unwrap_or(15);
    let due = desk.catalog.calendar().last_day(ctx.now.date(), days);
    Correction {
        last_day: Some(due.on),
        days,
        asked_on: Some(ctx.now.date()),
        unknown_year: due.unknown_year,
        from: Some(from),
        ..correction.clone()
    }
}

/// A task by its id; acting on it asks for rights again.
pub async fn task_of(desk: &Desk, id: TaskId) -> Result<Task> {
    desk.db
        .read(id, |tx, id| Box::pin(tongban_flows::task(tx, *id)))
        .await
}
