//! A person registers an account: level L1, nothing proven yet.

use serde::Deserialize;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Problem, Result, Uuid};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::REGISTERED;
use crate::model::{Assurance, AssuranceChange, check_login, check_password};
use crate::store::account::{self, AccountRow};

/// What the page and the interface send.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    pub login: String,
    pub mobile: String,
    pub password: String,
    pub password_again: String,
}

/// Gives the id of the new account. Errors: faulty fields, each told beside it.
pub async fn register_account(identity: &Identity, ctx: &Ctx, wish: &NewAccount) -> Result<Uuid> {
    let (login, mobile) = checked(wish)?;
    let password = identity
        .passwords
        .hash(&wish.password, &ctx.address)
        .await?;
    let row = AccountRow {
        id: Uuid::now_v7(),
        login,
        password,
        mobile,
        created_at: ctx.now,
    };
    let id = row.id;
    identity
        .db
        .write(
            (identity.clone(), ctx.clone(), row),
            |tx, (identity, ctx, row)| Box::pin(enter(tx, identity, ctx, row)),
        )
        .await?;
    Ok(id)
}

fn checked(wish: &NewAccount) -> Result<(String, String)> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, message: String| {
        faults.push(FieldError::new(pointer, "invalid", message));
    };
    let login = check_login(&wish.login).unwrap_or_else(|message| {
        fault("/login", message);
        String::new()
    });
    let mobile = check_mobile(&wish.mobile).unwrap_or_else(|message| {
        fault("/mobile", message);
        String::new()
    });
    if let Err(message) = check_password(&wish.password, &[&login, &mobile]) {
        fault("/password", message);
    } else if wish.password != wish.password_again {
        fault("/password_again", "两次填写的密码不一样，请重新填写".into());
    }
    if faults.is_empty() {
        Ok((login, mobile))
    } else {
        Err(Problem::fields(faults))
    }
}

pub(crate) async fn enter(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    row: &AccountRow,
) -> Result<()> {
    // Which of the two is told to nobody: with a taken name somebody would ask for one number after another.
    let login = account::login_taken(tx, &row.login).await?;
    let mobile = account::mobile_taken(tx, &identity.keys, &row.mobile, None).await?;
    if login || mobile {
        let words = "登录名或手机号已有人使用。如果您注册过，请直接登录，登录名和手机号都可以；没有注册过的，\
                     请换一个登录名再试，仍不行的请携带身份证到窗口办理";
        return Err(Problem::conflict("account.taken", words));
    }
    account::insert(tx, &identity.keys, row)?;
    let change = AssuranceChange {
        before: Assurance::L1,
        after: Assurance::L1,
        reason: "registered".into(),
        at: ctx.now,
    };
    account::note_assurance(tx, row.id, &change)?;
    let entry = Entry::done(REGISTERED, "account", row.id);
    record(tx, ctx, identity.audit_key(), entry).await
}
