//! The keys of a chain's file. An unknown one is refused where the file is read; what they mean is told in `read`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// What a chain may say; whatever else a flow needs is drawn.
const KEYS: [&str; 12] = [
    "title",
    "do",
    "step",
    "name",
    "who",
    "join",
    "when",
    "limit",
    "phase",
    "decisions",
    "end",
    "on",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainFile {
    pub(super) title: Spanned<String>,
    /// Operations before the first step.
    #[serde(default, rename = "do")]
    pub(super) first: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) step: Vec<StepFile>,
    #[serde(default)]
    pub(super) end: Vec<Spanned<EndFile>>,
}

impl ChainFile {
    /// Whether a key that was refused is one that no chain has.
    pub fn is_strange(key: &str) -> bool {
        !KEYS.contains(&key) && !key.starts_with("do.")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    pub name: Spanned<String>,
    pub who: Spanned<OneOrMore>,
    pub join: Option<Spanned<String>>,
    pub when: Option<Spanned<String>>,
    /// Working days, as tasks count them.
    pub limit: Option<Spanned<u32>>,
    pub phase: Option<Spanned<String>>,
    pub decisions: Vec<Spanned<String>>,
    /// Operations that follow a decision.
    #[serde(default, rename = "do")]
    pub then: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndFile {
    /// The decisions that end here; without one, whatever came through all steps.
    pub on: Option<Spanned<OneOrMore>>,
    pub when: Option<Spanned<String>>,
    #[serde(default, rename = "do")]
    pub last: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "应是一个词，或几个词的列表")]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub fn all(&self) -> Vec<String> {
        match self {
            Self::One(word) => vec![word.clone()],
            Self::More(words) => words.clone(),
        }
    }
}
