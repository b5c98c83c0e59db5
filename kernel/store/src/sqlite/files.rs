//! Whether the files under their names are still those that are open: what is written into others that nobody can find
//! any more is lost with the program.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tongban_base::Result;

use crate::error;

/// Device and number of a file.
type Inode = (u64, u64);

pub(super) struct OpenFiles {
    database: (PathBuf, Option<Inode>),
    /// Made with the first write.
    log: (PathBuf, Option<Inode>),
}

impl OpenFiles {
    /// Those of a connection that was just opened.
    pub(super) fn of(path: &Path) -> Self {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Self {
            database: (path.to_owned(), inode(path)),
            log: (log.into(), None),
        }
    }

    /// Errors: a file was removed or another one put in its place.
    pub(super) fn are_in_place(&mut self) -> Result<()> {
        let log = inode(&self.log.0);
        self.log.1 = self.log.1.or(log);
        let (database, opened) = &self.database;
        let same = *opened == inode(database) && self.log.1 == log;
        same.then_some(()).ok_or_else(error::replaced)
    }
}

fn inode(path: &Path) -> Option<Inode> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}
