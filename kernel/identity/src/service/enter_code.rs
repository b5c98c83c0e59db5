//! The code that was sent to a mobile number comes back: what was wished is done, once.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, FieldError, Problem, Result, Uuid};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::{CODE_REFUSED, CONTACT_CHANGED, PASSWORD_CHANGED};
use crate::model::{CodePurpose, check_id_number, check_login, check_password, mask_mobile};
use crate::service::ask_code::sms_is_off;
use crate::service::guard_login::{self, Counts};
use crate::service::register_account::enter;
use crate::service::send_code::{
    self, CHANGED, CodeMessage, CodeMessages, RENEWED, digest, digest_of_old,
};
use crate::store::account::{self, AccountRow};
use crate::store::mobile_code::{self, CodeRow};
use crate::store::session;

/// After so many wrong codes another one has to be asked for.
const MOST_TRIES: i64 = 5;

/// What the page and the interface send with a code.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnteredCode {
    pub code: String,
    /// That of the earlier mobile number, where the number is changed.
    #[serde(default)]
    pub old_code: String,
    /// Another login name at a registration, where the wished one is taken.
    #[serde(default)]
    pub login: String,
    /// Of whoever has proven a real name and sets a new password, or has the earlier telephone no more.
    #[serde(default)]
    pub id_number: String,
    #[serde(default)]
    pub password: String,
    #[serde(default)]
    pub password_again: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct DoneByCode {
    pub purpose: CodePurpose,
    pub account: Uuid,
}

enum Told {
    Done(DoneByCode),
    /// It stays counted.
    Refused(Problem),
}

/// Errors: faulty fields, each told beside it; the code is wrong, over, or was tried too often.
pub async fn enter_code(
    identity: &Identity,
    ctx: &Ctx,
    codes: &Arc<CodeMessages>,
    (id, entered): (Uuid, &EnteredCode),
) -> Result<DoneByCode> {
    let mut entered = entered.clone();
    for code in [&mut entered.code, &mut entered.old_code] {
        *code = code.chars().filter(char::is_ascii_digit).collect();
    }
    if entered.code.is_empty() {
        return Err(fault("/code", "请填写短信里的 6 位验证码"));
    }
    let sent = send_code::waits(identity, ctx, id).await?;
    let purpose = sent.purpose;
    if purpose == CodePurpose::LogIn && !identity.logs_in_by_sms() {
        return Err(sms_is_off());
    }
    if let Some(over) = over(&sent, ctx) {
        return Err(over);
    }
    if purpose == CodePurpose::Change && entered.old_code.is_empty() && entered.id_number.is_empty()
    {
        let words = "请填写原手机收到的验证码；原手机不用了的，填写身份证号";
        return Err(fault("/old_code", words));
    }
    let password = new_password(identity, ctx, purpose, &entered).await?;
    let input = (
        (identity.clone(), ctx.clone(), Arc::clone(codes)),
        (id, entered, password),
    );
    let told = identity
        .db
        .write(
            input,
            |tx, ((identity, ctx, codes), (id, entered, hash))| {
                Box::pin(async move {
                    let row = send_code::waiting(tx, identity, ctx, *id).await?;
                    if let Some(refused) = refused(tx, (identity, ctx), &row, entered).await? {
                        return Ok(Told::Refused(refused));
                    }
                    let done = match row.purpose {
                        CodePurpose::Register => {
                            registered(tx, identity, ctx, (&row, entered)).await
                        }
                        CodePurpose::Change => changed(tx, identity, ctx, (&row, codes)).await,
                        CodePurpose::Recover => {
                            recovered(tx, identity, ctx, (&row, codes, hash)).await
                        }
                        CodePurpose::LogIn => row.account.ok_or_else(Problem::not_found),
                    };
                    // A taken login name is told, the code still holds.
                    let account = match done {
                        Ok(account) => account,
                        Err(problem) if !problem.field_errors().is_empty() => {
                            return Ok(Told::Refused(problem));
                        }
                        Err(problem) => return Err(problem),
                    };
                    mobile_code::use_up(tx, *id, ctx.now).await?;
                    let purpose = row.purpose;
                    Ok(Told::Done(DoneByCode { purpose, account }))
                })
            },
        )
        .await?;
    match told {
        Told::Done(done) => {
            identity.cache.forget(done.account);
            Ok(done)
        }
        Told::Refused(problem) => Err(problem),
    }
}

