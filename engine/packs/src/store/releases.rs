//! Tables `release` and `publication`. Rows are only added.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_base::{Date, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params, row_changed};

use super::stamp;
use crate::{Publication, ReleaseHash};

pub(crate) static RELEASES: Marked = Marked::new(
    "release",
    &[
        "hash",
        "kind",
        "code",
        "effective_from",
        "published_at",
        "body",
    ],
    &[],
);

pub(crate) static PUBLICATIONS: Marked = Marked::new(
    "publication",
    &["position", "kind", "code", "hash", "published_at"],
    &[],
);

/// A checked body, ready to be published under its code.
#[derive(Clone, Debug)]
pub struct Offer {
    pub code: String,
    pub effective_from: Date,
    pub body: Json,
}

/// Publishes all that is offered of a kind: what differs from the last publication gets a place in the order, and what
/// is not among the offers is taken out. The same offers once more change nothing.
pub async fn publish(tx: &mut Tx, kind: &str, offers: &[Offer], now: Timestamp) -> Result<()> {
    let last = last(tx, kind).await?;
    let mut changed = Vec::new();
    for offer in offers {
        let hash = ReleaseHash::of(&offer.body);
        if last.get(&offer.code) != Some(&Some(hash.clone())) {
            keep(tx, kind, &hash, offer, now)?;
            changed.push((offer.code.as_str(), Some(hash)));
        }
    }
    let offered: BTreeSet<&str> = offers.iter().map(|offer| offer.code.as_str()).collect();
    let out = last
        .iter()
        .filter(|(code, hash)| hash.is_some() && !offered.contains(code.as_str()));
    changed.extend(out.map(|(code, _)| (code.as_str(), None)));
    if changed.is_empty() {
        return Ok(());
    }
    let mut position = last_position(tx).await?;
    for (code, hash) in changed {
        position += 1;
        let hash = hash.map(|hash| hash.0);
        tx.insert_marked(&PUBLICATIONS, params![position, kind, code, hash, now])?;
    }
    stamp::count(tx).await
}

/// The body, unless it was published before.
fn keep(tx: &mut Tx, kind: &str, hash: &ReleaseHash, offer: &Offer, now: Timestamp) -> Result<()> {
    let from = offer.effective_from.to_string();
    tx.insert_marked_or(
        &RELEASES,
        params![hash, kind, &offer.code, from, now, &offer.body],
        "ON CONFLICT (hash) DO NOTHING",
    )
}

async fn last(tx: &mut Tx, kind: &str) -> Result<BTreeMap<String, Option<ReleaseHash>>> {
    let publications = publications(tx, kind).await?.into_iter();
    Ok(publications.map(|p| (p.code, p.hash)).collect())
}

async fn last_position(tx: &mut Tx) -> Result<i64> {
    tx.query_one(
        "SELECT COALESCE(MAX(position), 0) AS position FROM publication",
        params![],
    )
    .await?
    .get("position")
}

/// All that was published of a kind, in its order. Errors: one was changed beside the program.
pub async fn publications(tx: &mut Tx, kind: &str) -> Result<Vec<Publication>> {
    let sql = format!(
        "SELECT {} FROM publication p WHERE kind = $1 ORDER BY position",
        PUBLICATIONS.select("p")
    );
    let rows = tx.query(&sql, params![kind]).await?;
    let published = rows.iter().map(|row| {
        tx.genuine(&PUBLICATIONS, row)?;
        read(row)
    });
    published.collect()
}

/// The bodies that were published after a position, which may have been published before it as well.
/// Errors: one was changed beside the program, or is not what its hash says.
pub async fn bodies_after(
    tx: &mut Tx,
    kind: &str,
    position: i64,
) -> Result<Vec<(ReleaseHash, Json)>> {
    let sql = format!(
        "SELECT {} FROM release r WHERE kind = $1
         AND EXISTS (SELECT 1 FROM publication p WHERE p.hash = r.hash AND p.position > $2)",
        RELEASES.select("r")
    );
    let rows = tx.query(&sql, params![kind, position]).await?;
    let bodies = rows.iter().map(|row| {
        tx.genuine(&RELEASES, row)?;
        let (hash, body): (ReleaseHash, Json) = (row.get("hash")?, row.get("body")?);
        match ReleaseHash::of(&body) == hash {
            true => Ok((hash, body)),
            false => Err(row_changed()),
        }
    });
    bodies.collect()
}

fn read(row: &Row) -> Result<Publication> {
    Ok(Publication {
        position: row.get("position")?,
        code: row.get("code")?,
        hash: row.get("hash")?,
        at: row.get("published_at")?,
    })
}
