//! A person asks to have a name and an identity number proven. The register is asked by a job: a register that is
//! down never stops anybody.

use serde::Deserialize;
use tongban_audit::{Entry, record};
use tongban_base::{Budget, Ctx, Date, FieldError, Kind, Problem, Result, Spender, Uuid};
use tongban_store::Tx;

use crate::Identity;
use crate::audit::PROOF_ASKED;
use crate::jobs::CheckRealName;
use crate::model::{ProofState, check_id_number, check_name};
use crate::service::own_account;
use crate::store::account;
use crate::store::real_name_check::{self, CheckId, CheckRow};

const DAY_MILLIS: i64 = 24 * 3_600_000;
/// Nobody needs more tries with a card in hand; whoever guesses names would.
const MOST_A_DAY: i64 = 10;
/// Where many ask, whoever asks again waits, but never longer.
const LATEST_SECONDS: u32 = 600;

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealName {
    pub name: String,
    pub id_number: String,
}

/// Whether another account has proven the number is told to nobody but whoever also knows the name: by the answer to the
/// proof. Errors: faulty fields; a proof that is done or under way; too many proofs of the account, or of this number by
/// it. What others try of the number counts for nothing: its owner comes through.
pub async fn ask_real_name(identity: &Identity, ctx: &Ctx, wish: &RealName) -> Result<()> {
    let account = own_account(ctx)?;
    let (name, id_number) = name_and_number(wish, ctx.now.date()).map_err(Problem::fields)?;
    let pair = format!("{account} {}", identity.keys.digest(&id_number));
    let pair = Spender::Subject(&pair);
    (identity.budgets).spend(Budget::IdentityNumber, pair, ctx.now)?;
    let wait = turn_of(identity, ctx);
    let check = CheckRow {
        id: CheckId::new(),
        account,
        name,
        id_number,
        state: ProofState::Checking,
        tries: 0,
    };
    identity
        .db
        .write((identity.clone(), ctx.clone(), check, wait), |tx, input| {
            Box::pin(async move {
                let (identity, ctx, check, wait) = input;
                let is_first = admit(tx, identity, ctx, check).await?;
                real_name_check::insert(tx, &identity.keys, check, ctx.now).await?;
                let entry = Entry::done(PROOF_ASKED, "account", check.account);
                record(tx, ctx, identity.audit_key(), entry).await?;
                let job = CheckRealName {
                    check: check.id,
                    account: check.account,
                };
                let wait = if is_first { 0 } else { *wait };
                tx.enqueue(&job, ctx.now.plus_millis(wait)).await
            })
        })
        .await
}

/// Milliseconds after which the register is asked, unless it is the first question of an account in a day: from an address
/// where many ask it only takes longer, or whoever asks there for nothing would keep the others from being proven.
fn turn_of(identity: &Identity, ctx: &Ctx) -> i64 {
    let Ok(address) = ctx.address.parse() else {
        return 0;
    };
    let spender = Spender::Address(address);
    let crowded = identity.budgets.spend(Budget::RealName, spender, ctx.now);
    let wait = crowded.err().and_then(|crowded| crowded.retry_after());
    i64::from(wait.unwrap_or_default().min(LATEST_SECONDS)) * 1000
}

/// Both as a card has them. Errors: at `/name` and `/id_number`.
pub fn name_and_number(
    wish: &RealName,
    today: Date,
) -> std::result::Result<(String, String), Vec<FieldError>> {
    let name = check_name(&wish.name);
    let id_number = check_id_number(&wish.id_number, today);
    match (name, id_number) {
        (Ok(name), Ok(id_number)) => Ok((name, id_number)),
        (name, id_number) => {
            let faults = [("/name", name.err()), ("/id_number", id_number.err())];
            let told = faults.into_iter().filter_map(|(pointer, message)| {
                message.map(|message| FieldError::new(pointer, "invalid", message))
            });
            Err(told.collect())
        }
    }
}

/// Gives whether it is the first of this account in a day.
async fn admit(tx: &mut Tx, identity: &Identity, ctx: &Ctx, check: &CheckRow) -> Result<bool> {
    let person = account::person(tx, &identity.keys, check.account).await?;
    if person.assurance.is_real_name() {
        let words = "您的账号已完成实名，不用再次核验";
        return Err(Problem::conflict("real_name.proven", words));
    }
    let latest = real_name_check::latest(tx, check.account).await?;
    if latest.is_some_and(|proof| proof.state.is_open()) {
        let words = "上一次提交的信息还在核验，请等结果出来";
        return Err(Problem::conflict("real_name.under_way", words));
    }
    not_too_often(tx, ctx, check.account).await
}

async fn not_too_often(tx: &mut Tx, ctx: &Ctx, account: Uuid) -> Result<bool> {
    let since = ctx.now.plus_millis(-DAY_MILLIS);
    let asked = real_name_check::count_since(tx, account, since).await?;
    if asked < MOST_A_DAY {
        return Ok(asked == 0);
    }
    Err(Problem::new(
        Kind::TooMany,
        "real_name.too_often",
        "今天核验的次数已用完，请明天再试，或者携带身份证到窗口办理",
    ))
}
