//! The applications that somebody agreed to, and taking that back.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result, Timestamp};

use crate::Identity;
use crate::audit::OPENID_WITHDRAWN;
use crate::openid::Scopes;
use crate::service::own_account;
use crate::store::{openid_code, openid_consent, openid_token};

pub(crate) struct ConsentView {
    pub client: String,
    /// Its title, or its code once it is registered no more.
    pub title: String,
    pub scopes: Scopes,
    pub at: Timestamp,
}

pub(crate) async fn own_consents(identity: &Identity, ctx: &Ctx) -> Result<Vec<ConsentView>> {
    let account = own_account(ctx)?;
    let rows = identity
        .db
        .read(account, |tx, account| {
            Box::pin(openid_consent::of_account(tx, *account))
        })
        .await?;
    let view = |row: openid_consent::ConsentRow| ConsentView {
        title: match identity.openid.client(&row.client) {
            Some(client) => client.title.clone(),
            None => row.client.clone(),
        },
        client: row.client,
        scopes: row.granted,
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What the application holds ends at once; next time it must ask again. "Not found" where nothing was agreed to.
pub(crate) async fn withdraw_consent(identity: &Identity, ctx: &Ctx, client: &str) -> Result<()> {
    let account = own_account(ctx)?;
    let input = (identity.clone(), ctx.clone(), account, client.to_owned());
    identity
        .db
        .write(input, |tx, (identity, ctx, account, client)| {
            Box::pin(async move {
                if !openid_consent::delete(tx, client, *account).await? {
                    return Err(Problem::not_found());
                }
                openid_code::drop_unused(tx, client, *account).await?;
                openid_token::end_of_client(tx, client, *account).await?;
                let entry = Entry::done(OPENID_WITHDRAWN, "openid_client", client);
                record(tx, ctx, identity.audit_key(), entry).await
            })
        })
        .await
}
