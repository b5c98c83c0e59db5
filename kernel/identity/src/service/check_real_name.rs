//! The job behind a proof: asks the population register and enters its answer. Running it twice does no harm.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_store::{Outcome, Tx};

use crate::Identity;
use crate::audit::PROOF_ANSWERED;
use crate::jobs::CheckRealName;
use crate::model::{Assurance, AssuranceChange, Match, ProofState};
use crate::population::PopulationQuery;
use crate::service::join::{Joined, join, unclaimed};
use crate::store::account;
use crate::store::real_name_check::{self, CheckRow};

/// First pause before the register is asked again; doubles up to about ten minutes.
const FIRST_PAUSE_MILLIS: i64 = 5_000;
const MOST_DOUBLINGS: i64 = 7;

/// Never fails because of the register: the question waits and is put again, as often as it takes.
pub(crate) async fn check_real_name(
    identity: &Identity,
    ctx: &Ctx,
    job: &CheckRealName,
) -> Result<Outcome> {
    let input = (identity.clone(), job.check);
    let found = identity
        .db
        .read(input, |tx, (identity, id)| {
            Box::pin(real_name_check::by_id(tx, &identity.keys, *id))
        })
        .await?;
    let Some(check) = found.filter(|check| check.state.is_open()) else {
        // Nobody was asked: this says nothing of the register.
        return Ok(Outcome::GivenUp);
    };
    let query = PopulationQuery {
        id: check.id.0,
        name: check.name.clone(),
        id_number: check.id_number.clone(),
    };
    match identity.register.check(&query).await {
        Ok(answer) => {
            settle(identity, ctx, check.clone(), answer).await?;
            // The name that pages show has changed.
            identity.cache.forget(check.account);
            Ok(Outcome::Done)
        }
        Err(problem) => postpone(identity, ctx, &check, &problem).await,
    }
}

async fn settle(identity: &Identity, ctx: &Ctx, check: CheckRow, answer: Match) -> Result<()> {
    identity
        .db
        .write(
            (identity.clone(), ctx.clone(), check, answer),
            |tx, input| {
                Box::pin(async move {
                    let (identity, ctx, check, answer) = input;
                    let again = real_name_check::by_id(tx, &identity.keys, check.id).await?;
                    if !again.is_some_and(|check| check.state.is_open()) {
                        return Ok(());
                    }
                    let state = enter(tx, identity, ctx, check, *answer).await?;
                    real_name_check::answer(tx, check.id, state, ctx.now).await?;
                    let entry = match state {
                        ProofState::Proven => Entry::done(PROOF_ANSWERED, "account", check.account),
                        other => {
                            Entry::refused(PROOF_ANSWERED, "account", check.account, other.title())
                        }
                    };
                    record(tx, ctx, identity.audit_key(), entry).await
                })
            },
        )
        .await
}

/// Enters what the answer proves; gives the state of the proof.
async fn enter(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    check: &CheckRow,
    answer: Match,
) -> Result<ProofState> {
    match answer {
        Match::Mismatch => return Ok(ProofState::Mismatch),
        Match::NotFound => return Ok(ProofState::NotFound),
        Match::Suspended => return Ok(ProofState::Suspended),
        Match::Match => {}
    }
    let known = account::by_id_number(tx, &identity.keys, &check.id_number).await?;
    if let Some(to) = known.filter(|known| *known != check.account) {
        if !unclaimed(tx, to).await? {
            return Ok(ProofState::Taken);
        }
        let from = check.account;
        join(tx, identity, ctx, (Joined { from, to }, check)).await?;
        return Ok(ProofState::Proven);
    }
    prove(tx, identity, ctx, check, "population-register").await?;
    Ok(ProofState::Proven)
}

/// Raises an account to L2 with a proven name and number.
pub(crate) async fn prove(
    tx: &mut Tx,
    identity: &Identity,
    ctx: &Ctx,
    check: &CheckRow,
    reason: &str,
) -> Result<()> {
    let keys = &identity.keys;
    let before = account::person(tx, keys, check.account).await?.assurance;
    let after = Assurance::L2.max(before);
    account::prove(
        tx,
        keys,
        check.account,
        &check.name,
        &check.id_number,
        after,
    )
    .await?;
    let change = AssuranceChange {
        before,
        after,
        reason: reason.to_owned(),
        at: ctx.now,
    };
    account::note_assurance(tx, check.account, &change)
}

async fn postpone(
    identity: &Identity,
    ctx: &Ctx,
    check: &CheckRow,
    problem: &Problem,
) -> Result<Outcome> {
    tracing::warn!(%problem, tries = check.tries, "the population register did not answer");
    let pause = FIRST_PAUSE_MILLIS << check.tries.clamp(0, MOST_DOUBLINGS);
    identity
        .db
        .write(check.id, |tx, id| {
            Box::pin(real_name_check::postpone(tx, *id))
        })
        .await?;
    Ok(Outcome::Again {
        at: ctx.now.plus_millis(pause),
        why: Some(problem.message().to_owned()),
    })
}
