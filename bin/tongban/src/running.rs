//! Whether the last run ended by itself. What was read in the second before a crash may not be on record; then the log
//! says so.

use std::path::{Path, PathBuf};

use tongban_audit::{AuditKey, Entry, STOPPED_HARD, attempt};
use tongban_base::Ctx;
use tongban_store::Db;

use crate::failure::Failure;

fn file(folder: &Path) -> PathBuf {
    folder.join("running")
}

/// Notes the run; a note that is there still is of one that did not end.
pub async fn begin(folder: &Path, db: &Db, ctx: &Ctx, key: &AuditKey) -> Result<(), Failure> {
    if file(folder).is_file() {
        attempt(db, ctx, key, Entry::done(STOPPED_HARD, "audit_log", "main")).await?;
    }
    Ok(std::fs::write(file(folder), "")?)
}

pub fn end(folder: &Path) {
    if let Err(cause) = std::fs::remove_file(file(folder)) {
        tracing::warn!(%cause, "the note of this run could not be taken away");
    }
}
