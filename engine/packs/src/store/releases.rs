//! Table `release`. Rows are only added.

use serde_json::Value as Json;
use tongban_base::{Result, Timestamp};
use tongban_store::{Row, Tx, params};

use crate::{Release, ReleaseHash};

/// Publishes a checked body; the same body twice is one release.
pub async fn publish(
    tx: &mut Tx,
    kind: &str,
    code: &str,
    effective_from: &str,
    body: &Json,
    now: Timestamp,
) -> Result<ReleaseHash> {
    let hash = ReleaseHash::of(body);
    tx.execute(
        "INSERT INTO release (hash, kind, code, effective_from, published_at, body)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING",
        params![&hash, kind, code, effective_from, now, body],
    )
    .await?;
    Ok(hash)
}

/// All releases of a kind, the oldest first.
pub async fn published(tx: &mut Tx, kind: &str) -> Result<Vec<Release>> {
    tx.query(
        "SELECT hash, kind, code, effective_from, published_at, body FROM release
         WHERE kind = $1 ORDER BY published_at, hash",
        params![kind],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &Row) -> Result<Release> {
    Ok(Release {
        hash: row.get("hash")?,
        kind: row.get("kind")?,
        code: row.get("code")?,
        effective_from: row.get("effective_from")?,
        published_at: row.get("published_at")?,
        body: row.get("body")?,
    })
}
