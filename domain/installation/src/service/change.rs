//! An administrator adds, changes, ends or puts back an entry: with a reason, on record, in effect at once.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tongban_audit::{AuditEvent, AuditKey, Entry as LogEntry, record};
use tongban_base::{ActorKind, Ctx, FieldError, Permission, Problem, Result, typed};
use tongban_identity::Identity;
use tongban_packs::{
    Entry, EntryKind, EntryState, Installation, NewEntry, change_entry, installation,
};
use tongban_procedures::Catalog;
use tongban_store::{Db, Tx};

use super::in_use::needs;
use crate::read::{Typed, body};
use crate::{ADDED, CHANGED, ENDED, KEEP_CALENDAR, MANAGE, MANAGE_ROLES, RESTORED};

const LONGEST_REASON: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Add,
    Change,
    End,
    /// To what packs bring, or from its end back.
    Restore,
}

impl Act {
    fn event(self) -> AuditEvent {
        match self {
            Act::Add => ADDED,
            Act::Change => CHANGED,
            Act::End => ENDED,
            Act::Restore => RESTORED,
        }
    }
}

/// What was typed, and what stood on the page when it was.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub act: Act,
    pub kind: EntryKind,
    /// Empty for a new one: it is among what was typed.
    pub code: String,
    pub typed: Typed,
    pub reason: String,
    pub seen: String,
}

pub(crate) fn may_change(ctx: &Ctx, kind: EntryKind) -> Result<()> {
    let right: Permission = match kind {
        EntryKind::Division | EntryKind::Organisation => MANAGE,
        EntryKind::Role => MANAGE_ROLES,
        EntryKind::Year => KEEP_CALENDAR,
    };
    let staff = ctx.actor.staff.as_ref();
    let has_right = staff.is_some_and(|staff| staff.permissions.contains(right.0));
    match ctx.actor.kind {
        ActorKind::Staff if has_right => Ok(()),
        _ => Err(Problem::forbidden()),
    }
}

/// The code of the entry.
/// Errors: no such entry; no right; what cannot be taken, told beside its field; it is in use; a role of one's own; a
/// colleague was faster.
pub(crate) async fn change(
    db: &Db,
    catalog: &Arc<Catalog>,
    (identity, key): (&Identity, &AuditKey),
    (ctx, rights): (&Ctx, &[&'static str]),
    wish: Wish,
) -> Result<String> {
    let services = (identity.clone(), Arc::clone(catalog), key.clone());
    let input = (services, ctx.clone(), (wish.clone(), rights.to_vec()));
    let code = db.write(
        input,
        |tx, ((identity, catalog, key), ctx, (wish, rights))| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                may_change(ctx, wish.kind)?;
                let now = installation(tx).await?;
                if wish.kind == EntryKind::Role {
                    still_manages(&now, ctx)?;
                }
                let Some(new) = wanted(&now, wish, rights)? else {
                    return Ok(wish.code.clone());
                };
                own_role(ctx, wish)?;
                if wish.act == Act::End {
                    let of = (wish.kind, new.code.as_str());
                    let needs = needs(tx, (identity, catalog, ctx.now.date()), &now, of).await?;
                    unused(&needs, new.before.as_ref(), wish.kind)?;
                }
                written(tx, (ctx, key), wish, &new).await?;
                Ok(new.code)
            })
        },
    );
    let code = code.await?;
    catalog.refresh(db, ctx.now.date()).await?;
    if wish.kind == EntryKind::Role {
        identity.forget_rights();
    }
    Ok(code)
}

/// What will stand.
struct New {
    code: String,
    state: EntryState,
    body: Json,
    before: Option<Entry>,
    reason: String,
}