/// Hashed before the transaction, whether or not the code is right.
async fn new_password(
    identity: &Identity,
    ctx: &Ctx,
    purpose: CodePurpose,
    entered: &EnteredCode,
) -> Result<String> {
    if purpose != CodePurpose::Recover {
        return Ok(String::new());
    }
    if let Err(words) = check_password(&entered.password, &[&entered.id_number]) {
        return Err(fault("/password", &words));
    }
    if entered.password != entered.password_again {
        return Err(fault("/password_again", "两次填写的密码不一样，请重新填写"));
    }
    identity
        .passwords
        .hash(&entered.password, &ctx.address)
        .await
}

/// Why no code is taken any more.
fn over(row: &CodeRow, ctx: &Ctx) -> Option<Problem> {
    if row.tries >= MOST_TRIES {
        let words = "验证码填错的次数太多，已经失效，请重新发送";
        return Some(fault("/code", words));
    }
    (row.expires_at <= ctx.now).then(|| fault("/code", "验证码已经过期，请重新发送"))
}

/// Counts the try; why the code opens nothing.
async fn refused(
    tx: &mut Tx,
    (identity, ctx): (&Identity, &Ctx),
    row: &CodeRow,
    entered: &EnteredCode,
) -> Result<Option<Problem>> {
    if let Some(over) = over(row, ctx) {
        return Ok(Some(over));
    }
    if mobile_code::is_overtaken(tx, &identity.keys, row).await? {
        let words = "已经发过更新的验证码，请填写最新一条短信里的";
        return Ok(Some(fault("/code", words)));
    }
    mobile_code::take_try(tx, row.id).await?;
    let expected = digest(identity, row.id, &entered.code);
    let right = tongban_crypto::constant_time_eq(expected.as_bytes(), row.code.as_bytes());
    let proven = right && is_owner(tx, identity, ctx, (row, entered)).await?;
    if proven {
        return Ok(None);
    }
    let left = MOST_TRIES - row.tries - 1;
    if identity.audit_key().has_room(ctx) {
        let words = "验证码或者身份证号不对";
        let entry = Entry::refused(CODE_REFUSED, "mobile_code", row.id, words);
        record(tx, ctx, identity.audit_key(), entry).await?;
    }
    let again = match left {
        0 => "，已经失效，请重新发送".to_owned(),
        left => format!("，请核对短信后重新填写，还可以试 {left} 次"),
    };
    // With which of the two something is wrong is told to nobody who guesses.
    let what = match row.purpose {
        CodePurpose::Register => "验证码不对",
        _ => "验证码或者身份证号不对",
    };
    Ok(Some(fault("/code", &format!("{what}{again}"))))
}

/// Telephone numbers are given to others: whoever has proven a name says the number of the card as well. Whoever leaves a
/// number has it still, or says the number of the card. A device from which the account was used logs in by the code alone.
async fn is_owner(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (row, entered): (&CodeRow, &EnteredCode),
) -> Result<bool> {
    let Some(account) = row.account else {
        return Ok(true);
    };
    if row.purpose == CodePurpose::Register {
        return Ok(true);
    }
    if row.purpose == CodePurpose::Change && !entered.old_code.is_empty() {
        let expected = digest_of_old(identity, row.id, &entered.old_code);
        let (expected, sent) = (expected.as_bytes(), row.old_code.as_bytes());
        return Ok(tongban_crypto::constant_time_eq(expected, sent));
    }
    let person = account::person(tx, &identity.keys, account).await?;
    // The account may have left the number since.
    if row.purpose != CodePurpose::Change && person.mobile != row.mobile {
        return Ok(false);
    }
    let is_known = identity.keys.known_device(account, &ctx.device).is_some();
    if row.purpose == CodePurpose::LogIn && is_known {
        return Ok(true);
    }
    Ok(match person.id_number {
        None => row.purpose != CodePurpose::Change,
        Some(number) => check_id_number(&entered.id_number, ctx.now.date()) == Ok(number),
    })
}

