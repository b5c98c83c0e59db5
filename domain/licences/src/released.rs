//! Licence types as the release of a case has them, compiled once; releases with the same files share theirs. Knows
//! no database: whoever keeps releases gives their files.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tongban_base::Result;
use tongban_packs::{Findings, Folder, ReleaseHash};

use crate::definition::{LicenceType, LicenceTypes, check_types};
use crate::error;

/// Gives the files of a release; the wiring knows who keeps them.
pub struct ReleaseFiles(pub Box<AskFiles>);

type AskFiles = dyn Fn(&ReleaseHash) -> Result<Folder> + Send + Sync;

pub(crate) struct ReleasedTypes {
    /// Of the pack in force.
    in_force: LicenceTypes,
    /// A release that has the files of the pack in force.
    release: Option<ReleaseHash>,
    files: ReleaseFiles,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    of_release: HashMap<ReleaseHash, LicenceTypes>,
    of_content: HashMap<String, LicenceTypes>,
}

impl ReleasedTypes {
    pub(crate) fn new(
        in_force: LicenceTypes,
        release: Option<ReleaseHash>,
        files: ReleaseFiles,
    ) -> Self {
        let mut known = Known::default();
        known
            .of_content
            .insert(in_force.content().to_owned(), in_force.clone());
        Self {
            in_force,
            release,
            files,
            known: RwLock::new(known),
        }
    }

    pub(crate) fn in_force(&self) -> &LicenceTypes {
        &self.in_force
    }

    /// What an edition records: it keeps its face when the pack changes.
    pub(crate) fn recorded(&self, release: Option<ReleaseHash>) -> Option<ReleaseHash> {
        release.or_else(|| self.release.clone())
    }

    /// Errors: there is no such type, or no such release.
    pub(crate) fn kind(
        &self,
        code: &str,
        release: Option<&ReleaseHash>,
    ) -> Result<Arc<LicenceType>> {
        let types = match release {
            None => self.in_force.clone(),
            Some(release) => self.of_release(release)?,
        };
        types
            .get(code)
            .cloned()
            .ok_or_else(|| error::unknown_type(code))
    }

    fn of_release(&self, release: &ReleaseHash) -> Result<LicenceTypes> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(types) = known.of_release.get(release) {
            return Ok(types.clone());
        }
        drop(known);
        let folder = (self.files.0)(release)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let content = LicenceTypes::content_of(&folder);
        let types = known
            .of_content
            .entry(content)
            .or_insert_with(|| compiled(&folder, release));
        let types = types.clone();
        known.of_release.insert(release.clone(), types.clone());
        Ok(types)
    }
}

/// A release was checked when it was published; what an older program let pass is logged.
fn compiled(folder: &Folder, release: &ReleaseHash) -> LicenceTypes {
    let mut findings = Findings::default();
    let types = check_types(folder, &mut findings);
    for fault in &findings.0 {
        tracing::error!(%fault, %release, "a licence type of a published release has a fault");
    }
    types
}
