//! An officer whose account was opened sets the first password with the code that was sent.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::PASSWORD_CHANGED;
use crate::model::{StaffRecord, check_password, login_form};
use crate::service::guard_login::{self, Counts, Subject, UNKNOWN};
use crate::service::log_in::LONGEST_LOGIN;
use crate::store::staff;

/// What the page sends.
#[derive(Clone, Default)]
pub struct TakeUp {
    pub login: String,
    pub code: String,
    pub password: String,
    pub password_again: String,
}

/// Gives the login name. Errors: faulty fields, each told beside it; no such name, a wrong code and one that is over are
/// told in the same words; too many were wrong.
pub async fn take_up(identity: &Identity, ctx: &Ctx, wish: &TakeUp) -> Result<String> {
    let login = login_form(&wish.login);
    checked(wish, &login)?;
    let counts = Counts::of(identity, ctx, &format!("opening {login}"), None);
    let tries = guard_login::take_try(identity, ctx, &counts).await?;
    let found = identity
        .db
        .read(login.clone(), |tx, login| Box::pin(officer(tx, login)))
        .await?;
    let opened = found.filter(|officer| identity.is_opened_by(officer, &wish.code, ctx.now));
    let Some(officer) = opened else {
        let subject = Subject {
            kind: UNKNOWN,
            id: identity.keys.digest(&login).chars().take(16).collect(),
        };
        let tried = (PASSWORD_CHANGED, &subject, &counts);
        let refused = guard_login::refuse(identity, ctx, tried, tries).await;
        return Err(match refused.kind() {
            Kind::Unauthenticated => fault(
                "/code",
                "登录名或者开通码不对，或者开通码已经用过、过期，请核对；仍不行的，请由本单位提交人员信息变更，通过后会发来新的开通码",
            ),
            _ => refused,
        });
    };
    let hash = identity
        .passwords
        .hash(&wish.password, &ctx.address)
        .await?;
    let input = (
        identity.clone(),
        ctx.clone(),
        (officer, wish.code.clone(), hash, counts),
    );
    identity
        .db
        .write(input, |tx, (identity, ctx, (known, code, hash, counts))| {
            Box::pin(async move {
                let now = self::officer(tx, &known.login).await?;
                // Of two who come with one code at once the first has it.
                if !now.is_some_and(|now| identity.is_opened_by(&now, code, ctx.now)) {
                    return Err(fault("/code", "开通码已经用过，请直接登录"));
                }
                staff::set_password(tx, known.id, hash).await?;
                guard_login::forgive(tx, counts).await?;
                let entry = Entry::done(PASSWORD_CHANGED, "staff", known.id);
                record(tx, ctx, identity.audit_key(), entry).await
            })
        })
        .await?;
    Ok(login)
}

async fn officer(tx: &mut Tx, login: &str) -> Result<Option<StaffRecord>> {
    let found = staff::by_login(tx, login).await?;
    let found = found.filter(|found| found.genuine && found.staff.active);
    Ok(found.map(|found| found.staff))
}

fn fault(field: &str, words: &str) -> Problem {
    Problem::fields(vec![FieldError::new(field, "invalid", words)])
}

fn checked(wish: &TakeUp, login: &str) -> Result<()> {
    let mut faults = Vec::new();
    let mut tell = |field: &str, words: &str| faults.push(FieldError::new(field, "invalid", words));
    if login.is_empty() || login.chars().count() > LONGEST_LOGIN {
        tell("/login", "请填写短信里的登录名");
    }
    if wish.code.trim().is_empty() || wish.code.chars().count() > LONGEST_LOGIN {
        tell("/code", "请填写短信里的开通码");
    }
    if let Err(words) = check_password(&wish.password, &[login]) {
        tell("/password", &words);
    } else if wish.password != wish.password_again {
        tell("/password_again", "两次填写的密码不一样，请重新填写");
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}