async fn registered(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (row, entered): (&CodeRow, &EnteredCode),
) -> Result<Uuid> {
    let id = row.account.ok_or_else(Problem::not_found)?;
    let login = match entered.login.trim() {
        "" => row.login.clone(),
        other => check_login(other).map_err(|words| fault("/login", &words))?,
    };
    if account::login_taken(tx, &login).await? {
        return Err(fault("/login", "这个登录名已有人使用，请换一个"));
    }
    let account = AccountRow {
        id,
        login,
        password: row.password.clone(),
        mobile: row.mobile.clone(),
        created_at: ctx.now,
    };
    enter(tx, identity, ctx, &account).await?;
    Ok(id)
}

async fn changed(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (row, codes): (&CodeRow, &CodeMessages),
) -> Result<Uuid> {
    let keys = &identity.keys;
    let id = row.account.ok_or_else(Problem::not_found)?;
    let old = account::person(tx, keys, id).await?;
    if account::mobile_taken(tx, keys, &row.mobile, Some(id)).await? {
        let words = "这个手机号刚刚用于另一个账号，请换一个";
        return Err(Problem::conflict("mobile.taken", words));
    }
    account::set_contact(tx, keys, id, &row.mobile, old.address.as_deref()).await?;
    mobile_code::use_up(tx, row.id, ctx.now).await?;
    mobile_code::drop_of(tx, id).await?;
    // Whoever is logged in elsewhere may be why the number is changed.
    let own = ctx.session.as_ref().map_or("", |own| own.0.as_str());
    let ended = session::end_others(tx, id, own, ctx.now).await?;
    let masked = |mobile: &str| json!({ "mobile": mask_mobile(mobile) });
    let entry = Entry::done(CONTACT_CHANGED, "account", id)
        .with_change(masked(&old.mobile), masked(&row.mobile))
        .with_detail(json!({ "ended": ended }));
    record(tx, ctx, identity.audit_key(), entry).await?;
    tell(tx, ctx, (row, codes), (CHANGED, id, old.mobile)).await?;
    Ok(id)
}

/// The owner, who may be somebody else than whoever brought the code back.
async fn tell(
    tx: &mut Tx,
    ctx: &Ctx,
    (row, codes): (&CodeRow, &CodeMessages),
    (event, account, mobile): (&'static str, Uuid, String),
) -> Result<()> {
    let word = CodeMessage {
        id: row.id,
        event,
        account,
        mobile,
        digits: String::new(),
        purpose: row.purpose,
        minutes: 0,
    };
    (codes.send)(tx, ctx.clone(), word).await
}

/// Whoever was logged in with the forgotten password is not any more, and may try again where too many were wrong.
async fn recovered(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (row, codes, hash): (&CodeRow, &CodeMessages, &str),
) -> Result<Uuid> {
    let id = row.account.ok_or_else(Problem::not_found)?;
    account::set_password(tx, id, hash).await?;
    mobile_code::use_up(tx, row.id, ctx.now).await?;
    mobile_code::drop_of(tx, id).await?;
    let person = account::person(tx, &identity.keys, id).await?;
    for name in [&person.login, &person.mobile] {
        let counts = Counts::of(identity, ctx, &format!("citizen {name}"), None);
        guard_login::forgive(tx, &counts).await?;
    }
    let ended = session::end_of(tx, id, ctx.now).await?;
    let detail = json!({ "ended": ended, "by": "code" });
    let entry = Entry::done(PASSWORD_CHANGED, "account", id).with_detail(detail);
    record(tx, ctx, identity.audit_key(), entry).await?;
    tell(tx, ctx, (row, codes), (RENEWED, id, person.mobile)).await?;
    Ok(id)
}

fn fault(field: &str, words: &str) -> Problem {
    Problem::fields(vec![FieldError::new(field, "invalid", words)])
}
