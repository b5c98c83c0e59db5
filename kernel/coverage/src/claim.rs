//! What a test says it proves, as a file per test in the claims folder.
//! Knows nothing of the requirements themselves.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A test that never reached its end stays `Begun`, which counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Begun,
    Passed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The test's name as its runner prints it.
    pub test: String,
    /// Source file, from the root of the workspace.
    pub file: String,
    pub ids: Vec<String>,
    pub outcome: Outcome,
}

impl Claim {
    /// Writes the claim over an earlier one of the same test.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(self.path(folder), serde_json::to_vec(self)?)
    }

    /// The ids are part of the name: a test may call `covers` more than once.
    fn path(&self, folder: &Path) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        (&self.test, &self.file, &self.ids).hash(&mut hasher);
        folder.join(format!("{:016x}.json", hasher.finish()))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims(pub Vec<Claim>);

impl Claims {
    /// Reads every claim of the folder; a folder that is not there holds none.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let mut claims = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "json") {
                claims.push(serde_json::from_slice(&std::fs::read(path)?)?);
            }
        }
        Ok(Self(claims))
    }

    /// Takes back the claims of a test that its runner reports as failed: a test that ends with
    /// an error instead of a panic looks passed from inside.
    pub fn strike(folder: &Path, failed: &dyn Fn(&str) -> bool) -> io::Result<()> {
        for mut claim in Self::read(folder)?.0 {
            if failed(&claim.test) {
                claim.outcome = Outcome::Begun;
                claim.write(folder)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_struck_claim_is_no_longer_passed() {
        let folder = tempfile::tempdir().unwrap();
        let claim = |test: &str| Claim {
            test: test.into(),
            file: "a.rs".into(),
            ids: vec!["SH-001".into()],
            outcome: Outcome::Passed,
        };
        claim("one").write(folder.path()).unwrap();
        claim("two").write(folder.path()).unwrap();
        Claims::strike(folder.path(), &|test| test == "one").unwrap();
        let claims = Claims::read(folder.path()).unwrap().0;
        assert_eq!(claims.len(), 2);
        for claim in claims {
            assert_eq!(claim.outcome == Outcome::Passed, claim.test == "two");
        }
    }
}
