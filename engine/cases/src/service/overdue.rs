//! What is late or soon will be: the hourly look reminds whoever works on a case before its last day, tells them when
//! it has passed, and the supervisors when it has passed for some days. Each is told once for a last day; when an
//! extension or a special procedure moves it, once more for the new one.

use tongban_base::{Ctx, Date, Result};
use tongban_store::Tx;

use crate::clock::Period;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{Case, CaseId};
use crate::service::look::{Step, each};
use crate::service::telling::{tell_holders, tell_supervisors};
use crate::store::{cases, events};
use crate::work::Work;

/// The latest last day of which reminders are sent today.
pub(crate) fn soon(desk: &Desk, today: Date) -> Date {
    Notice::DueSoon.moved(desk, today)
}

/// Reminds whoever works on a case whose last day is near; gives how many cases were new.
pub async fn remind(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    each(desk, ctx, Step::Tell(Notice::DueSoon)).await
}

/// Tells whoever works on a case that its last day has passed; gives how many cases were new.
pub async fn report_overdue(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    each(desk, ctx, Step::Tell(Notice::Overdue)).await
}

/// Tells the supervisors of what is overdue for some days; gives how many cases were new.
pub async fn escalate(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    each(desk, ctx, Step::Tell(Notice::Escalated)).await
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Notice {
    DueSoon,
    Overdue,
    Escalated,
}

impl Notice {
    /// The message that is sent, and the journal's word that it was.
    fn event(self) -> &'static str {
        match self {
            Notice::DueSoon => "case.due_soon",
            Notice::Overdue => "case.overdue",
            Notice::Escalated => "case.escalated",
        }
    }

    fn happened(self, due_on: Date, period: Period) -> CaseEvent {
        match self {
            Notice::DueSoon => CaseEvent::DueSoon { due_on, period },
            Notice::Overdue => CaseEvent::Overdue { due_on, period },
            Notice::Escalated => CaseEvent::Escalated { due_on, period },
        }
    }

    /// The first and the latest last day that may be meant.
    fn span(self, desk: &Desk, today: Date) -> (Date, Date) {
        match self {
            Notice::DueSoon => (today, self.moved(desk, today)),
            Notice::Overdue | Notice::Escalated => {
                (Date::default(), today.pred_opt().unwrap_or(today))
            }
        }
    }

    fn fits(self, desk: &Desk, due: Date, today: Date) -> bool {
        let (from, to) = self.span(desk, today);
        let after = match self {
            Notice::Escalated => self.moved(desk, due) <= today,
            Notice::DueSoon | Notice::Overdue => true,
        };
        (from..=to).contains(&due) && after
    }

    /// So many working days later as the setting of this notice says.
    fn moved(self, desk: &Desk, day: Date) -> Date {
        let days = match self {
            Notice::DueSoon => desk.catalog.setting_number("reminder_lead_days", 2),
            Notice::Overdue => 0,
            Notice::Escalated => desk.catalog.setting_number("escalation_days", 1),
        };
        let days = u32::try_from(days).unwrap_or(0);
        desk.catalog.calendar().add_workdays(day, days)
    }

    /// What stands still has no last day.
    fn concerns(self, desk: &Desk, case: &Case, today: Date) -> Option<(Date, Period)> {
        let due = case.due_on.filter(|due| self.fits(desk, *due, today))?;
        Some((due, case.status.period()?))
    }
}

pub(super) async fn find(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    notice: Notice,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<CaseId>> {
    let span = notice.span(desk, ctx.now.date());
    cases::due_unnoticed(tx, span, notice.event(), after, limit).await
}

pub(super) async fn apply(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    notice: Notice,
    case: CaseId,
) -> Result<bool> {
    let mut work = Work::load(tx, desk, case).await?;
    let Some((due, period)) = notice.concerns(desk, &work.case, ctx.now.date()) else {
        return Ok(false);
    };
    let happened = notice.happened(due, period);
    let journal = events::of_case(tx, case).await?;
    if journal.iter().any(|e| e.what.as_ref() == Some(&happened)) {
        return Ok(false);
    }
    work.happened(desk, ctx, happened);
    work.save(tx, desk).await?;
    match notice {
        Notice::Escalated => tell_supervisors(tx, desk, ctx, &work, notice.event()).await?,
        Notice::DueSoon | Notice::Overdue => {
            tell_holders(tx, desk, ctx, &work, notice.event()).await?;
        }
    }
    Ok(true)
}
