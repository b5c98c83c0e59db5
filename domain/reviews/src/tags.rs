//! The levels and the remarks that belong to each, as a pack defines them in `reviews.toml`. Knows no rating.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use tongban_packs::{Basis, Findings, Folder};

use crate::model::{Level, Tag};

const FILE: &str = "reviews.toml";

/// All sets of a pack, by code. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ReviewSets(Arc<BTreeMap<String, TagSet>>);

/// The five levels of one set. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TagSet(Arc<Vec<LevelTags>>);

#[derive(Clone, Debug)]
pub struct LevelTags {
    pub level: Level,
    /// 非常满意
    pub title: String,
    pub tags: Vec<Tag>,
}

impl ReviewSets {
    /// A set that lacks a level or repeats a tag is told and left out.
    pub fn read(folder: &Folder, findings: &mut Findings) -> Self {
        let file: Option<File> = findings.take(folder.toml_or_default(FILE));
        let mut sets = BTreeMap::new();
        for set in file.unwrap_or_default().set {
            let code = set.code.clone();
            match levels(set) {
                Ok(levels) => {
                    if sets
                        .insert(code.clone(), TagSet(Arc::new(levels)))
                        .is_some()
                    {
                        findings.add(FILE, Some(&code), "代码重复");
                    }
                }
                Err(fault) => findings.add(FILE, Some(&code), fault),
            }
        }
        Self(Arc::new(sets))
    }

    pub fn get(&self, code: &str) -> Option<&TagSet> {
        self.0.get(code)
    }
}

impl TagSet {
    /// From very satisfied to very dissatisfied.
    pub fn levels(&self) -> &[LevelTags] {
        &self.0
    }

    pub fn of(&self, level: Level) -> Option<&LevelTags> {
        self.0.iter().find(|tags| tags.level == level)
    }
}

fn levels(set: SetEntry) -> Result<Vec<LevelTags>, String> {
    let mut levels = Vec::new();
    for entry in set.level {
        let level = Level::new(entry.value)
            .ok_or_else(|| format!("等级应为1至5，现在是{}", entry.value))?;
        levels.push(LevelTags {
            level,
            title: entry.title,
            tags: entry.tags,
        });
    }
    levels.sort_by_key(|tags| tags.level);
    if !levels.iter().map(|tags| tags.level).eq(Level::ALL) {
        return Err("五个等级应各有一份，不多不少".into());
    }
    let mut codes: Vec<&str> = levels
        .iter()
        .flat_map(|tags| tags.tags.iter().map(|tag| tag.code.as_str()))
        .collect();
    codes.sort_unstable();
    let twice = codes.windows(2).find(|pair| pair.first() == pair.last());
    match twice.and_then(|pair| pair.first()) {
        Some(code) => Err(format!("选项代码 {code} 重复")),
        None => Ok(levels),
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    set: Vec<SetEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetEntry {
    code: String,
    level: Vec<LevelEntry>,
    #[serde(default)]
    #[expect(dead_code, reason = "told by the pack for its readers")]
    example: bool,
    #[expect(dead_code, reason = "told by the pack for its readers")]
    basis: Option<Basis>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelEntry {
    value: i64,
    title: String,
    #[serde(default)]
    tags: Vec<Tag>,
}
