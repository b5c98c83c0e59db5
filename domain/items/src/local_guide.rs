//! Guides as records: thousands may share one procedure, each for one body in one division. What a record does not say
//! stands in the first guide, the file of the procedure. A pack brings first records, `guides/NAME.toml`.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tongban_base::{Date, Result, Timestamp};
use tongban_packs::{Findings, Pack};
use tongban_store::{Db, Tx};

use crate::guide::{Guide, KEYS};
use crate::store;

/// What a guide is of, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub procedure: String,
    pub division: String,
}

/// One version of a guide.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalGuide {
    pub place: Place,
    /// Counted by the store.
    pub version: i64,
    pub organisation: String,
    pub effective_from: Date,
    /// The keys of a guide that are said otherwise here.
    pub texts: Map<String, Json>,
}

#[derive(Deserialize)]
struct GuideFile {
    procedure: String,
    division: String,
    organisation: String,
    effective_from: Date,
    #[serde(flatten)]
    texts: Map<String, Json>,
}

impl LocalGuide {
    /// The guide of the procedure with what is said otherwise here.
    /// Errors: together they are no guide.
    pub(crate) fn over(&self, parts: &Json) -> serde_json::Result<Guide> {
        let mut whole = parts.as_object().cloned().unwrap_or_default();
        whole.extend(self.texts.clone());
        Guide::of(&Json::Object(whole))
    }
}

/// Reads the guides that a pack brings, telling everything that is wrong.
pub fn read_guides(pack: &Pack, findings: &mut Findings) -> Vec<LocalGuide> {
    let mut guides: Vec<LocalGuide> = Vec::new();
    for file in pack.folder.list("guides/", ".toml") {
        let Some(read) = findings.take(pack.folder.toml::<GuideFile>(file)) else {
            continue;
        };
        let guide = LocalGuide {
            place: Place {
                procedure: read.procedure,
                division: read.division,
            },
            version: 1,
            organisation: read.organisation,
            effective_from: read.effective_from,
            texts: read.texts,
        };
        for (key, words) in faults(pack, &guide) {
            findings.at(file, pack.folder.line_of(file, key), Some(key), words);
        }
        if guides.iter().any(|other| other.place == guide.place) {
            findings.add(
                file,
                Some("division"),
                "这个事项在这个区划已经有一份办事指南",
            );
        }
        guides.push(guide);
    }
    guides
}

fn faults<'g>(pack: &Pack, guide: &'g LocalGuide) -> Vec<(&'g str, String)> {
    let mut faults = Vec::new();
    let Place {
        procedure,
        division,
    } = &guide.place;
    if !pack.organisations.contains_key(&guide.organisation) {
        faults.push(("organisation", format!("没有机构 {}", guide.organisation)));
    }
    if !pack.divisions.contains_key(division) {
        faults.push(("division", format!("没有区划 {division}")));
    }
    let strange = guide
        .texts
        .keys()
        .filter(|key| !KEYS.contains(&key.as_str()));
    faults.extend(strange.map(|key| (key.as_str(), format!("没有这一项：{key}"))));
    match pack.folder.toml::<Json>(&format!("items/{procedure}.toml")) {
        Err(_) => faults.push(("procedure", format!("没有事项 {procedure}"))),
        Ok(parts) => {
            if let Err(fault) = guide.over(&parts) {
                faults.push(("procedure", format!("办事指南的写法有误：{fault}")));
            }
        }
    }
    faults
}

/// So many guides of one transaction: each counts by itself.
const AT_ONCE: usize = 2_000;

/// Publishes guides: one that says something else than its last version gets a new one. The same once more changes
/// nothing.
pub async fn publish_guides(db: &Db, guides: Vec<LocalGuide>, now: Timestamp) -> Result<()> {
    for some in guides.chunks(AT_ONCE) {
        db.write((some.to_vec(), now), |tx, (guides, now)| {
            Box::pin(async move {
                for guide in guides {
                    publish_guide(tx, guide, *now).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}

/// The version that it has now.
async fn publish_guide(tx: &mut Tx, guide: &LocalGuide, now: Timestamp) -> Result<i64> {
    let last = store::latest(tx, &guide.place).await?;
    let version = last.as_ref().map_or(0, |last| last.version);
    let same = LocalGuide {
        version,
        ..guide.clone()
    };
    if last.as_ref() == Some(&same) {
        return Ok(version);
    }
    let new = LocalGuide {
        version: version + 1,
        ..same
    };
    store::insert(tx, &new, now)?;
    Ok(new.version)
}
