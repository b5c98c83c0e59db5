//! Either side ends a mandate at any time; whoever has invited takes the invitation back by it.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_store::Tx;

use crate::audit::ENDED;
use crate::error;
use crate::model::{EndedBy, Mandate, MandateId, State};
use crate::service::telling::tell_both;
use crate::services::{Mandates, account_of};
use crate::store::mandates as store;

/// What is over already stays so. Errors: neither of the two.
pub async fn end(mandates: &Mandates, ctx: &Ctx, id: MandateId) -> Result<()> {
    account_of(ctx)?;
    let input = (mandates.clone(), ctx.clone(), id);
    let write = mandates.db.write(input, |tx, (mandates, ctx, id)| {
        Box::pin(async move {
            let ctx = &mandates.identity.as_of(tx, ctx).await?;
            write(tx, mandates, ctx, *id).await
        })
    });
    let outcome = write.await;
    mandates.refused(ctx, ENDED, id, outcome).await
}

async fn write(tx: &mut Tx, mandates: &Mandates, ctx: &Ctx, id: MandateId) -> Result<()> {
    let found = store::load(tx, &mandates.cipher, id).await?;
    let mandate = found.ok_or_else(Problem::not_found)?;
    let by = side_of(ctx, &mandate).ok_or_else(Problem::not_found)?;
    if !mandate.state_on(ctx.now.date()).is_open() {
        return Ok(());
    }
    let changes = vec![
        ("state", State::Ended.code().into()),
        ("ended_at", ctx.now.into()),
        ("ended_by", by.code().into()),
    ];
    if !store::change(tx, (id, mandate.state), changes).await? {
        return Err(error::moved_on(mandate.state));
    }
    let detail = serde_json::json!({ "by": by.code() });
    let entry = Entry::done(ENDED, "mandate", id).with_detail(detail);
    record(tx, ctx, &mandates.audit_key, entry).await?;
    tell_both(tx, ctx, mandates, &mandate, ENDED.name).await
}

/// Whoever was only invited declines instead.
fn side_of(ctx: &Ctx, mandate: &Mandate) -> Option<EndedBy> {
    match ctx.actor.account {
        Some(account) if account == mandate.principal => Some(EndedBy::Principal),
        account if account.is_some() && account == mandate.agent => Some(EndedBy::Agent),
        _ => None,
    }
}
