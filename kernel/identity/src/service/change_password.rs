//! A person or an officer changes the own password. The old one is asked for, and every login of the account ends.

use serde::Deserialize;
use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{ActorKind, Ctx, FieldError, Problem, Result, Uuid};

use crate::Identity;
use crate::audit::PASSWORD_CHANGED;
use crate::model::check_password;
use crate::service::confirm::confirm;
use crate::service::signed_in;
use crate::store::{account, mobile_code, session, staff};

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    pub old_password: String,
    pub password: String,
    pub password_again: String,
}

/// Gives the login name, for a login with the new password. Errors: faulty fields, each told beside it; too many wrong old
/// passwords.
pub async fn change_password(identity: &Identity, ctx: &Ctx, wish: &NewPassword) -> Result<String> {
    let account = signed_in(ctx)?;
    let is_staff = ctx.actor.kind == ActorKind::Staff;
    let (login, known) = known(identity, account, is_staff).await?;
    let known = [vec![login.clone()], known].concat();
    checked(wish, &known)?;
    confirm(identity, ctx, ("/old_password", &wish.old_password)).await?;
    let hash = identity.passwords.hash(&wish.password, &ctx.address);
    let input = (
        identity.clone(),
        ctx.clone(),
        (account, is_staff, hash.await?),
    );
    identity
        .db
        .write(input, |tx, (identity, ctx, (account, is_staff, hash))| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                let kind = match is_staff {
                    true => {
                        staff::set_password(tx, *account, hash).await?;
                        "staff"
                    }
                    false => {
                        account::set_password(tx, *account, hash).await?;
                        "account"
                    }
                };
                mobile_code::drop_of(tx, *account).await?;
                let ended = session::end_of(tx, *account, ctx.now).await?;
                let detail = json!({ "ended": ended });
                let entry = Entry::done(PASSWORD_CHANGED, kind, account).with_detail(detail);
                record(tx, ctx, identity.audit_key(), entry).await
            })
        })
        .await?;
    identity.cache.forget(account);
    Ok(login)
}

/// The login name, and what whoever guesses would try first.
async fn known(
    identity: &Identity,
    account: Uuid,
    is_staff: bool,
) -> Result<(String, Vec<String>)> {
    let input = (identity.clone(), account);
    if is_staff {
        let found = identity
            .db
            .read(account, |tx, account| Box::pin(staff::by_id(tx, *account)));
        let found = found.await?.ok_or_else(Problem::not_found)?;
        return Ok((found.staff.login, vec![found.staff.name]));
    }
    let person = identity.db.read(input, |tx, (identity, account)| {
        Box::pin(identity.person_in(tx, *account))
    });
    let person = person.await?;
    let proven = [person.name, person.id_number].into_iter().flatten();
    let known = [person.mobile].into_iter().chain(proven);
    Ok((person.login, known.collect()))
}

fn checked(wish: &NewPassword, known: &[String]) -> Result<()> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let fault = |field: &str, words: String| {
        Err(Problem::fields(vec![FieldError::new(
            field, "invalid", words,
        )]))
    };
    if let Err(words) = check_password(&wish.password, &known) {
        return fault("/password", words);
    }
    if wish.password != wish.password_again {
        return fault("/password_again", "两次填写的密码不一样，请重新填写".into());
    }
    if wish.password == wish.old_password {
        return fault("/password", "新密码和原来的一样，请换一个".into());
    }
    Ok(())
}
