//! Tables `release` and `publication`. Rows are only added.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use tongban_base::{Date, Problem, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params, row_changed};

use super::{files, offers, stamp};
use crate::offered;
use crate::{Folder, Offered, ReleaseHash};

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

/// What is ready to be published under its code: the files that it is, and which of them says what it is.
#[derive(Clone, Debug)]
pub struct Offer {
    pub code: String,
    pub begins: Date,
    pub ends: Option<Date>,
    pub hash: ReleaseHash,
    pub face: Json,
    pub file: String,
    pub files: Folder,
}

/// A release as it was published.
#[derive(Clone, Debug)]
pub struct Published {
    pub file: String,
    pub files: Folder,
}

/// The body of a release: its files by their digests.
pub(crate) fn body(file: &str, files: &Folder) -> Json {
    let digests: BTreeMap<&str, &str> = files.digests().collect();
    json!({ "procedure": file, "digests": digests })
}

/// Publishes all that is offered of a kind: what differs from the last publication gets a place in the order, and what
/// is not among the offers is taken out. The same offers once more change nothing.
pub async fn publish(tx: &mut Tx, kind: &str, all: &[Offer], now: Timestamp) -> Result<()> {
    let last = offers::last(tx, kind).await?;
    let is_new = |offer: &&Offer| last.get(&offer.code) != Some(&(offer.hash.clone(), true));
    let changed: Vec<&Offer> = all.iter().filter(is_new).collect();
    let given: BTreeSet<&str> = all.iter().map(|offer| offer.code.as_str()).collect();
    let out = last
        .iter()
        .filter(|(code, (_, is_in))| *is_in && !given.contains(code.as_str()));
    let out: Vec<&str> = out.map(|(code, _)| code.as_str()).collect();
    if changed.is_empty() && out.is_empty() {
        return Ok(());
    }
    let mut position = last_position(tx).await?;
    for offer in changed {
        position += 1;
        keep(tx, kind, offer, now)?;
        let row = params![position, kind, &offer.code, Some(offer.hash.0.clone()), now];
        tx.insert_marked(&PUBLICATIONS, row)?;
        let mut of_code = offers::of_code(tx, kind, &offer.code).await?;
        offered::offer(&mut of_code, as_offered(offer));
        offers::replace(tx, kind, &offer.code, &of_code).await?;
    }
    for code in out {
        position += 1;
        tx.insert_marked(
            &PUBLICATIONS,
            params![position, kind, code, None::<String>, now],
        )?;
        let mut of_code = offers::of_code(tx, kind, code).await?;
        offered::take_out(&mut of_code, now.date());
        offers::replace(tx, kind, code, &of_code).await?;
    }
    stamp::count(tx).await
}

fn as_offered(offer: &Offer) -> Offered {
    Offered {
        code: offer.code.clone(),
        begins: offer.begins,
        until: None,
        ends: offer.ends,
        is_out: false,
        hash: offer.hash.clone(),
        face: offer.face.clone(),
    }
}

/// The release, unless it was published before.
fn keep(tx: &mut Tx, kind: &str, offer: &Offer, now: Timestamp) -> Result<()> {
    files::keep(tx, &offer.files);
    let from = offer.begins.to_string();
    let body = body(&offer.file, &offer.files);
    tx.insert_marked_or(
        &RELEASES,
        params![&offer.hash, kind, &offer.code, from, now, body],
        "ON CONFLICT (hash) DO NOTHING",
    )
}

async fn last_position(tx: &mut Tx) -> Result<i64> {
    tx.query_one(
        "SELECT COALESCE(MAX(position), 0) AS position FROM publication",
        params![],
    )
    .await?
    .get("position")
}

/// The hashes of what counts on a day or later.
/// Errors: a release was changed beside the program, or is not what its hash says.
pub async fn sound_from(tx: &mut Tx, kind: &str, day: Date) -> Result<BTreeSet<ReleaseHash>> {
    let sql = format!(
        "SELECT {} FROM release r WHERE EXISTS (SELECT 1 FROM offer o
         WHERE o.hash = r.hash AND o.kind = $1 AND (o.until IS NULL OR o.until > $2))",
        RELEASES.select("r")
    );
    let rows = tx.query(&sql, params![kind, day.to_string()]).await?;
    rows.iter().map(|row| Ok(sound(tx, row)?.0)).collect()
}

/// A release by its hash.
/// Errors: there is none, it was changed beside the program, or is not what its hash says.
pub async fn release(tx: &mut Tx, hash: &ReleaseHash) -> Result<Published> {
    let sql = format!(
        "SELECT {} FROM release r WHERE hash = $1",
        RELEASES.select("r")
    );
    let row = tx.query_opt(&sql, params![hash]).await?;
    let row = row.ok_or_else(|| Problem::internal(format!("no release {hash}")))?;
    let (_, body) = sound(tx, &row)?;
    let file = body["procedure"].as_str().unwrap_or_default().to_owned();
    let files = match body.get("digests") {
        Some(digests) => files::load(tx, &serde_json::from_value(digests.clone())?).await?,
        None => written_out(&body),
    };
    Ok(Published { file, files })
}

/// As older programs published: the texts of all files stand in the body.
fn written_out(body: &Json) -> Folder {
    let files = body.get("files").and_then(Json::as_object).into_iter();
    files
        .flatten()
        .fold(Folder::default(), |folder, (name, text)| {
            folder.with(name, text.as_str().unwrap_or_default())
        })
}

fn sound(tx: &Tx, row: &Row) -> Result<(ReleaseHash, Json)> {
    tx.genuine(&RELEASES, row)?;
    let (hash, body): (ReleaseHash, Json) = (row.get("hash")?, row.get("body")?);
    match ReleaseHash::of(&body) == hash {
        true => Ok((hash, body)),
        false => Err(row_changed()),
    }
}
