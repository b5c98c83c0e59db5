//! A code goes to a mobile number; what was wished waits until it comes back. Whether the number belongs to an account is
//! told to nobody but its owner: the answer is the same either way.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{
    ActorKind, Ctx, FieldError, Kind, Problem, Result, Timestamp, Uuid, neighbourhood,
};
use tongban_crypto::random_bytes;
use tongban_store::{Fut, Tx};

use crate::Identity;
use crate::audit::CODE_SENT;
use crate::model::{CodePurpose, mask_mobile};
use crate::service::ask_code::sms_is_off;
use crate::store::account;
use crate::store::mobile_code::{self, CodeRow};

pub(crate) const MINUTES: i64 = 10;
const DAY_MINUTES: i64 = 24 * 60;
/// Between two codes for one number that are asked for in one place.
const PAUSE_MILLIS: i64 = 60_000;
/// Codes for one number that one place may ask for in an hour, and all places together in a day.
const MOST_HERE: usize = 5;
const MOST_ANYWHERE: usize = 20;
/// Of all places together within the pause, so that no telephone rings all the time.
const MOST_AT_ONCE: usize = 3;

/// A code was asked for: one from here, or the owner of the number is told why there is none.
pub(crate) const CODE: &str = "mobile.code";
pub(crate) const KNOWN: &str = "mobile.known";
pub(crate) const CHANGED: &str = "mobile.changed";
/// Somebody with the telephone has set another password.
pub(crate) const RENEWED: &str = "password.renewed";

/// One SMS about a code, as the wiring hands it to whoever sends messages.
#[derive(Clone, Debug)]
pub struct CodeMessage {
    /// Of what waits for the code.
    pub id: Uuid,
    pub event: &'static str,
    pub account: Uuid,
    pub mobile: String,
    /// Empty where there is none.
    pub digits: String,
    pub purpose: CodePurpose,
    pub minutes: i64,
}

pub type SendMessage = dyn for<'t> Fn(&'t mut Tx, Ctx, CodeMessage) -> Fut<'t, ()> + Send + Sync;
pub type ReadMessage = dyn for<'t> Fn(&'t mut Tx, Uuid) -> Fut<'t, Option<String>> + Send + Sync;

/// How codes leave the house: the wiring knows who sends messages.
pub struct CodeMessages {
    /// Whether anything sends an SMS: else whoever asks is told so, whatever the number.
    pub leaves: bool,
    pub send: Box<SendMessage>,
    /// What a telephone would show; in a demonstration only, where no SMS leaves.
    pub shown: Option<Box<ReadMessage>>,
}

/// What waits for its code.
#[derive(Clone, Debug)]
pub struct SentCode {
    pub id: Uuid,
    pub purpose: CodePurpose,
    pub masked_mobile: String,
    pub expires_at: Timestamp,
}

/// What a code is asked for.
#[derive(Clone)]
pub(crate) struct Wish {
    pub purpose: CodePurpose,
    /// Of whoever changes the own number.
    pub account: Option<Uuid>,
    pub login: String,
    pub password: String,
    pub mobile: String,
}

impl From<&CodeRow> for SentCode {
    fn from(row: &CodeRow) -> Self {
        Self {
            id: row.id,
            purpose: row.purpose,
            masked_mobile: mask_mobile(&row.mobile),
            expires_at: row.expires_at,
        }
    }
}

/// Errors: too many were asked for, told beside the number.
pub(crate) async fn send_code(
    identity: &Identity,
    ctx: &Ctx,
    codes: &Arc<CodeMessages>,
    wish: Wish,
) -> Result<SentCode> {
    let input = (identity.clone(), ctx.clone(), wish, Arc::clone(codes));
    identity
        .db
        .write(input, |tx, (identity, ctx, wish, codes)| {
            Box::pin(send(tx, identity, ctx, (wish, codes)))
        })
        .await
}

