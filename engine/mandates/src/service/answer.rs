//! Whoever was named confirms or declines. To everybody else the invitation is not there.

use tongban_audit::{AuditEvent, Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_store::{Changes, Tx};

use crate::audit::{CONFIRMED, DECLINED};
use crate::error;
use crate::model::{EndedBy, Mandate, MandateId, State};
use crate::service::telling::tell_both;
use crate::services::{Known, Mandates};
use crate::store::mandates as store;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Confirmed,
    Declined,
}

impl Answered {
    fn event(self) -> AuditEvent {
        match self {
            Answered::Confirmed => CONFIRMED,
            Answered::Declined => DECLINED,
        }
    }

    fn state(self) -> State {
        match self {
            Answered::Confirmed => State::Confirmed,
            Answered::Declined => State::Declined,
        }
    }

    fn changes(self, ctx: &Ctx, agent: &Known) -> Changes {
        let mut changes = vec![
            ("state", self.state().code().into()),
            ("answered_at", ctx.now.into()),
            ("agent", agent.account.into()),
        ];
        if self == Answered::Declined {
            changes.push(("ended_at", ctx.now.into()));
            changes.push(("ended_by", EndedBy::Agent.code().into()));
        }
        changes
    }
}

/// The same answer twice is taken once. Errors: not for whoever asks; answered otherwise before, ended or over.
pub async fn answer(
    mandates: &Mandates,
    ctx: &Ctx,
    id: MandateId,
    answered: Answered,
) -> Result<()> {
    crate::services::account_of(ctx)?;
    let input = (mandates.clone(), ctx.clone(), id, answered);
    let write = mandates
        .db
        .write(input, |tx, (mandates, ctx, id, answered)| {
            Box::pin(async move {
                let ctx = &mandates.identity.as_of(tx, ctx).await?;
                write(tx, mandates, ctx, (*id, *answered)).await
            })
        });
    let outcome = write.await;
    mandates.refused(ctx, answered.event(), id, outcome).await
}

async fn write(
    tx: &mut Tx,
    mandates: &Mandates,
    ctx: &Ctx,
    (id, answered): (MandateId, Answered),
) -> Result<()> {
    let agent = mandates.proven(tx, ctx).await?;
    let found = store::load(tx, &mandates.cipher, id).await?;
    let found = found.filter(|mandate| agent.is_named_by(mandate));
    let mandate = found.ok_or_else(Problem::not_found)?;
    match mandate.state_on(ctx.now.date()) {
        State::Invited => {}
        state if state == answered.state() && mandate.agent == Some(agent.account) => return Ok(()),
        state => return Err(error::moved_on(state)),
    }
    let changes = answered.changes(ctx, &agent);
    if !store::change(tx, (id, State::Invited), changes).await? {
        return Err(error::moved_on(mandate.state));
    }
    tell(tx, mandates, ctx, &mandate, answered).await
}

async fn tell(
    tx: &mut Tx,
    mandates: &Mandates,
    ctx: &Ctx,
    mandate: &Mandate,
    answered: Answered,
) -> Result<()> {
    let entry = Entry::done(answered.event(), "mandate", mandate.id);
    record(tx, ctx, &mandates.audit_key, entry).await?;
    tell_both(tx, ctx, mandates, mandate, answered.event().name).await
}
