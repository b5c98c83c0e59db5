//! Special procedures and extensions: what stops the clock, and what moves its end (Administrative
//! Licensing Law, articles 45 and 42). The reason is told to the applicant by the journal.

use tongban_audit::{AuditEvent, Entry};
use tongban_base::{Ctx, FieldError, Problem, Result, authorize};

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Status};
use crate::service::clocked::clock_of;
use crate::store::events;
use crate::work::Work;
use crate::{audit, permissions};

/// Article 42: ten more days, once. An office may allow less.
const EXTENSION_LIMIT: i64 = 10;

#[derive(Clone, Debug)]
pub enum ClockChange {
    /// Begins a special procedure of this name.
    Pause {
        name: String,
        reason: String,
    },
    Resume,
    Extend {
        days: i64,
        reason: String,
    },
}

pub async fn change_clock(desk: &Desk, ctx: &Ctx, case: CaseId, change: ClockChange) -> Result<()> {
    let input = (desk.clone(), ctx.clone(), case, change);
    desk.db
        .write(input, |tx, (desk, ctx, case, change)| {
            Box::pin(async move {
                let mut work = Work::load(tx, desk, *case).await?;
                authorize(ctx, permissions::SUSPEND, &work.case)?;
                let event = apply(desk, ctx, &mut work, change)?;
                let mut journal = events::of_case(tx, *case).await?;
                journal.extend(work.added().iter().cloned());
                work.case.due_on = clock_of(desk, &work.release, &journal, ctx.now).due_on;
                work.save(tx, desk).await?;
                let entry = Entry::done(event, "case", case);
                tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
            })
        })
        .await
}

fn apply(desk: &Desk, ctx: &Ctx, work: &mut Work, change: &ClockChange) -> Result<AuditEvent> {
    if work.case.status != Status::Accepted {
        return Err(Problem::conflict(
            "case.clock_not_running",
            "只有已受理、还没有作出决定的办件才能调整办理期限",
        ));
    }
    match change {
        ClockChange::Pause { name, reason } => {
            if work.case.paused.is_some() {
                return Err(Problem::conflict(
                    "case.paused_already",
                    "特别程序已经在进行中",
                ));
            }
            required("/name", name, "请选择特别程序的种类")?;
            required("/reason", reason, "请写明启动特别程序的理由，会告知申请人")?;
            work.case.paused = Some(name.clone());
            let (name, reason) = (name.clone(), reason.clone());
            work.happened(desk, ctx, CaseEvent::Paused { name, reason });
            Ok(audit::PAUSED)
        }
        ClockChange::Resume => {
            let Some(name) = work.case.paused.take() else {
                return Err(Problem::conflict(
                    "case.not_paused",
                    "没有正在进行的特别程序",
                ));
            };
            work.happened(desk, ctx, CaseEvent::Resumed { name });
            Ok(audit::RESUMED)
        }
        ClockChange::Extend { days, reason } => {
            required("/reason", reason, "请写明延长期限的理由，会告知申请人")?;
            let limit = desk
                .catalog
                .setting_number("extension_days", EXTENSION_LIMIT);
            let limit = limit.min(EXTENSION_LIMIT);
            let Some(days) = u32::try_from(*days)
                .ok()
                .filter(|_| (1..=limit).contains(days))
            else {
                let words = format!("延长期限应为 1 至 {limit} 个工作日");
                return Err(Problem::fields(vec![FieldError::new(
                    "/days",
                    "days.range",
                    words,
                )]));
            };
            let reason = reason.clone();
            work.happened(desk, ctx, CaseEvent::Extended { days, reason });
            Ok(audit::EXTENDED)
        }
    }
}

fn required(pointer: &str, text: &str, words: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Problem::fields(vec![FieldError::new(
            pointer, "required", words,
        )]));
    }
    Ok(())
}
