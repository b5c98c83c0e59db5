//! What people say of a case beside its steps: the applicant asks, the office answers, officers note for each other. It
//! stands in the journal, and whoever it is meant for is told.

use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::{CaseEvent, Saying};
use crate::model::{CaseId, Event};
use crate::service::agency::{self, Sides};
use crate::service::reading::visible;
use crate::service::telling::{tell_applicant, tell_holders};
use crate::service::view::open_case;
use crate::store::events;
use crate::work::Work;

const LONGEST: usize = 500;
/// Where a pack says nothing.
const MOST_A_DAY: i64 = 5;

/// Errors: not found for whoever may not see the case, forbidden for an officer without a purpose, a field error without
/// words or with too many, a conflict when the applicant has asked often enough today.
pub async fn say(desk: &Desk, ctx: &Ctx, case: CaseId, kind: Saying, words: String) -> Result<()> {
    let view = open_case(desk, ctx, case).await?;
    let is_asking = kind == Saying::Question;
    // Whoever took it in at a window has it as the office too.
    let is_at_window = view.is_acted && ctx.actor.staff.is_some();
    let is_applicants = view.is_own || (view.is_acted && !is_at_window);
    if is_asking != is_applicants || (!is_asking && !view.is_of_office) {
        return Err(Problem::forbidden());
    }
    let words = checked(&words)?.to_owned();
    desk.write(ctx, (case, words), move |tx, desk, ctx, (case, words)| {
        Box::pin(write(tx, desk, ctx, *case, kind, words))
    })
    .await
}

async fn write(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: CaseId,
    kind: Saying,
    words: &str,
) -> Result<()> {
    let mut work = Work::load(tx, desk, id).await?;
    let sides = Sides::of_case(&work.case);
    match sides.are_acted_by(ctx) && kind == Saying::Question {
        true => agency::must_last(tx, desk, ctx, sides).await?,
        false => visible(ctx, &work.case)?,
    }
    let said = CaseEvent::Said {
        kind,
        words: words.to_owned(),
    };
    let journal = events::of_case(tx, id).await?;
    if is_twin(ctx, &journal, &said) {
        return Ok(());
    }
    if kind == Saying::Question {
        may_ask(desk, ctx, &work, &journal)?;
    }
    words.clone_into(&mut work.opinion);
    work.happened(desk, ctx, said);
    let entry = Entry::done(audit::SAID, "case", id);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    work.save(tx, desk).await?;
    match kind {
        Saying::Question => tell_holders(tx, desk, ctx, &work, "case.asked").await,
        Saying::Answer => tell_applicant(tx, desk, ctx, &work, "case.answered").await,
        Saying::Note | Saying::Phone => Ok(()),
    }
}

/// The same button once more; the same words later are said again.
fn is_twin(ctx: &Ctx, journal: &[Event], said: &CaseEvent) -> bool {
    let account = ctx.actor.account.map(|account| account.to_string());
    let just_now = ctx.now.plus_minutes(-1);
    journal.iter().any(|event| {
        event.at >= just_now && event.actor_id == account && event.what.as_ref() == Some(said)
    })
}

fn may_ask(desk: &Desk, ctx: &Ctx, work: &Work, journal: &[Event]) -> Result<()> {
    if work.case.closed_at.is_some() {
        let words = "这个办件已经办结，有问题请拨打办理部门电话";
        return Err(Problem::conflict("case.closed", words));
    }
    let most = desk.catalog.setting_number("questions_a_day", MOST_A_DAY);
    let asked = |event: &&Event| {
        let is_question = matches!(
            event.what,
            Some(CaseEvent::Said {
                kind: Saying::Question,
                ..
            })
        );
        is_question && event.at.date() == ctx.now.date()
    };
    if journal.iter().filter(asked).count() < usize::try_from(most).unwrap_or_default() {
        return Ok(());
    }
    let words = format!("今天已经提问 {most} 次，请等经办部门答复，或者拨打办理部门电话");
    Err(Problem::conflict("case.asked_enough", words))
}

/// The last question of the applicant that nobody has answered.
pub(crate) fn unanswered(journal: &[Event]) -> Option<&Event> {
    let said = journal.iter().rev().find_map(|event| match &event.what {
        Some(CaseEvent::Said {
            kind: Saying::Question,
            ..
        }) => Some(Some(event)),
        Some(CaseEvent::Said {
            kind: Saying::Answer,
            ..
        }) => Some(None),
        _ => None,
    });
    said.flatten()
}

fn checked(words: &str) -> Result<&str> {
    let words = words.trim();
    let fault = |text: String| {
        let fault = FieldError::new("/said", "required", text);
        Err(Problem::fields(vec![fault]))
    };
    match words.chars().count() {
        0 => fault("请写明内容".to_owned()),
        count if count > LONGEST => fault(format!("最多 {LONGEST} 个字，现在是 {count} 个字")),
        _ => Ok(words),
    }
}
