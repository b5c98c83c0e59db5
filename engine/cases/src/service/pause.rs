//! Special procedures and extensions: what stops the clock, and what moves its end (Administrative Licensing Law,
//! articles 45 and 42). The applicant is told of each by message and, where the item names one, by letter.

use serde_json::Value as Json;
use tongban_audit::{AuditEvent, Entry};
use tongban_base::{Ctx, FieldError, Kind, Permission, Problem, Result, authorize};
use tongban_flows::{Engine, InstanceId, Outcome};
use tongban_procedures::Documents;
use tongban_store::Tx;

use crate::clock::Clock;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{Case, CaseId, Status};
use crate::service::operations::{CaseOperations, instance_of};
use crate::service::telling::tell_applicant;
use crate::service::variables::variables;
use crate::work::Work;
use crate::{audit, permissions};

/// Article 42: ten more days, once. An office may allow less.
const EXTENSION_LIMIT: i64 = 10;
/// Longer procedures are begun again, so that the applicant hears of it.
const LONGEST_PROCEDURE: i64 = 250;

#[derive(Clone, Debug)]
pub enum ClockChange {
    /// Begins a special procedure of this name; it will take so many working days.
    Pause {
        name: String,
        reason: String,
        days: i64,
    },
    Resume,
    Extend {
        days: i64,
        reason: String,
    },
}

impl ClockChange {
    fn right(&self) -> Permission {
        match self {
            ClockChange::Pause { .. } | ClockChange::Resume => permissions::SUSPEND,
            ClockChange::Extend { .. } => permissions::EXTEND,
        }
    }

    fn audited(&self) -> AuditEvent {
        match self {
            ClockChange::Pause { .. } => audit::PAUSED,
            ClockChange::Resume => audit::RESUMED,
            ClockChange::Extend { .. } => audit::EXTENDED,
        }
    }

    /// The message that tells the applicant.
    fn told(&self) -> &'static str {
        match self {
            ClockChange::Pause { .. } => "case.paused",
            ClockChange::Resume => "case.resumed",
            ClockChange::Extend { .. } => "case.extended",
        }
    }

    fn letter<'d>(&self, documents: &'d Documents) -> Option<&'d String> {
        match self {
            ClockChange::Pause { .. } => documents.procedure.as_ref(),
            ClockChange::Resume => documents.procedure_end.as_ref(),
            ClockChange::Extend { .. } => documents.extension.as_ref(),
        }
    }
}

pub async fn change_clock(desk: &Desk, ctx: &Ctx, case: CaseId, change: ClockChange) -> Result<()> {
    let audited = change.audited();
    let outcome = desk
        .write(ctx, (case, change), |tx, desk, ctx, (case, change)| {
            Box::pin(write(tx, desk, ctx, *case, change))
        })
        .await;
    if let Err(problem) = &outcome
        && matches!(problem.kind(), Kind::Forbidden | Kind::Conflict)
    {
        let entry = Entry::refused(audited, "case", case, problem.code());
        tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
    }
    outcome
}

async fn write(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: CaseId,
    change: &ClockChange,
) -> Result<()> {
    let mut work = Work::load(tx, desk, id).await?;
    authorize(ctx, change.right(), &work.case)?;
    let clock = work.tick(tx, desk, ctx.now).await?;
    apply(desk, ctx, &mut work, &clock, change)?;
    work.tick(tx, desk, ctx.now).await?;
    work.clock_change = Some(change.clone());
    let letter = change.letter(&work.release.procedure().documents).cloned();
    let release = work.release.clone();
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let runner = CaseOperations::of(tx, desk, work).await?;
    if let Some(letter) = letter {
        runner.make_document(tx, ctx, &letter).await?;
    }
    let engine = runner.engine(&release);
    let outcome = hold_or_resume(tx, ctx, &engine, instance_of(id), (change, &variables)).await?;
    let mut work = match outcome {
        Some(outcome) => runner.work_after(&outcome),
        None => runner.into_work(),
    };
    work.save(tx, desk).await?;
    tell_applicant(tx, desk, ctx, &work, change.told()).await?;
    let entry = Entry::done(change.audited(), "case", id);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}

