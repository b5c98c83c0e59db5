//! The part of a procedure that people read before they apply: who, what, where, for how much.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_cases::ModuleInfo;
use tongban_packs::{Basis, Theme};
use tongban_procedures::{Audience, Offered, PartInfo, PartSite};

/// What this crate brings to cases.
pub const INFO: ModuleInfo = ModuleInfo {
    operations: &[],
    sources: &[],
    parts: &[PartInfo {
        keys: KEYS,
        check,
        files: |_| Vec::new(),
        indexed: &["summary", "keywords", "themes", "labels"],
    }],
    links: &[],
};

pub(crate) const KEYS: &[&str] = &[
    "basic_code",
    "type",
    "objects",
    "case_kind",
    "handling",
    "divisions",
    "themes",
    "labels",
    "keywords",
    "summary",
    "visits",
    "fee",
    "condition",
    "place",
    "steps",
];

/// GB/T 39046-2020 annex A gives the values of `kind` (A.1), `objects` (A.4), `handling` (A.5) and
/// `case_kind` (A.6).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guide {
    #[serde(default)]
    pub basic_code: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub objects: Vec<String>,
    pub case_kind: String,
    pub handling: Vec<String>,
    pub divisions: DivisionRange,
    pub themes: Vec<String>,
    /// Of `labels.toml`.
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub keywords: Vec<String>,
    pub summary: String,
    #[serde(default)]
    pub visits: u32,
    pub fee: Fee,
    #[serde(default)]
    pub condition: Vec<Condition>,
    #[serde(default)]
    pub place: Vec<Place>,
    #[serde(default)]
    pub steps: Vec<GuideStep>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DivisionRange {
    Word(String),
    Codes(Vec<String>),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub amount_fen: i64,
    pub text: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub text: String,
    #[serde(default)]
    pub mark: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub name: String,
    pub address: String,
    pub hours: String,
    pub phone: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideStep {
    pub name: String,
    pub who: String,
    pub days: u32,
}

/// What lists show of a guide and what it is found by.
#[derive(Clone, Debug, Deserialize)]
pub struct Summary {
    pub summary: String,
    #[serde(default)]
    pub keywords: Vec<String>,
    pub themes: Vec<String>,
    #[serde(default)]
    pub labels: Vec<String>,
}

impl Summary {
    /// Errors: an older program wrote it otherwise, or it has no guide.
    pub fn of(offered: &Offered) -> Result<Self, serde_json::Error> {
        Self::deserialize(Json::Object(offered.face.parts.clone()))
    }
}

impl Guide {
    pub fn of(parts: &Json) -> Result<Self, serde_json::Error> {
        Self::deserialize(parts)
    }
}

fn check(site: &PartSite) -> Vec<(&'static str, String)> {
    if site.procedure.audience != Audience::Public {
        let written = KEYS.iter().filter(|key| site.parts.get(**key).is_some());
        let words = "只有面向公众的事项有办事指南，这一项没有人看得到";
        return written.map(|key| (*key, words.to_owned())).collect();
    }
    let guide = match Guide::of(site.parts) {
        Ok(guide) => guide,
        Err(fault) => return vec![("summary", format!("办事指南的写法有误：{fault}"))],
    };
    let themes = unknown(&guide.themes, &site.pack.themes);
    let themes = themes.map(|code| ("themes", format!("没有主题 {code}")));
    let labels = unknown(&guide.labels, &site.pack.labels);
    let labels = labels.map(|code| ("labels", format!("没有标识 {code}")));
    themes.chain(labels).collect()
}

fn unknown<'c>(codes: &'c [String], known: &'c [Theme]) -> impl Iterator<Item = &'c String> {
    let is_known = |code: &String| known.iter().any(|one| one.code == *code);
    codes.iter().filter(move |code| !is_known(code))
}
