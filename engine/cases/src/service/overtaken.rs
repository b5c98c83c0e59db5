//! A step that has ended before an officer could do it. Who may read no more of the case is told how it ended, when he
//! could have done it.

use tongban_base::{Ctx, Problem, Result};
use tongban_flows::{Closed, Task, TaskId};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{Case, CaseId, Event, Status};
use crate::service::work::{allowed, not_paused};
use crate::store::{cases, events};

/// How a step ended, and what the fields of its page are called.
pub(crate) struct Overtaken {
    pub words: String,
    pub release: ProcedureRelease,
}

/// None while the step is open, and for whoever could not have done it.
pub(crate) async fn overtaken(
    desk: &Desk,
    ctx: &Ctx,
    id: CaseId,
    task: TaskId,
) -> Result<Option<Overtaken>> {
    let input = (desk.clone(), ctx.clone(), id, task);
    desk.db
        .read(input, |tx, (desk, ctx, id, task)| {
            Box::pin(async move {
                let task = tongban_flows::task(tx, *task).await?;
                let of: CaseId = task.subject.parse()?;
                let case = cases::load(tx, &desk.cipher, *id).await?;
                let is_his = of == *id && allowed(ctx, &case, &task).is_ok();
                if task.closed_at.is_none() || !is_his {
                    return Ok(None);
                }
                let events = events::of_case(tx, *id).await?;
                let release = desk.catalog.release(tx, &case.release).await?;
                let words = ended(&events, &task);
                Ok(Some(Overtaken { words, release }))
            })
        })
        .await
}

/// Nothing is decided or sent back of what was withdrawn, nor while a special procedure is under way.
pub(crate) async fn still_workable(tx: &mut Tx, case: &Case) -> Result<()> {
    if case.status == Status::Withdrawn {
        let events = events::of_case(tx, case.id).await?;
        if let Some(words) = taken_away(&events) {
            return Err(Problem::conflict("case.withdrawn", words));
        }
    }
    not_paused(case)
}

/// What took the case away from everybody who had a step of it.
fn taken_away(events: &[Event]) -> Option<&'static str> {
    events.iter().rev().find_map(|event| match &event.what {
        Some(CaseEvent::Withdrawn { .. }) => Some("申请人已撤回申请"),
        Some(CaseEvent::EndedWithParent { .. }) => {
            Some("发起它的办件已经撤回或者终止，这个办件不再办理")
        }
        Some(CaseEvent::Lapsed { .. }) => Some("申请人逾期没有补正，已终止办理"),
        _ => None,
    })
}

fn ended(events: &[Event], task: &Task) -> String {
    if let Some(words) = taken_away(events) {
        return words.to_owned();
    }
    let by = task.closed_by.as_deref().unwrap_or("别人");
    let asked = events.iter().any(|event| {
        let is_asked = matches!(event.what, Some(CaseEvent::CorrectionAsked { .. }));
        is_asked && Some(event.at) == task.closed_at
    });
    match task.closed_how {
        Some(Closed::Cancelled) => "这一步已不需要办理".to_owned(),
        Some(Closed::Replaced) => format!("这一步的办理人已由{by}变更"),
        Some(Closed::Undone) => format!("这一步已由{by}退回"),
        Some(Closed::Done) | None if asked => format!("这一步已由{by}退回补正"),
        Some(Closed::Done) | None => format!("这一步已由{by}办理"),
    }
}
