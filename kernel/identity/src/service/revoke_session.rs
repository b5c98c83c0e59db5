//! Ending one of one's own sessions from another place: a lost phone, a forgotten counter.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};

use crate::Identity;
use crate::audit::REVOKED;
use crate::model::SessionId;
use crate::service::signed_in;
use crate::store::session;

/// Errors: "not found" for a session that is not the actor's, or has ended.
pub async fn revoke_session(identity: &Identity, ctx: &Ctx, id: SessionId) -> Result<()> {
    let account = signed_in(ctx)?;
    let input = (identity.clone(), ctx.clone(), account, id);
    let digest = identity
        .db
        .write(input, |tx, (identity, ctx, account, id)| {
            Box::pin(async move {
                let digest = session::revoke(tx, *account, *id, ctx.now)
                    .await?
                    .ok_or_else(Problem::not_found)?;
                let entry = Entry::done(REVOKED, "session", id);
                record(tx, ctx, identity.audit_key(), entry).await?;
                Ok(digest)
            })
        })
        .await?;
    identity.cache.end(&digest);
    Ok(())
}
