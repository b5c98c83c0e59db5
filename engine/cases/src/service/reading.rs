//! Why an officer may read a case: a task in it, a right, or a reason that was stated. The reader, the object and the
//! purpose are on record.

use tongban_audit::Entry;
use tongban_base::{ActorKind, Ctx, FieldError, Kind, Problem, Result, Scope, authorize};

use crate::audit;
use crate::desk::Desk;
use crate::model::{Case, CaseId, Event};
use crate::permissions::{CONSULT, READ};
use crate::service::standing::standings_of;
use crate::store::{cases, consultations};

/// So long a stated reason lasts.
const HOURS: i64 = 8;
const SHORTEST: usize = 4;
const LONGEST: usize = 200;

/// The code of the problem that asks for a reason.
pub const REASON_NEEDED: &str = "case.reason_needed";

pub(crate) fn visible(ctx: &Ctx, case: &Case) -> Result<()> {
    if ctx.actor.kind == ActorKind::Anonymous {
        return Err(Problem::unauthenticated());
    }
    if Scope::of(&ctx.actor).admits(case) {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// The purpose for which an officer reads a case in sight.
/// Errors: there is none, and a reason can or cannot be stated.
pub(crate) async fn purpose(
    desk: &Desk,
    ctx: &Ctx,
    case: &Case,
    events: &[Event],
) -> Result<String> {
    let has = |right| authorize(ctx, right, case).is_ok();
    if has(READ) {
        return Ok("有查看办件的权限".to_owned());
    }
    let account = ctx.actor.account.unwrap_or_default();
    let acted = |id: &Option<String>| id.as_deref() == Some(account.to_string().as_str());
    if events.iter().any(|event| acted(&event.actor_id)) {
        return Ok("办理过这个办件".to_owned());
    }
    let standings = standings_of(desk, case.id).await?;
    if let Some(own) = standings.iter().find(|standing| standing.is_of(ctx)) {
        return Ok(format!("办理：{}", own.task.name));
    }
    if !has(CONSULT) {
        return Err(Problem::forbidden());
    }
    let input = (case.id, account, ctx.now);
    let stated = desk.db.read(input, |tx, (case, account, now)| {
        Box::pin(consultations::reason(tx, *case, *account, *now))
    });
    match stated.await? {
        Some(reason) => Ok(format!("说明理由：{reason}")),
        None => Err(Problem::new(
            Kind::Forbidden,
            REASON_NEEDED,
            "这个办件不由您办理，请先说明查阅理由",
        )),
    }
}

/// States why a case in sight is read; it opens for some hours.
/// Errors: not found out of sight, forbidden without the right to state a reason, a field error without one.
pub async fn consult_case(desk: &Desk, ctx: &Ctx, case: CaseId, reason: String) -> Result<()> {
    let reason = reason.trim().to_owned();
    desk.write(ctx, (case, reason), |tx, desk, ctx, (case, reason)| {
        Box::pin(async move {
            let found = cases::load(tx, &desk.cipher, *case).await?;
            visible(ctx, &found)?;
            authorize(ctx, CONSULT, &found)?;
            if !(SHORTEST..=LONGEST).contains(&reason.chars().count()) {
                let words = format!("请写明查阅理由，{SHORTEST} 到 {LONGEST} 个字");
                let fault = FieldError::new("/reason", "required", words);
                return Err(Problem::fields(vec![fault]));
            }
            let account = ctx.actor.account.ok_or_else(Problem::forbidden)?;
            let until = ctx.now.plus_minutes(HOURS * 60);
            let stated = consultations::Stated {
                case: *case,
                account,
                reason,
                at: ctx.now,
                until,
            };
            consultations::state(tx, &stated)?;
            let entry = Entry::done(audit::CONSULTED, "case", case)
                .with_detail(serde_json::json!({ "reason": reason }));
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
        })
    })
    .await
}
