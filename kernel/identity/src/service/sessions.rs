//! The sessions of whoever asks.

use tongban_base::{Ctx, Result};

use crate::Identity;
use crate::model::SessionView;
use crate::service::signed_in;
use crate::store::session;

/// Newest first. `token` is the one that the request carries.
pub async fn own_sessions(identity: &Identity, ctx: &Ctx, token: &str) -> Result<Vec<SessionView>> {
    let account = signed_in(ctx)?;
    let current = identity.keys.session_digest(token);
    let idle_since = ctx.now.plus_millis(-identity.sessions().idle_millis());
    let rows = identity
        .db
        .read(
            (account, ctx.now, idle_since),
            |tx, (account, now, since)| Box::pin(session::living_of(tx, *account, *now, *since)),
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.view(&current)).collect())
}
