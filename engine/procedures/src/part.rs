//! Parts of a procedure that modules read: each brings the keys that are its own and tells what is wrong with them. A key
//! that nobody reads is a fault.

use serde_json::Value as Json;
use tongban_packs::Pack;

use crate::model::Procedure;

/// Keys of one module.
#[derive(Debug)]
pub struct PartInfo {
    pub keys: &'static [&'static str],
    /// What is wrong with the part, each with its key.
    pub check: fn(&PartSite) -> Vec<(&'static str, String)>,
    /// The files of the pack that it needs.
    pub files: fn(&PartSite) -> Vec<String>,
    /// Those of its keys that lists show and by which a procedure is found.
    pub indexed: &'static [&'static str],
}

/// A part as it stands in a pack.
#[derive(Clone, Copy, Debug)]
pub struct PartSite<'a> {
    pub pack: &'a Pack,
    pub procedure: &'a Procedure,
    /// All that is not the engine's own, by key.
    pub parts: &'a Json,
}

/// Those of all modules of a program.
#[derive(Clone, Debug, Default)]
pub struct Parts(Vec<&'static PartInfo>);

impl Parts {
    pub fn of(infos: &[&'static PartInfo]) -> Self {
        Self(infos.to_vec())
    }

    pub(crate) fn files(&self, site: &PartSite) -> Vec<String> {
        self.0.iter().flat_map(|info| (info.files)(site)).collect()
    }

    pub(crate) fn indexed(&self) -> Vec<&'static str> {
        let keys = self.0.iter().flat_map(|info| info.indexed);
        keys.copied().collect()
    }

    /// Everything that is wrong with the parts of a procedure, each with its key.
    pub(crate) fn faults(&self, site: PartSite) -> Vec<(String, String)> {
        let known = |key: &str| self.0.iter().any(|info| info.keys.contains(&key));
        let given = site.parts.as_object().into_iter();
        let unread = given
            .flat_map(|parts| parts.keys())
            .filter(|key| !known(key))
            .map(|key| (key.clone(), format!("没有这一项：{key}")));
        let faults = self.0.iter().flat_map(|info| (info.check)(&site));
        let faults = faults.map(|(key, words)| (key.to_owned(), words));
        unread.chain(faults).collect()
    }
}
