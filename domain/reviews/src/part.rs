//! The part of a procedure that says how it is rated.

use serde::Deserialize;
use tongban_cases::{Brought, CaseLink, ModuleInfo};
use tongban_packs::Findings;
use tongban_procedures::{PartInfo, PartSite};

use crate::tags::ReviewSets;

pub(crate) const PART: &str = "review";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewPart {
    /// The set of tags.
    pub tags: String,
}

/// What this crate brings to cases.
pub const INFO: ModuleInfo = ModuleInfo {
    operations: &[],
    sources: &[],
    parts: &[PartInfo {
        keys: &[PART],
        check,
        files,
        indexed: &[],
    }],
    links: &[CaseLink {
        part: PART,
        title: "评价这次办事",
        path: "review",
    }],
};

/// The same for the running program.
pub fn brought() -> Brought {
    Brought {
        links: INFO.links.to_vec(),
        ..Brought::default()
    }
}

fn files(site: &PartSite) -> Vec<String> {
    let part = site.parts.get(PART).into_iter();
    part.map(|_| "reviews.toml".to_owned()).collect()
}

fn check(site: &PartSite) -> Vec<(&'static str, String)> {
    let Some(part) = site.parts.get(PART) else {
        return Vec::new();
    };
    let told = |words: String| vec![(PART, words)];
    match serde_json::from_value::<ReviewPart>(part.clone()) {
        Err(fault) => told(format!("评价的写法有误：{fault}")),
        Ok(part) => {
            // What is wrong inside the sets is told where they are checked.
            let sets = ReviewSets::read(&site.pack.folder, &mut Findings::default());
            match sets.get(&part.tags) {
                Some(_) => Vec::new(),
                None => told(format!("没有评价标签 {}（reviews.toml）", part.tags)),
            }
        }
    }
}
