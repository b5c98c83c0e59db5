//! Ending the session of a token: at logout, and before the same browser logs in anew.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Result};

use crate::Identity;
use crate::audit::ENDED;
use crate::store::session;

/// Ending a session that has ended already, or never was, does nothing.
pub async fn log_out(identity: &Identity, ctx: &Ctx, token: &str) -> Result<()> {
    let digest = identity.keys.session_digest(token);
    let input = (identity.clone(), ctx.clone(), digest.clone());
    identity
        .db
        .write(input, |tx, (identity, ctx, digest)| {
            Box::pin(async move {
                if let Some((id, _)) = session::end(tx, digest, ctx.now).await? {
                    let entry = Entry::done(ENDED, "session", id);
                    record(tx, ctx, identity.audit_key(), entry).await?;
                }
                Ok(())
            })
        })
        .await?;
    identity.cache.end(&digest);
    Ok(())
}
