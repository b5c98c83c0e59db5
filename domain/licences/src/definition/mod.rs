//! Licence types as a pack defines them: read, checked, compiled. Knows no licence and no database.

mod check;
mod face;
mod fit;
mod trial;
mod validity;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use tongban_documents::Template;
use tongban_packs::{Basis, Findings, Folder, NumberRule};

pub use face::FaceField;
pub(crate) use face::{FaceValues, Issued, calculate};
pub use fit::SetFace;
pub use trial::{FaceFault, TrialFacts};
pub use validity::{Period, Validity};

/// `licences/CODE.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeFile {
    pub code: String,
    /// 18 characters of the defining authority's credit code and three digits.
    pub type_code: String,
    pub title: String,
    /// None: valid for good.
    pub validity_years: Option<u32>,
    pub issuer: String,
    pub face: String,
    pub number_rule: String,
    #[serde(default)]
    #[expect(dead_code, reason = "told on the face itself")]
    pub example: bool,
    #[expect(dead_code, reason = "for readers of the pack")]
    pub basis: Option<Basis>,
    /// How many pages the face has; what does not fit on them is refused.
    #[serde(default = "one")]
    pub pages: usize,
    pub fields: Vec<FieldFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldFile {
    pub code: String,
    pub title: String,
    pub from: String,
    /// Words for values that are codes: `"02001" = "经营性道路货物运输驾驶员"`.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
}

const fn one() -> usize {
    1
}

/// A type, ready to issue licences of.
#[derive(Clone, Debug)]
pub struct LicenceType {
    pub code: String,
    pub type_code: String,
    pub title: String,
    pub validity_years: Option<u32>,
    /// Code of the organisation that issues it.
    pub issuer: String,
    pub number_rule: NumberRule,
    pub pages: usize,
    pub fields: Vec<FaceField>,
    /// The face with every file that it may import.
    pub template: Template,
}

/// All types of a pack or of a release. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LicenceTypes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    types: BTreeMap<String, Arc<LicenceType>>,
    content: String,
}

impl LicenceTypes {
    pub fn get(&self, code: &str) -> Option<&Arc<LicenceType>> {
        self.0.types.get(code)
    }

    pub fn iter(&self) -> impl Iterator<Item = &LicenceType> {
        self.0.types.values().map(Arc::as_ref)
    }

    /// The digest of the files that they were compiled from.
    pub(crate) fn content(&self) -> &str {
        &self.0.content
    }

    /// The same of files that are not compiled yet: definitions and faces, and what faces may import.
    pub(crate) fn content_of(folder: &Folder) -> String {
        let files = folder
            .list("licences/", "")
            .chain(folder.list("documents/", ".typ"));
        let mut all = Vec::new();
        for name in files {
            // What is no text is in no release, and no type is compiled from it.
            if let Ok(text) = folder.text(name) {
                all.extend(format!("{name}\n{}\n{text}", text.len()).into_bytes());
            }
        }
        tongban_crypto::sm3_hex(&all)
    }

    /// Codes of the organisations that issue licences, each once.
    pub fn issuers(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.iter().map(|t| t.issuer.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// Reads and compiles the licence types of a pack, telling everything that is wrong with file and element.
pub fn check_types(folder: &Folder, findings: &mut Findings) -> LicenceTypes {
    let types = check::all(folder, findings).into_iter();
    LicenceTypes(Arc::new(Inner {
        types: types.map(|(code, kind)| (code, Arc::new(kind))).collect(),
        content: LicenceTypes::content_of(folder),
    }))
}