/// Another code for the same wish, to the same number. Errors: there is no such wish (any more); too many.
pub async fn send_code_again(
    identity: &Identity,
    ctx: &Ctx,
    codes: &Arc<CodeMessages>,
    id: Uuid,
) -> Result<SentCode> {
    let input = (identity.clone(), ctx.clone(), id, Arc::clone(codes));
    identity
        .db
        .write(input, |tx, (identity, ctx, id, codes)| {
            Box::pin(async move {
                let before = waiting(tx, identity, ctx, *id).await?;
                if before.purpose == CodePurpose::LogIn && !identity.logs_in_by_sms() {
                    return Err(sms_is_off());
                }
                let wish = Wish {
                    purpose: before.purpose,
                    account: before
                        .account
                        .filter(|_| before.purpose == CodePurpose::Change),
                    login: before.login,
                    password: before.password,
                    mobile: before.mobile,
                };
                send(tx, identity, ctx, (&wish, codes)).await
            })
        })
        .await
}

/// What waits for a code. Errors: nothing does, or it is somebody else's.
pub async fn sent_code(identity: &Identity, ctx: &Ctx, id: Uuid) -> Result<SentCode> {
    let input = (identity.clone(), ctx.clone(), id);
    identity
        .db
        .read(input, |tx, (identity, ctx, id)| {
            Box::pin(async move { Ok((&waiting(tx, identity, ctx, *id).await?).into()) })
        })
        .await
}

/// The same with all that is kept of it.
pub(crate) async fn waits(identity: &Identity, ctx: &Ctx, id: Uuid) -> Result<CodeRow> {
    let input = (identity.clone(), ctx.clone(), id);
    identity
        .db
        .read(input, |tx, (identity, ctx, id)| {
            Box::pin(waiting(tx, identity, ctx, *id))
        })
        .await
}

pub(crate) async fn waiting(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    id: Uuid,
) -> Result<CodeRow> {
    let found = mobile_code::find(tx, &identity.keys, id).await?;
    let found = found.filter(|row| !row.used && row.made_at.plus_minutes(DAY_MINUTES) > ctx.now);
    let row = found.ok_or_else(Problem::not_found)?;
    let own = ctx.actor.kind == ActorKind::Citizen && ctx.actor.account == row.account;
    match row.purpose == CodePurpose::Change && !own {
        true => Err(Problem::not_found()),
        false => Ok(row),
    }
}

async fn send(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    (wish, codes): (&Wish, &CodeMessages),
) -> Result<SentCode> {
    if !codes.leaves {
        let words = "本站还没有接通短信，暂时不能在网上办理，请到服务窗口";
        return Err(Problem::new(Kind::Unavailable, "sms.none", words));
    }
    let keys = &identity.keys;
    let place = place(identity, ctx);
    let owner = account::by_mobile(tx, keys, &wish.mobile).await?;
    let is_known = owner.is_some_and(|owner| keys.known_device(owner, &ctx.device).is_some());
    if ctx.is_crowded && !is_known {
        let words = "这里要验证码的次数较多，请过几分钟再试；有密码的可以用密码登录";
        return Err(fault(words.to_owned()));
    }
    let whose = (wish.mobile.as_str(), place.as_str(), is_known);
    has_room(tx, identity, ctx.now, whose).await?;
    mobile_code::forget_before(tx, ctx.now.plus_minutes(-2 * DAY_MINUTES)).await?;
    // Whose account the code opens; none where it must open nothing.
    let opens = match (wish.purpose, owner) {
        (CodePurpose::Register, None) => Some(Uuid::now_v7()),
        (CodePurpose::Change, None) => wish.account,
        (CodePurpose::Recover | CodePurpose::LogIn, owner) => owner,
        (CodePurpose::Register | CodePurpose::Change, Some(_)) => None,
    };
    let (id, code, old_code) = (Uuid::now_v7(), digits()?, digits()?);
    let left = match (wish.purpose, wish.account) {
        (CodePurpose::Change, Some(account)) => Some(account::person(tx, keys, account).await?),
        _ => None,
    };
    let row = CodeRow {
        id,
        purpose: wish.purpose,
        account: opens.or(wish.account),
        login: wish.login.clone(),
        password: wish.password.clone(),
        mobile: wish.mobile.clone(),
        place,
        code: opens.map_or_else(String::new, |_| digest(identity, id, &code)),
        old_code: match &left {
            Some(_) => digest_of_old(identity, id, &old_code),
            None => String::new(),
        },
        tries: 0,
        made_at: ctx.now,
        expires_at: ctx.now.plus_minutes(MINUTES),
        used: false,
    };
    mobile_code::insert(tx, keys, &row)?;
    let message = |event, account, mobile: &str, digits| CodeMessage {
        id,
        event,
        account,
        mobile: mobile.to_owned(),
        digits,
        purpose: wish.purpose,
        minutes: MINUTES,
    };
    let to_new = match (opens, owner) {
        (Some(account), _) => Some(message(CODE, account, &wish.mobile, code)),
        (None, Some(owner)) => Some(message(KNOWN, owner, &wish.mobile, String::new())),
        // Nobody has an account with this number: nobody is disturbed.
        (None, None) => None,
    };
    let sent = to_new.is_some();
    let to_old = left.zip(wish.account);
    let to_old = to_old.map(|(left, account)| message(CODE, account, &left.mobile, old_code));
    for message in to_old.into_iter().chain(to_new) {
        (codes.send)(tx, ctx.clone(), message).await?;
    }
    if identity.audit_key().has_room(ctx) {
        let number = identity.audit_key().sought(&wish.mobile);
        let detail = json!({ "purpose": wish.purpose.code(), "number": number, "sent": sent });
        let entry = Entry::done(CODE_SENT, "mobile_code", id).with_detail(detail);
        record(tx, ctx, identity.audit_key(), entry).await?;
    }
    Ok((&row).into())
}

