//! Sealing: gives waiting entries dense places and links each to the one before it.
//! Runs beside the writers, so that a chain does not make every change of the whole house wait in one line.

use std::future::Future;
use std::time::Duration;

use tongban_base::{Result, Timestamp};
use tongban_store::{Db, Tx, fold_sums};

use crate::key::AuditKey;
use crate::store::{entry, head};

/// Entries of one transaction.
const BATCH: usize = 500;
const PAUSE: Duration = Duration::from_secs(1);

/// Seals all entries that are committed now; gives their number.
/// Several nodes may do so at once: the database lets one win and the others find nothing left.
pub async fn seal_pending(db: &Db, key: &AuditKey) -> Result<usize> {
    let mut total = 0;
    loop {
        let waiting = db
            .read((), |tx, ()| Box::pin(entry::unsealed(tx, 1)))
            .await?;
        if waiting.is_empty() {
            return Ok(total);
        }
        total += db
            .write(key.clone(), |tx, key| Box::pin(seal_batch(tx, key)))
            .await?;
    }
}

/// When the entry was made that waits for its place longest: far behind means that nobody seals.
pub async fn oldest_unsealed(db: &Db) -> Result<Option<Timestamp>> {
    db.read((), |tx, ()| Box::pin(entry::oldest_unsealed(tx)))
        .await
}

/// Seals once a second, and folds the sums of the tables, until `stop` resolves. What is not sealed yet can be removed without a trace: keep this running.
pub async fn keep_sealed(db: Db, key: AuditKey, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        if let Err(problem) = fold_sums(&db).await {
            tracing::error!(%problem, "folding the sums of the tables failed");
        }
        if let Err(problem) = seal_pending(&db, &key).await {
            tracing::error!(%problem, "sealing the audit log failed");
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn seal_batch(tx: &mut Tx, key: &AuditKey) -> Result<usize> {
    let waiting = entry::unsealed(tx, i64::try_from(BATCH).unwrap_or(i64::MAX)).await?;
    let (mut sequence, mut chain) = match head::head(tx).await? {
        Some(head) => (head.sequence, head.chain),
        None => (0, String::new()),
    };
    let mut places = Vec::with_capacity(waiting.len());
    for (id, mac) in waiting {
        sequence += 1;
        chain = key.link(&chain, &mac);
        places.push((id, sequence, chain.clone()));
    }
    if places.is_empty() {
        return Ok(0);
    }
    entry::place(tx, &places).await?;
    let mac = key.head_mac(sequence, &chain);
    let head = head::Head {
        sequence,
        chain,
        mac,
    };
    head::move_head(tx, &head).await?;
    Ok(places.len())
}
