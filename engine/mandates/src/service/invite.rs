//! A person names whoever shall act for him. Whether that one has an account is told to nobody.

use chrono::Months;
use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Date, FieldError, Problem, Result, mask_name};
use tongban_identity::{RealName, name_and_number};
use tongban_store::Tx;

use crate::audit::INVITED;
use crate::error;
use crate::model::{EndedBy, Mandate, MandateId, State};
use crate::service::items;
use crate::service::telling::tell_both;
use crate::services::{Known, Mandates};
use crate::store::mandates as store;

const DAY_MILLIS: i64 = 24 * 3_600_000;
const MOST_OPEN: i64 = 20;
const MOST_A_DAY: i64 = 10;
const MOST_ITEMS: usize = 50;
/// The settings, and what holds where a pack has none.
const DAYS: (&str, i64) = ("mandate_days", 180);
const FROM_AGE: (&str, i64) = ("mandate_from_age", 0);

/// As it was typed.
#[derive(Clone, Default)]
pub struct Invitation {
    pub name: String,
    pub id_number: String,
    /// For every item; else for those that are named.
    pub all: bool,
    pub items: Vec<String>,
    pub last_day: String,
}

/// What was typed, after every check that needs no table.
#[derive(Clone)]
struct Checked {
    name: String,
    number: String,
    items: Option<Vec<String>>,
    last_day: Date,
}

/// The last day that is offered first.
pub(crate) fn usual_last_day(mandates: &Mandates, today: Date) -> Date {
    let days = mandates.catalog.setting_number(DAYS.0, DAYS.1);
    let days = u64::try_from(days).unwrap_or_default();
    let usual = today.checked_add_days(chrono::Days::new(days));
    usual.unwrap_or(today).min(latest_day(today))
}

/// A year from today.
pub(crate) fn latest_day(today: Date) -> Date {
    today.checked_add_months(Months::new(12)).unwrap_or(today)
}

/// Repeating it gives the same invitation. Errors: faulty fields; whoever invites is not proven, or too young; there is
/// another one with the same person; too many.
pub async fn invite(mandates: &Mandates, ctx: &Ctx, wish: &Invitation) -> Result<MandateId> {
    crate::services::account_of(ctx)?;
    let checked = checked(mandates, ctx, wish)?;
    let input = (mandates.clone(), ctx.clone(), checked);
    let write = mandates.db.write(input, |tx, (mandates, ctx, checked)| {
        Box::pin(async move {
            let ctx = &mandates.identity.as_of(tx, ctx).await?;
            write(tx, mandates, ctx, checked).await
        })
    });
    write.await
}

fn checked(mandates: &Mandates, ctx: &Ctx, wish: &Invitation) -> Result<Checked> {
    let today = ctx.now.date();
    let named = RealName {
        name: wish.name.clone(),
        id_number: wish.id_number.clone(),
    };
    let named = name_and_number(&named, today);
    let items = items_of(mandates, wish, today);
    let last_day = last_day_of(&wish.last_day, today);
    match (named, items, last_day) {
        (Ok((name, number)), Ok(items), Ok(last_day)) => Ok(Checked {
            name,
            number,
            items,
            last_day,
        }),
        (named, items, last_day) => {
            let mut faults = named.err().unwrap_or_default();
            faults.extend(items.err());
            faults.extend(last_day.err());
            Err(Problem::fields(faults))
        }
    }
}

type Fielded<T> = std::result::Result<T, FieldError>;

fn items_of(mandates: &Mandates, wish: &Invitation, today: Date) -> Fielded<Option<Vec<String>>> {
    if wish.all {
        return Ok(None);
    }
    let fault = |words: String| FieldError::new("/items", "invalid", words);
    let mut items = wish.items.clone();
    items.sort();
    items.dedup();
    let known = |code: &String| items::is_known(&mandates.catalog, code, today);
    match items.len() {
        0 => Err(fault("请选择可以代办哪些事项，或者选“全部事项”".into())),
        1..=MOST_ITEMS if items.iter().all(known) => Ok(Some(items)),
        1..=MOST_ITEMS => Err(fault("有的事项现在没有了，请重新选择".into())),
        _ => Err(fault(format!(
            "最多选 {MOST_ITEMS} 个事项，更多的请选“全部事项”"
        ))),
    }
}