/// What one place asks for is limited more than what all do, and what all do counts for nobody who comes from a device from
/// which the account was used.
async fn has_room(
    tx: &mut Tx,
    identity: &Identity,
    now: Timestamp,
    (mobile, place, is_known): (&str, &str, bool),
) -> Result<()> {
    let since = now.plus_minutes(-DAY_MINUTES);
    let asked = mobile_code::asked_since(tx, &identity.keys, (mobile, place), since).await?;
    let here: Vec<Timestamp> = asked
        .iter()
        .filter(|(_, here)| *here)
        .map(|(at, _)| *at)
        .collect();
    let hour_ago = now.plus_minutes(-60);
    let of_hour: Vec<Timestamp> = here.iter().copied().filter(|at| *at > hour_ago).collect();
    let just_now = asked.iter().filter(|(at, _)| at.0 > now.0 - PAUSE_MILLIS);
    let wait = match (here.first(), of_hour.get(MOST_HERE - 1)) {
        _ if !is_known && just_now.count() >= MOST_AT_ONCE => PAUSE_MILLIS,
        _ if !is_known && asked.len() >= MOST_ANYWHERE => {
            let words = "这个手机号今天收到的验证码太多，请明天再试，或者到服务窗口办理";
            return Err(fault(words.to_owned()));
        }
        (_, Some(oldest)) => oldest.0 + 60 * 60_000 - now.0,
        (Some(last), None) => last.0 + PAUSE_MILLIS - now.0,
        (None, None) => 0,
    };
    match wait {
        ..=0 => Ok(()),
        1..=120_000 => Err(fault(format!(
            "刚才已经发过验证码，请 {} 秒后再试",
            wait.div_euclid(1000) + 1
        ))),
        _ => Err(fault(format!(
            "验证码发得太多，请 {} 分钟后再试",
            wait.div_euclid(60_000) + 1
        ))),
    }
}

fn fault(words: String) -> Problem {
    Problem::fields(vec![FieldError::new("/mobile", "too_many", words)])
}

/// The household, office or carrier that asks, as a digest.
fn place(identity: &Identity, ctx: &Ctx) -> String {
    let address = match ctx.address.parse() {
        Ok(address) => neighbourhood(address).to_string(),
        Err(_) => ctx.address.clone(),
    };
    identity.keys.digest(&format!("code place {address}"))
}

/// What is kept of a code.
pub(crate) fn digest(identity: &Identity, id: Uuid, digits: &str) -> String {
    identity.keys.digest(&format!("code {id} {digits}"))
}

/// The same of the code that goes to the number that is to be left.
pub(crate) fn digest_of_old(identity: &Identity, id: Uuid, digits: &str) -> String {
    digest(identity, id, &format!("old {digits}"))
}

fn digits() -> Result<String> {
    let number = u64::from_le_bytes(random_bytes::<8>()?) % 1_000_000;
    Ok(format!("{number:06}"))
}
