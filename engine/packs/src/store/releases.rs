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

/// Of what is offered, the places of what differs from the last publication.
pub(crate) async fn changed(tx: &mut Tx, kind: &str, all: &[Offer]) -> Result<Vec<usize>> {
    let last = offers::last(tx, kind).await?;
    let changed = all.iter().enumerate().filter(|(_, o)| is_new(&last, o));
    Ok(changed.map(|(place, _)| place).collect())
}

fn is_new(last: &BTreeMap<String, (ReleaseHash, bool)>, offer: &Offer) -> bool {
    last.get(&offer.code) != Some(&(offer.hash.clone(), true))
}

/// Makes all that is offered of a kind count: what differs from the last publication gets a place in the order, and what
/// is not among the offers is taken out. The same offers once more change nothing. The releases are there already.
pub(crate) async fn index(tx: &mut Tx, kind: &str, all: &[Offer], now: Timestamp) -> Result<()> {
    let last = offers::last(tx, kind).await?;
    let changed = all.iter().filter(|offer| is_new(&last, offer));
    let given: BTreeSet<&str> = all.iter().map(|offer| offer.code.as_str()).collect();
    let out = last
        .iter()
        .filter(|(code, (_, is_in))| *is_in && !given.contains(code.as_str()));
    let news = changed.map(News::Offered);
    let news: Vec<News> = news.chain(out.map(|(code, _)| News::Out(code))).collect();
    if news.is_empty() {
        return Ok(());
    }
    let days = news.iter().map(|one| (one.code(), one.day(now)));
    let days: Vec<(&str, Date)> = days.filter(|(code, _)| last.contains_key(*code)).collect();
    let mut known = offers::counting_from(tx, kind, &days).await?;
    for (position, one) in (last_position(tx).await? + 1..).zip(&news) {
        let before = known.remove(one.code()).unwrap_or_default();
        let mut after = before.clone();
        let hash = match one {
            News::Offered(offer) => {
                offered::offer(&mut after, as_offered(offer));
                Some(offer.hash.0.clone())
            }
            News::Out(_) => {
                offered::take_out(&mut after, now.date());
                None
            }
        };
        let row = params![position, kind, one.code(), hash, now];
        tx.insert_marked(&PUBLICATIONS, row)?;
        offers::replace(tx, (kind, one.code()), (&before, &after))?;
    }
    stamp::count(tx).await
}

/// What a publication says of a code.
enum News<'a> {
    Offered(&'a Offer),
    Out(&'a str),
}

impl<'a> News<'a> {
    fn code(&self) -> &'a str {
        match self {
            News::Offered(offer) => &offer.code,
            News::Out(code) => code,
        }
    }

    /// Nothing that is over before this day is touched by it.
    fn day(&self, now: Timestamp) -> Date {
        match self {
            News::Offered(offer) => offer.begins,
            News::Out(_) => now.date(),
        }
    }
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

/// The release, unless it is there; nobody sees it before the index names it.
pub(crate) fn keep(tx: &mut Tx, kind: &str, offer: &Offer, now: Timestamp) -> Result<()> {
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
        "SELECT {} FROM release r WHERE r.hash IN (SELECT o.hash FROM offer o
         WHERE o.kind = $1 AND (o.until IS NULL OR o.until > $2))",
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