fn last_day_of(text: &str, today: Date) -> Fielded<Date> {
    let fault = |words: &str| FieldError::new("/last_day", "invalid", words);
    let day: Date = text
        .trim()
        .parse()
        .map_err(|_| fault("请填写授权的最后一天"))?;
    match (day < today, day > latest_day(today)) {
        (true, _) => Err(fault("最后一天不能早于今天")),
        (_, true) => Err(fault("授权最长一年，请选早一些的日期")),
        _ => Ok(day),
    }
}

async fn write(
    tx: &mut Tx,
    mandates: &Mandates,
    ctx: &Ctx,
    checked: &Checked,
) -> Result<MandateId> {
    let principal = mandates.proven(tx, ctx).await?;
    old_enough(tx, mandates, ctx, &principal).await?;
    if principal.number == checked.number {
        return Err(Problem::fields(vec![error::oneself()]));
    }
    let mandate = new_mandate(mandates, ctx, &principal, checked);
    let (cipher, digest) = (&mandates.cipher, &mandate.agent_digest);
    if let Some(open) = store::open_between(tx, cipher, principal.account, digest).await? {
        match open.state_on(ctx.now.date()).is_open() {
            true if open.says_as(&mandate) => return Ok(open.id),
            true => return Err(error::open_already()),
            false => note_over(tx, ctx, &open).await?,
        }
    }
    let since = ctx.now.plus_millis(-DAY_MILLIS);
    let [open, begun] = store::counts(tx, principal.account, since).await?;
    if open >= MOST_OPEN {
        return Err(error::too_many(MOST_OPEN));
    }
    if begun >= MOST_A_DAY {
        return Err(error::too_often());
    }
    store::insert(tx, cipher, &mandate)?;
    let detail = json!({
        "agent": mask_name(&mandate.agent_name), "items": mandate.items, "last_day": mandate.last_day,
    });
    let entry = Entry::done(INVITED, "mandate", mandate.id).with_detail(detail);
    record(tx, ctx, &mandates.audit_key, entry).await?;
    tell_both(tx, ctx, mandates, &mandate, INVITED.name).await?;
    Ok(mandate.id)
}

async fn old_enough(tx: &mut Tx, mandates: &Mandates, ctx: &Ctx, principal: &Known) -> Result<()> {
    let age = mandates.catalog.setting_number(FROM_AGE.0, FROM_AGE.1);
    let person = mandates.identity.person_in(tx, principal.account).await?;
    let years = person
        .birth_date
        .and_then(|born| ctx.now.date().years_since(born));
    match age > 0 && years.is_none_or(|years| i64::from(years) < age) {
        true => Err(error::too_young(age)),
        false => Ok(()),
    }
}

/// Its last day has passed: it makes room for another one.
async fn note_over(tx: &mut Tx, ctx: &Ctx, over: &Mandate) -> Result<()> {
    let changes = vec![
        ("state", State::Ended.code().into()),
        ("ended_at", ctx.now.into()),
        ("ended_by", EndedBy::Time.code().into()),
    ];
    store::change(tx, (over.id, over.state), changes)
        .await
        .map(drop)
}

fn new_mandate(mandates: &Mandates, ctx: &Ctx, principal: &Known, checked: &Checked) -> Mandate {
    Mandate {
        id: MandateId::new(),
        principal: principal.account,
        principal_digest: principal.digest.clone(),
        principal_name: principal.name.clone(),
        agent_digest: mandates.cipher.lookup_digest(&checked.number),
        agent_name: checked.name.clone(),
        agent_number: checked.number.clone(),
        agent: None,
        items: checked.items.clone(),
        last_day: checked.last_day,
        state: State::Invited,
        invited_at: ctx.now,
        answered_at: None,
        ended_at: None,
        ended_by: None,
    }
}
