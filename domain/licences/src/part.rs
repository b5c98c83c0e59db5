//! The part of a procedure that says what it does to a licence.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_packs::{Folder, ReleaseHash};
use tongban_procedures::{Act, Offered, PartInfo, PartSite, typst_files};

use crate::definition::Validity;

pub(crate) const PART: &str = "licence";

/// What a granted case does to the licence of its type.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LicencePart {
    #[serde(rename = "type")]
    pub kind: String,
    /// Packs say it; the flow calls the operation that does it.
    pub act: Act,
    validity: Term,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Term {
    New,
    Extend,
    Keep,
    None,
}

impl LicencePart {
    pub(crate) fn of(parts: &Json) -> Option<Self> {
        serde_json::from_value(parts.get(PART)?.clone()).ok()
    }

    pub(crate) fn of_offered(offered: &Offered) -> Option<Self> {
        serde_json::from_value(offered.face.parts.get(PART)?.clone()).ok()
    }

    /// The term that a licence gets, where one is issued.
    pub(crate) fn validity(&self) -> Option<Validity> {
        match self.validity {
            Term::New => Some(Validity::New),
            Term::Extend => Some(Validity::Extend),
            Term::Keep => Some(Validity::Keep),
            Term::None => None,
        }
    }
}

pub(crate) const INFO: PartInfo = PartInfo {
    keys: &[PART],
    check,
    files,
    indexed: &[PART],
};

/// The type, its face and what that includes.
fn files(site: &PartSite) -> Vec<String> {
    let Some(part) = LicencePart::of(site.parts) else {
        return Vec::new();
    };
    let folder = &site.pack.folder;
    let file = format!("licences/{}.toml", part.kind);
    let face = folder.toml::<Face>(&file).map(|kind| kind.face);
    let face = face.map(|face| typst_files(folder, &format!("licences/{face}")));
    let face = face.into_iter().flatten();
    std::iter::once(file).chain(face).collect()
}

/// What is asked of a type without compiling it.
#[derive(Deserialize)]
struct Face {
    face: String,
    title: String,
}

/// What a kind of licence is called in a release.
pub(crate) fn title(parts: &Json, folder: &Folder) -> Option<String> {
    let kind = LicencePart::of(parts)?.kind;
    let kind = folder.toml::<Face>(&format!("licences/{kind}.toml"));
    kind.ok().map(|kind| kind.title)
}

/// A release for each kind of licence, of what is offered.
pub fn released_as<'a>(
    offered: impl Iterator<Item = &'a Offered>,
) -> BTreeMap<String, ReleaseHash> {
    let kinds = offered.filter_map(|offered| {
        let part = LicencePart::of_offered(offered)?;
        Some((part.kind, offered.hash.clone()))
    });
    kinds.collect()
}

fn check(site: &PartSite) -> Vec<(&'static str, String)> {
    let Some(part) = site.parts.get(PART) else {
        return Vec::new();
    };
    let told = |words: String| vec![(PART, words)];
    match serde_json::from_value::<LicencePart>(part.clone()) {
        Err(fault) => told(format!("证照（[licence]）的写法有误：{fault}")),
        Ok(part) if has_type(&site.pack.folder, &part.kind) => Vec::new(),
        Ok(part) => told(format!("没有证照类型 {}", part.kind)),
    }
}

fn has_type(folder: &Folder, kind: &str) -> bool {
    folder.bytes(&format!("licences/{kind}.toml")).is_some()
}
