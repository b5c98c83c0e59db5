//! Licence types as the release of a case has them, compiled and kept for a while; releases with the same files share
//! theirs. Whoever keeps releases gives their files.

use std::collections::BTreeMap;
use std::sync::Arc;

use tongban_base::Result;
use tongban_packs::{Findings, Folder, Recent, ReleaseHash};
use tongban_store::{Fut, Tx};

use crate::definition::{LicenceType, LicenceTypes, check_types};
use crate::error;

const MOST_COMPILED: usize = 256;

/// Gives the files of a release; the wiring knows who keeps them.
pub struct ReleaseFiles(pub Box<AskFiles>);

type AskFiles = dyn for<'t> Fn(&'t mut Tx, ReleaseHash) -> Fut<'t, Folder> + Send + Sync;

pub(crate) struct ReleasedTypes {
    /// Of the pack in force.
    in_force: LicenceTypes,
    /// For each kind a release of the pack in force that has it.
    released_as: BTreeMap<String, ReleaseHash>,
    files: ReleaseFiles,
    of_release: Recent<ReleaseHash, LicenceTypes>,
    of_content: Recent<String, LicenceTypes>,
}

impl ReleasedTypes {
    pub(crate) fn new(
        in_force: LicenceTypes,
        released_as: BTreeMap<String, ReleaseHash>,
        files: ReleaseFiles,
    ) -> Self {
        let of_content = Recent::new(MOST_COMPILED);
        of_content.put(in_force.content().to_owned(), in_force.clone());
        Self {
            in_force,
            released_as,
            files,
            of_release: Recent::new(MOST_COMPILED),
            of_content,
        }
    }

    pub(crate) fn in_force(&self) -> &LicenceTypes {
        &self.in_force
    }

    /// What an edition records: it keeps its face when the pack changes.
    pub(crate) fn recorded(&self, kind: &str, release: Option<ReleaseHash>) -> Option<ReleaseHash> {
        release.or_else(|| self.released_as.get(kind).cloned())
    }

    /// Errors: there is no such type, or no such release.
    pub(crate) async fn kind(
        &self,
        tx: &mut Tx,
        code: &str,
        release: Option<&ReleaseHash>,
    ) -> Result<Arc<LicenceType>> {
        let types = match release {
            None => self.in_force.clone(),
            Some(release) => self.of_release(tx, release).await?,
        };
        types
            .get(code)
            .cloned()
            .ok_or_else(|| error::unknown_type(code))
    }

    async fn of_release(&self, tx: &mut Tx, release: &ReleaseHash) -> Result<LicenceTypes> {
        if let Some(types) = self.of_release.get(release) {
            return Ok(types);
        }
        let folder = (self.files.0)(tx, release.clone()).await?;
        let content = LicenceTypes::content_of(&folder);
        let types = self.of_content.get(&content);
        let types = types.unwrap_or_else(|| compiled(&folder, release));
        self.of_content.put(content, types.clone());
        self.of_release.put(release.clone(), types.clone());
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
