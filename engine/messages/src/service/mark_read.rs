//! The recipient has read a message, or all of them.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_store::Db;

use crate::audit;
use crate::messaging::Messaging;
use crate::model::MessageId;
use crate::service::inbox::account;
use crate::store::read;

/// Gives the page that the message leads to. Reading twice changes nothing. Another's message is not found.
pub async fn mark_read(messaging: &Messaging, ctx: &Ctx, id: MessageId) -> Result<String> {
    let input = (id, account(ctx)?, ctx.clone(), messaging.audit_key.clone());
    messaging
        .db
        .write(input, |tx, (id, account, ctx, key)| {
            Box::pin(async move {
                let link = read::link(tx, *id, *account).await?;
                let link = link.ok_or_else(Problem::not_found)?;
                if read::one(tx, *id, *account, ctx.now).await? {
                    record(tx, ctx, key, Entry::done(audit::READ, "message", id)).await?;
                }
                Ok(link)
            })
        })
        .await
}

/// Gives how many were unread until now.
pub async fn mark_all_read(messaging: &Messaging, ctx: &Ctx) -> Result<u64> {
    let db: &Db = &messaging.db;
    let input = (account(ctx)?, ctx.clone(), messaging.audit_key.clone());
    db.write(input, |tx, (account, ctx, key)| {
        Box::pin(async move {
            let count = read::all(tx, *account, ctx.now).await?;
            if count > 0 {
                let detail = serde_json::json!({ "count": count });
                let entry = Entry::done(audit::READ, "inbox", account).with_detail(detail);
                record(tx, ctx, key, entry).await?;
            }
            Ok(count)
        })
    })
    .await
}
