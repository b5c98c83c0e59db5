//! Each start of the program on a data folder, and which of those before it ended without a word. The operating system
//! knows: a start holds a lock on a file of its own for as long as it runs.

use std::fs::File;
use std::path::{Path, PathBuf};

use tongban_base::{Problem, Result, Uuid};

pub struct Start {
    id: String,
    folder: PathBuf,
    ended: Vec<String>,
    _lock: File,
}

impl Start {
    /// `folder` is for this alone; other starts may run on it at the same time.
    pub fn begin(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Problem::internal)?;
        let ended = ended(folder).map_err(Problem::internal)?;
        let id = Uuid::now_v7().to_string();
        let lock = announce(folder, &id).map_err(Problem::internal)?;
        Ok(Self {
            id,
            folder: folder.to_owned(),
            ended,
            _lock: lock,
        })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// The starts that were killed.
    pub fn ended(&self) -> &[String] {
        &self.ended
    }

    /// What these left has been taken over.
    pub fn forget_ended(&self) {
        // A file that stays is looked at again at the next start.
        for id in &self.ended {
            let _ = std::fs::remove_file(self.folder.join(id));
        }
    }

    /// Nothing is left to be taken over.
    pub fn end(&self) {
        let _ = std::fs::remove_file(self.folder.join(&self.id));
    }
}

/// Locked before it has its name, so that nobody takes it for one that has ended.
fn announce(folder: &Path, id: &str) -> std::io::Result<File> {
    let unnamed = folder.join(format!(".{id}"));
    let file = File::create(&unnamed)?;
    file.lock()?;
    std::fs::rename(&unnamed, folder.join(id))?;
    Ok(file)
}

fn ended(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut ended = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_free = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if Uuid::parse_str(&name).is_ok() && is_free() {
            ended.push(name);
        }
    }
    Ok(ended)
}
