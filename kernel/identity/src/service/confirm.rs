//! Whoever changes what opens the account says its password again: a session that was left open is not enough.

use tongban_base::{ActorKind, Ctx, FieldError, Kind, Problem, Result, Uuid};

use crate::Identity;
use crate::audit::CONFIRMED;
use crate::service::guard_login::{self, Counts, Subject};
use crate::service::signed_in;
use crate::store::{account, staff};

/// Errors: the password is wrong, told beside the field of this name; too many were.
pub(crate) async fn confirm(
    identity: &Identity,
    ctx: &Ctx,
    (field, password): (&str, &str),
) -> Result<()> {
    let account = signed_in(ctx)?;
    // Nothing was tried.
    if password.is_empty() {
        let words = "请填写登录密码";
        return Err(Problem::fields(vec![FieldError::new(
            field, "required", words,
        )]));
    }
    let is_staff = ctx.actor.kind == ActorKind::Staff;
    let counts = Counts::own(identity, account);
    let tries = guard_login::take_try(identity, ctx, &counts).await?;
    let stored = identity
        .db
        .read((account, is_staff), |tx, (account, is_staff)| {
            Box::pin(async move {
                match is_staff {
                    true => officers(tx, *account).await,
                    false => account::password(tx, *account).await,
                }
            })
        })
        .await?;
    let who = (ctx, true);
    let right = identity.passwords.verify(password, stored.as_deref(), who);
    if !right.await? {
        let subject = Subject {
            kind: if is_staff { "staff" } else { "account" },
            id: account.to_string(),
        };
        let tried = (CONFIRMED, &subject, &counts);
        let refused = guard_login::refuse(identity, ctx, tried, tries).await;
        return Err(match refused.kind() {
            Kind::Unauthenticated => {
                let words = "密码不正确，请核对后重新填写";
                Problem::fields(vec![FieldError::new(field, "wrong", words)])
            }
            _ => refused,
        });
    }
    identity
        .db
        .write(counts, |tx, counts| {
            Box::pin(guard_login::forgive(tx, counts))
        })
        .await
}

async fn officers(tx: &mut tongban_store::Tx, id: Uuid) -> Result<Option<String>> {
    let found = staff::by_id(tx, id).await?;
    let found = found.filter(|marked| marked.genuine && marked.staff.active);
    Ok(found.map(|marked| marked.staff.password))
}
