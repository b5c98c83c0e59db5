//! A supervisor urges a case: what was written stands in its journal, and whoever can do the step is told.

use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Kind, Problem, Result, authorize};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, Event};
use crate::permissions::SUPERVISE;
use crate::service::operations::APPLICANT;
use crate::service::standing::standings;
use crate::service::telling::tell_holders;
use crate::store::events;
use crate::work::Work;

const EVENT: &str = "case.urged";
const LONGEST: usize = 500;
/// Where a pack says nothing.
const MOST_A_DAY: i64 = 3;

pub async fn urge(desk: &Desk, ctx: &Ctx, case: CaseId, words: String) -> Result<()> {
    let outcome = desk
        .write(ctx, (case, words), |tx, desk, ctx, (case, words)| {
            Box::pin(write(tx, desk, ctx, *case, words))
        })
        .await;
    if let Err(problem) = &outcome
        && matches!(problem.kind(), Kind::NotFound | Kind::Forbidden)
    {
        let entry = Entry::refused(audit::URGED, "case", case, problem.code());
        tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
    }
    outcome
}

async fn write(tx: &mut Tx, desk: &Desk, ctx: &Ctx, id: CaseId, words: &str) -> Result<()> {
    let mut work = Work::load(tx, desk, id).await?;
    authorize(ctx, SUPERVISE, &work.case)?;
    let words = checked(words)?;
    let urged = CaseEvent::Urged {
        words: words.to_owned(),
    };
    if urged_before(tx, desk, ctx, (id, &urged)).await? {
        return Ok(());
    }
    if work.case.closed_at.is_some() {
        let words = "这个办件已经办结，不用督办";
        return Err(Problem::conflict("case.closed", words));
    }
    let standings = standings(tx, desk, &work.case).await?;
    let mut own = standings.iter().filter(|s| s.task.role != APPLICANT);
    let reached = own.clone().any(|standing| !standing.able.is_empty());
    match (own.next().is_some(), reached) {
        (_, true) => {}
        (false, _) => {
            let words = "这个办件在等申请人或者等文书、证照制作，现在没有要督办的环节";
            return Err(Problem::conflict("case.nothing_to_urge", words));
        }
        (true, false) => {
            let words = "这一步现在没有人能办，督办送不到人，请先变更办理人";
            return Err(Problem::conflict("case.nobody_to_urge", words));
        }
    }
    words.clone_into(&mut work.opinion);
    work.happened(desk, ctx, urged);
    let entry = Entry::done(audit::URGED, "case", id);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    work.save(tx, desk).await?;
    tell_holders(tx, desk, ctx, &work, EVENT).await
}

/// Whether it is the same button once more; the same words on another day are another urging.
/// Errors: the case was urged often enough today.
async fn urged_before(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (id, urged): (CaseId, &CaseEvent),
) -> Result<bool> {
    let account = ctx.actor.account.map(|account| account.to_string());
    let journal = events::of_case(tx, id).await?;
    let just_now = ctx.now.plus_minutes(-1);
    let is_same = |event: &Event| {
        event.at >= just_now && event.actor_id == account && event.what.as_ref() == Some(urged)
    };
    if journal.iter().any(is_same) {
        return Ok(true);
    }
    let most = desk.catalog.setting_number("urges_a_day", MOST_A_DAY);
    let today = journal.iter().rev().filter(|event| {
        matches!(event.what, Some(CaseEvent::Urged { .. })) && event.at.date() == ctx.now.date()
    });
    if today.count() < usize::try_from(most).unwrap_or_default() {
        return Ok(false);
    }
    let words = format!("这个办件今天已经督办 {most} 次，请明天再督办，或者直接联系办理人");
    Err(Problem::conflict("case.urged_enough", words))
}

fn checked(words: &str) -> Result<&str> {
    let words = words.trim();
    let fault = |text: String| {
        let fault = FieldError::new("/urge-words", "required", text);
        Err(Problem::fields(vec![fault]))
    };
    match words.chars().count() {
        0 => fault("请写明督办意见".to_owned()),
        count if count > LONGEST => {
            fault(format!("督办意见不能超过{LONGEST}个字，现在是{count}个字"))
        }
        _ => Ok(words),
    }
}
