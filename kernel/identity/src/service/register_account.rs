//! A person registers an account: level L1, nothing proven yet but the mobile number.

use std::sync::Arc;

use serde::Deserialize;
use tongban_audit::{Entry, record};
use tongban_base::numbers::check_mobile;
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::REGISTERED;
use crate::model::{Assurance, AssuranceChange, CodePurpose, check_login, check_password};
use crate::service::send_code::{CodeMessages, SentCode, Wish, send_code};
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

/// Sends a code to the number; the account is there once it comes back. Whether name or number belong to somebody is not
/// told here. Errors: faulty fields, each told beside it; too many codes.
pub async fn register_account(
    identity: &Identity,
    ctx: &Ctx,
    codes: &Arc<CodeMessages>,
    wish: &NewAccount,
) -> Result<SentCode> {
    let (login, mobile) = checked(wish)?;
    let password = identity
        .passwords
        .hash(&wish.password, &ctx.address)
        .await?;
    let wish = Wish {
        purpose: CodePurpose::Register,
        account: None,
        login,
        password,
        mobile,
    };
    send_code(identity, ctx, codes, wish).await
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
    let login = account::login_taken(tx, &row.login).await?;
    if login || account::mobile_taken(tx, &identity.keys, &row.mobile, None).await? {
        let words = "登录名或手机号刚刚被别人注册，请重新注册";
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