/// While a special procedure is under way the flow stands still, and its timers with it. Procedures that began before
/// flows were held have nothing to resume.
async fn hold_or_resume(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    flow: InstanceId,
    (change, variables): (&ClockChange, &Json),
) -> Result<Option<Outcome>> {
    let held = tongban_flows::instance(tx, flow).await?.status == tongban_flows::Status::Held;
    match change {
        ClockChange::Pause { .. } if !held => {
            tongban_flows::hold(tx, ctx, engine, flow).await.map(Some)
        }
        ClockChange::Resume if held => tongban_flows::resume(tx, ctx, engine, flow, variables)
            .await
            .map(Some),
        ClockChange::Pause { .. } | ClockChange::Resume | ClockChange::Extend { .. } => Ok(None),
    }
}

fn apply(
    desk: &Desk,
    ctx: &Ctx,
    work: &mut Work,
    clock: &Clock,
    change: &ClockChange,
) -> Result<()> {
    let happened = match change {
        ClockChange::Pause { name, reason, days } => {
            decidable(&work.case)?;
            if work.case.paused.is_some() {
                let words = "特别程序已经在进行中";
                return Err(Problem::conflict("case.paused_already", words));
            }
            required("/name", name, "请选择特别程序的种类")?;
            required("/reason", reason, "请写明启动特别程序的理由，会告知申请人")?;
            let words = "请写明特别程序预计需要几个工作日，会书面告知申请人";
            let expected_days = Some(number("/expected", *days, LONGEST_PROCEDURE, words)?);
            work.case.paused = Some(name.clone());
            let (name, reason) = (name.clone(), reason.clone());
            CaseEvent::Paused {
                name,
                reason,
                expected_days,
            }
        }
        // Whatever the status is: what stands still can always go on.
        ClockChange::Resume => {
            let Some(name) = work.case.paused.take() else {
                let words = "没有正在进行的特别程序";
                return Err(Problem::conflict("case.not_paused", words));
            };
            CaseEvent::Resumed { name }
        }
        ClockChange::Extend { days, reason } => {
            decidable(&work.case)?;
            if let Some(words) = no_extension(&work.case, clock) {
                return Err(Problem::conflict("case.no_extension", words));
            }
            required("/reason", reason, "请写明延长期限的理由，会告知申请人")?;
            let limit = desk
                .catalog
                .setting_number("extension_days", EXTENSION_LIMIT);
            let limit = limit.min(EXTENSION_LIMIT);
            let words = format!("延长期限应为 1 至 {limit} 个工作日");
            let days = number("/days", *days, limit, &words)?;
            let reason = reason.clone();
            CaseEvent::Extended { days, reason }
        }
    };
    work.happened(desk, ctx, happened);
    Ok(())
}

fn decidable(case: &Case) -> Result<()> {
    if case.status == Status::Accepted && !case.waits {
        return Ok(());
    }
    Err(Problem::conflict(
        "case.clock_not_running",
        "只有已受理、还没有作出决定的办件才能调整办理期限",
    ))
}

/// Why a case gets no more time; none when it may.
pub(crate) fn no_extension(case: &Case, clock: &Clock) -> Option<&'static str> {
    if case.paused.is_some() {
        Some("特别程序还没有结束，结束后才能延长办理期限")
    } else if clock.extended {
        Some("办理期限已经延长过一次，不能再次延长")
    } else if clock.is_overdue() {
        Some("办理期限已经届满，不能再延长，请尽快作出决定")
    } else {
        None
    }
}

fn number(pointer: &str, days: i64, most: i64, words: &str) -> Result<u32> {
    let fits = (1..=most).contains(&days);
    let days = u32::try_from(days).ok().filter(|_| fits);
    days.ok_or_else(|| Problem::fields(vec![FieldError::new(pointer, "days.range", words)]))
}

fn required(pointer: &str, text: &str, words: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Problem::fields(vec![FieldError::new(
            pointer, "required", words,
        )]));
    }
    Ok(())
}
