//! The claim of a test, written when it begins and confirmed when it ends without a panic.
//! Does not read the claims again; `tongban-coverage` does.

use std::path::{Path, PathBuf};

use tongban_coverage::{Baseline, Claim, Outcome};

/// Lives until the end of the test that made it; see `covers!`.
#[must_use]
pub struct Guard {
    claim: Claim,
    folder: PathBuf,
}

impl Guard {
    /// Panics at an id that stands in no table: a slip of the pen would prove nothing.
    pub fn new(file: &str, module: &str, ids: &[&str]) -> Self {
        Self::begin(file, module, ids, &claims_folder())
    }

    fn begin(file: &str, module: &str, ids: &[&str], folder: &Path) -> Self {
        let baseline = Baseline::embedded();
        let known = baseline.ids();
        for id in ids {
            assert!(
                known.contains(id),
                "{id} is in no table of docs/requirements"
            );
        }
        let guard = Self {
            claim: Claim {
                test: test_name(module),
                file: file.to_owned(),
                ids: ids.iter().map(|id| (*id).to_owned()).collect(),
                outcome: Outcome::Begun,
            },
            folder: folder.to_owned(),
        };
        guard.write();
        guard
    }

    #[expect(
        clippy::panic,
        reason = "a proof that cannot be recorded fails its test"
    )]
    fn write(&self) {
        if let Err(error) = self.claim.write(&self.folder) {
            panic!(
                "the claim cannot be written to {}: {error}",
                self.folder.display()
            );
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.claim.outcome = Outcome::Passed;
            self.write();
        }
    }
}

/// nextest tells the name in the environment; under `cargo test` the thread bears it.
fn test_name(module: &str) -> String {
    let package = module.split("::").next().unwrap_or(module);
    let name = std::env::var("NEXTEST_TEST_NAME").ok().or_else(|| {
        let thread = std::thread::current();
        thread.name().map(str::to_owned)
    });
    format!("{package} {}", name.unwrap_or_else(|| module.to_owned()))
}

/// `TONGBAN_CLAIMS`, or `target/claims` of the workspace.
fn claims_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("TONGBAN_CLAIMS") {
        return folder.into();
    }
    let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let start = crate_folder.unwrap_or_else(|| PathBuf::from("."));
    let root = start.ancestors().find(|a| a.join("Cargo.lock").is_file());
    root.unwrap_or(&start).join("target/claims")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use tongban_coverage::Claims;

    fn outcome_after(test: impl FnOnce() + Send + 'static) -> Vec<Outcome> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let run = move || {
            let _covers = Guard::begin("a.rs", "a", &["SH-001"], &path);
            test();
        };
        // The panic is caught by the join, as a test runner would.
        let _ = std::thread::spawn(run).join();
        let claims = Claims::read(folder.path()).unwrap().0;
        claims.into_iter().map(|c| c.outcome).collect()
    }

    #[test]
    fn a_claim_counts_only_when_the_test_ends_without_a_panic() {
        assert_eq!(outcome_after(|| {}), [Outcome::Passed]);
        let failing = || assert_eq!(1, std::hint::black_box(2), "this failure is meant");
        assert_eq!(outcome_after(failing), [Outcome::Begun]);
    }

    #[test]
    #[should_panic(expected = "WH-999 is in no table")]
    fn an_unknown_id_fails_the_test() {
        let folder = tempfile::tempdir().unwrap();
        let _covers = Guard::begin("a.rs", "a", &["WH-999"], folder.path());
    }
}