/// None where it stands already: the second click, or a colleague who wanted the same.
fn wanted(now: &Installation, wish: &Wish, rights: &[&'static str]) -> Result<Option<New>> {
    let before = now.entry(wish.kind, &wish.code).cloned();
    if wish.act != Act::Add && before.is_none() {
        return Err(Problem::not_found());
    }
    let reason = reason(&wish.reason);
    let (code, state, body) = match (wish.act, &before) {
        (Act::End, Some(_)) if wish.kind == EntryKind::Year => return Err(Problem::not_found()),
        (Act::End, Some(before)) => (wish.code.clone(), EntryState::Ended, before.body.clone()),
        (Act::Restore, Some(before)) => match &before.seed {
            Some(seed) => (wish.code.clone(), EntryState::Seeded, seed.clone()),
            None => (wish.code.clone(), EntryState::Changed, before.body.clone()),
        },
        (Act::Add | Act::Change, _) | (_, None) => {
            let read = body(now, (wish.kind, &wish.code), &wish.typed, rights);
            let (read, reason) = (read, &reason);
            let (code, body) = match (read, reason) {
                (Ok(read), Ok(_)) => read,
                (read, reason) => {
                    let mut faults = read.err().unwrap_or_default();
                    faults.extend(reason.as_ref().err().cloned());
                    return Err(Problem::fields(faults));
                }
            };
            (code, EntryState::Changed, body)
        }
    };
    let reason = reason.map_err(|fault| Problem::fields(vec![fault]))?;
    if let Some(before) = &before {
        let is_as_shown = before.seen() == wish.seen;
        if before.state == state && before.body == body
            || (wish.act == Act::Change && before.body == body && !before.is_ended())
        {
            return match is_as_shown {
                true => Err(unchanged()),
                false => Ok(None),
            };
        }
        if !is_as_shown {
            return Err(Problem::conflict(
                "installation.changed_meanwhile",
                "这一条刚刚被别人改过，页面上现在是新的内容；请核对后再改",
            ));
        }
    }
    Ok(Some(New {
        code,
        state,
        body,
        before,
        reason,
    }))
}

fn reason(typed_text: &str) -> std::result::Result<String, FieldError> {
    let fault = |words: String| FieldError::new("/reason", "invalid", words);
    let text = typed::visible(typed_text);
    match text.trim() {
        "" => Err(fault("请写明为什么".to_owned())),
        long if long.chars().count() > LONGEST_REASON => {
            Err(fault(format!("最多 {LONGEST_REASON} 个字")))
        }
        reason => Ok(reason.to_owned()),
    }
}

fn unchanged() -> Problem {
    Problem::invalid("installation.unchanged", "和现在的内容一样，没有修改")
}

/// Roles as they stand in this transaction: of two who take the right from each other at once the second has it no more,
/// and since nobody changes a role of his own, whoever changes one stays.
fn still_manages(now: &Installation, ctx: &Ctx) -> Result<()> {
    let roles = ctx.actor.staff.iter().flat_map(|staff| &staff.roles);
    let mut held = roles.filter_map(|code| now.role(code));
    match held.any(|role| role.permissions.iter().any(|right| right == MANAGE_ROLES.0)) {
        true => Ok(()),
        false => Err(Problem::forbidden()),
    }
}

/// Nobody gives himself rights.
fn own_role(ctx: &Ctx, wish: &Wish) -> Result<()> {
    match wish.kind == EntryKind::Role && ctx.actor.has_role(&wish.code) {
        true => Err(Problem::conflict(
            "installation.own_role",
            "这是您自己的岗位，请由另一位管理员修改",
        )),
        false => Ok(()),
    }
}

fn unused(needs: &[String], before: Option<&Entry>, kind: EntryKind) -> Result<()> {
    let words = match (kind, needs) {
        (_, needs) if !needs.is_empty() => {
            format!("还有{}，不能撤销；请先调整它们", needs.join("、"))
        }
        (EntryKind::Role, _) if before.is_some_and(|entry| entry.seed.is_some()) => {
            "这个岗位是业务包带来的，流程按它分派任务，不能撤销；可以改名和调整权限".to_owned()
        }
        _ => return Ok(()),
    };
    Err(Problem::conflict("installation.in_use", words))
}

async fn written(tx: &mut Tx, (ctx, key): (&Ctx, &AuditKey), wish: &Wish, new: &New) -> Result<()> {
    let entry = NewEntry {
        kind: wish.kind,
        code: &new.code,
        state: new.state,
        body: &new.body,
        reason: &new.reason,
    };
    change_entry(tx, ctx, entry).await?;
    let before = new.before.as_ref().map(|entry| &entry.body);
    let entry = LogEntry::done(wish.act.event(), wish.kind.code(), &new.code);
    let entry = entry.with_reasoned_change(json!(before), json!(new.body), &new.reason);
    record(tx, ctx, key, entry).await
}
