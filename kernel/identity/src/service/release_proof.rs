//! The window gives an identity number back to its owner: whoever holds the card stands there, and another account has
//! proven the number. The proof leaves that account, with what hangs on it, and everybody concerned is told.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{ActorKind, Ctx, FieldError, Problem, Result, Uuid, typed};
use tongban_store::{Fut, Tx};

use crate::Identity;
use crate::audit::{PROOF_LOOKED_UP, PROOF_RELEASED};
use crate::model::{Assurance, AssuranceChange, Person, check_id_number};
use crate::permissions::RELEASE;
use crate::service::join::unclaimed;
use crate::service::manage_staff::end_all;
use crate::store::{account, real_name_check};

const LONGEST_REASON: usize = 500;

/// What others do in the same transaction when a proof leaves an account: the wiring knows them.
pub struct AfterRelease(pub Box<TakeLeave>);

type TakeLeave = dyn for<'t> Fn(&'t mut Tx, Ctx, Released) -> Fut<'t, ()> + Send + Sync;

/// A proof that has left its account.
#[derive(Clone)]
pub struct Released {
    pub account: Uuid,
    pub id_number: String,
    /// As they were before.
    pub person: Person,
    /// Whoever could not prove the number because of it.
    pub waiting: Vec<(Uuid, Person)>,
}

/// What the window asks for.
#[derive(Clone, Default)]
pub struct Release {
    pub account: Uuid,
    pub id_number: String,
    pub reason: String,
}

/// The account that has proven a number.
#[derive(Clone, Debug)]
pub struct Proof {
    pub account: Uuid,
    pub person: Person,
}

fn allowed(ctx: &Ctx) -> Result<()> {
    match (ctx.actor.kind, &ctx.actor.staff) {
        (ActorKind::Anonymous, _) => Err(Problem::unauthenticated()),
        (ActorKind::Staff, Some(staff)) if staff.permissions.contains(RELEASE.0) => Ok(()),
        _ => Err(Problem::forbidden()),
    }
}

/// Who has proven this number; that it was looked for is on record. Errors: no right; no such number.
pub async fn find_proof(identity: &Identity, ctx: &Ctx, id_number: &str) -> Result<Option<Proof>> {
    allowed(ctx)?;
    let number = number_of(ctx, id_number)?;
    let digest = identity.audit_key().sought(&number);
    let input = (identity.clone(), ctx.clone(), (number, digest));
    identity
        .db
        .write(input, |tx, (identity, ctx, (number, digest))| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                allowed(ctx)?;
                let entry = Entry::done(PROOF_LOOKED_UP, "sought", digest);
                record(tx, ctx, identity.audit_key(), entry).await?;
                let found = account::by_id_number(tx, &identity.keys, number).await?;
                match found {
                    None => Ok(None),
                    Some(account) => Ok(Some(Proof {
                        account,
                        person: identity.person_in(tx, account).await?,
                    })),
                }
            })
        })
        .await
}

/// Takes the proof from the account and ends its logins. Errors: no right; faulty fields; the account has not proven the
/// number (any more).
pub async fn release_proof(
    identity: &Identity,
    ctx: &Ctx,
    wish: &Release,
    after: Option<Arc<AfterRelease>>,
) -> Result<()> {
    allowed(ctx)?;
    let number = number_of(ctx, &wish.id_number)?;
    let reason = reason_of(&wish.reason)?;
    let input = (
        identity.clone(),
        ctx.clone(),
        (wish.account, number, reason),
        after,
    );
    identity
        .db
        .write(input, |tx, (identity, ctx, wish, after)| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                allowed(ctx)?;
                let released = release(tx, identity, ctx, wish).await?;
                match after {
                    Some(after) => (after.0)(tx, ctx.clone(), released).await,
                    None => Ok(()),
                }
            })
        })
        .await?;
    identity.cache.forget(wish.account);
    Ok(())
}

/// Ends every login of a citizen's account, for example of a telephone that was stolen. Errors: no right; no account.
pub async fn end_citizens_sessions(identity: &Identity, ctx: &Ctx, account: Uuid) -> Result<()> {
    allowed(ctx)?;
    let input = (identity.clone(), ctx.clone(), account);
    identity
        .db
        .write(input, |tx, (identity, ctx, account)| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                allowed(ctx)?;
                account::person(tx, &identity.keys, *account).await?;
                end_all(tx, identity, ctx, ("account", *account)).await
            })
        })
        .await?;
    identity.cache.forget(account);
    Ok(())
}

async fn release(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (account, number, reason): &(Uuid, String, String),
) -> Result<Released> {
    let keys = &identity.keys;
    if account::by_id_number(tx, keys, number).await? != Some(*account) {
        let words = "这个账号现在没有用这个身份证号实名，请重新查找";
        return Err(Problem::conflict("real_name.not_there", words));
    }
    if unclaimed(tx, *account).await? {
        let words = "这是窗口收件时登记的账号，还没有人用它登录：本人自己注册、完成实名后，办件会自动归到本人名下，不用解除";
        return Err(Problem::conflict("real_name.of_window", words));
    }
    let person = account::person(tx, keys, *account).await?;
    account::release(tx, *account).await?;
    let change = AssuranceChange {
        before: person.assurance,
        after: Assurance::L1,
        reason: "released".into(),
        at: ctx.now,
    };
    account::note_assurance(tx, *account, &change)?;
    let detail = json!({
        "name": person.masked_name(),
        "id_number": person.masked_id_number(),
        "reason": reason,
    });
    let entry = Entry::done(PROOF_RELEASED, "account", account).with_detail(detail);
    record(tx, ctx, identity.audit_key(), entry).await?;
    end_all(tx, identity, ctx, ("account", *account)).await?;
    let mut waiting = Vec::new();
    for other in real_name_check::turned_away(tx, keys, number).await? {
        if other != *account {
            waiting.push((other, account::person(tx, keys, other).await?));
        }
    }
    Ok(Released {
        account: *account,
        id_number: number.clone(),
        person,
        waiting,
    })
}

fn number_of(ctx: &Ctx, text: &str) -> Result<String> {
    check_id_number(text, ctx.now.date())
        .map_err(|words| Problem::fields(vec![FieldError::new("/id_number", "invalid", words)]))
}

fn reason_of(text: &str) -> Result<String> {
    let reason = typed::visible(text);
    let words = match reason.chars().count() {
        0 => "请写明理由，例如核对了谁的身份证原件".to_owned(),
        1..=LONGEST_REASON => return Ok(reason),
        _ => format!("理由最长 {LONGEST_REASON} 字"),
    };
    Err(Problem::fields(vec![FieldError::new(
        "/reason", "invalid", words,
    )]))
}
