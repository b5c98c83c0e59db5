//! Keeping the end of the chain outside the database, while the house runs and when a backup came back.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_store::{Db, fold_sums, sums_reached};

use crate::anchor::{Anchor, put_back};
use crate::key::AuditKey;
use crate::model::Entry;
use crate::service::record::attempt;
use crate::service::seal::seal_pending;
use crate::store::{entry, head};
use crate::{ANCHOR_BEGUN, RESTORED};

const PAUSE: Duration = Duration::from_secs(5);

/// Where the chain ends, nothing where nothing was sealed yet; and the number of the sums.
async fn end(db: &Db) -> Result<((i64, String), i64)> {
    let found = db.read((), |tx, ()| {
        Box::pin(async move { Ok((head::head(tx).await?, sums_reached(tx).await?)) })
    });
    let (head, sums) = found.await?;
    let end = head.map_or((0, String::new()), |head| (head.sequence, head.chain));
    Ok((end, sums))
}

/// Before a database is used: errors when it is older than what its folder has kept of it.
pub async fn must_reach(folder: &Path, db: &Db, key: &AuditKey) -> Result<()> {
    let anchor = Anchor::open(folder, key.clone(), Vec::new())?;
    let Some(kept) = anchor.last() else {
        return Ok(());
    };
    let reached = db.read(kept.clone(), |tx, kept| {
        Box::pin(async move {
            let next = entry::sealed_after(tx, kept.sequence - 1, 1).await?;
            let chain = next.first().and_then(|entry| entry.chain.clone());
            let is_there = kept.sequence == 0 || chain.as_ref() == Some(&kept.chain);
            let Some(sums) = kept.sums else {
                return Ok(is_there);
            };
            Ok(is_there && sums_reached(tx).await? >= sums)
        })
    });
    match reached.await? {
        true => Ok(()),
        false => Err(put_back(&kept)),
    }
}

/// Reads the end first and writes it then: what is kept outside is never ahead of the database.
async fn keep(db: &Db, anchor: &Arc<Anchor>, now: Timestamp) -> Result<bool> {
    let ((sequence, chain), sums) = end(db).await?;
    let anchor = Arc::clone(anchor);
    let kept = move || anchor.keep((sequence, chain.as_str()), sums, now);
    let kept = tokio::task::spawn_blocking(kept);
    kept.await.map_err(Problem::internal)?
}

/// A file that begins is an entry of the log it anchors: whoever takes the old one away is seen there.
pub async fn begin_anchor(db: &Db, ctx: &Ctx, key: &AuditKey, anchor: &Arc<Anchor>) -> Result<()> {
    if anchor.is_new() {
        let entry = Entry::done(ANCHOR_BEGUN, "audit_log", "main");
        attempt(db, ctx, key, entry).await?;
        seal_pending(db, key).await?;
    }
    keep(db, anchor, ctx.now).await.map(drop)
}

/// Keeps the end every few seconds until `stop` resolves, and once more then. What is sealed between is kept with the
/// next line.
pub async fn keep_anchored(
    db: Db,
    anchor: Arc<Anchor>,
    now: impl Fn() -> Timestamp,
    stop: impl Future<Output = ()>,
) {
    tokio::pin!(stop);
    loop {
        let stopped = tokio::select! {
            () = &mut stop => true,
            () = tokio::time::sleep(PAUSE) => false,
        };
        if let Err(problem) = keep(&db, &anchor, now()).await {
            tracing::error!(alarm = true, %problem, "the end of the audit log was not kept outside the database");
        }
        if stopped {
            return;
        }
    }
}

/// A backup was brought back: the log and its anchor say so, and go on from here.
pub async fn anchor_restored(
    db: &Db,
    ctx: &Ctx,
    key: &AuditKey,
    anchor: &Arc<Anchor>,
) -> Result<()> {
    fold_sums(db).await?;
    let ((sequence, chain), sums) = end(db).await?;
    let (place, now) = (Arc::clone(anchor), ctx.now);
    let kept = move || place.restored((sequence, chain.as_str()), sums, now);
    let kept = tokio::task::spawn_blocking(kept);
    kept.await.map_err(Problem::internal)??;
    let entry = Entry::done(RESTORED, "audit_log", "main");
    attempt(db, ctx, key, entry).await?;
    seal_pending(db, key).await?;
    keep(db, anchor, ctx.now).await.map(drop)
}
