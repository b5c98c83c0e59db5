//! The messages within the site to whoever asks: a list by key, the newest first, and how many are unread.

use tongban_base::{Ctx, Problem, Result, Uuid};
use tongban_store::{Cursor, Db, KeyPage, Tx};

use crate::model::MessageView;
use crate::store::list;

const PAGE: usize = 20;

#[derive(Clone, Debug, Default)]
pub struct InboxFilter {
    pub unread_only: bool,
    pub after: Option<Cursor>,
}

/// Only messages to the actor's own account.
pub async fn list_inbox(db: &Db, ctx: &Ctx, filter: InboxFilter) -> Result<KeyPage<MessageView>> {
    let account = account(ctx)?;
    db.read((account, filter), |tx, (account, filter)| {
        Box::pin(list::inbox(tx, *account, filter, PAGE))
    })
    .await
}

pub async fn unread_count(db: &Db, ctx: &Ctx) -> Result<u64> {
    db.read(account(ctx)?, |tx, account| Box::pin(unread(tx, *account)))
        .await
}

async fn unread(tx: &mut Tx, account: Uuid) -> Result<u64> {
    let count = list::unread(tx, account).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(crate) fn account(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.account.ok_or_else(Problem::unauthenticated)
}
