//! Whole folders: held, copied, made durable, moved up. Knows nothing of what is in them.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A folder in use, made if it was not there. One that was made goes again when nothing came into it.
pub struct Held {
    folder: PathBuf,
    new: bool,
    _lock: File,
}

impl Held {
    /// As others may use it at the same time. Errors: somebody has it to himself.
    pub fn beside_others(folder: &Path) -> Result<Self, Failure> {
        Self::take(folder, File::try_lock_shared)
    }

    /// Errors: anybody uses it.
    pub fn alone(folder: &Path) -> Result<Self, Failure> {
        Self::take(folder, File::try_lock)
    }

    fn take(folder: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Self, Failure> {
        let new = !folder.exists();
        std::fs::create_dir_all(folder).map_err(|cause| {
            Failure::new(format!("数据文件夹 {} 打不开：{cause}", folder.display()))
        })?;
        let file = File::open(folder)?;
        let used = || {
            Failure::new(format!(
                "数据文件夹 {} 正在使用（服务正在运行，或者正在恢复），没有动它；请先停止，再重试",
                folder.display()
            ))
        };
        match lock(&file) {
            Err(TryLockError::WouldBlock) => return Err(used()),
            locked => locked.map_err(std::io::Error::from)?,
        }
        let (held, named) = (file.metadata()?, std::fs::metadata(folder));
        // Whoever had made it may have taken it away in between.
        if !named.is_ok_and(|named| (named.dev(), named.ino()) == (held.dev(), held.ino())) {
            return Err(used());
        }
        Ok(Self {
            folder: folder.to_owned(),
            new,
            _lock: file,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.new {
            // Refused by the system where anything is in it.
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

pub fn must_be_empty(folder: &Path) -> Result<(), Failure> {
    let used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Err(Failure::new(format!(
            "{} 不是空文件夹，没有动它",
            folder.display()
        )));
    }
    Ok(())
}

/// Copies everything but folders of the name `but`.
pub fn copy(from: &Path, to: &Path, but: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != but {
                copy(&entry.path(), &target, but)?;
            }
        } else {
            match std::fs::copy(entry.path(), target) {
                // Nobody has wanted it for long.
                Err(cause) if cause.kind() == ErrorKind::NotFound => {}
                copied => drop(copied?),
            }
        }
    }
    Ok(())
}

/// Everything in `below` into the folder above it; `below` is gone afterwards. `moved` is told each that came there:
/// what is there already is not touched.
pub fn move_up(below: &Path, above: &Path, moved: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in std::fs::read_dir(below)? {
        let entry = entry?;
        let target = above.join(entry.file_name());
        if target.exists() {
            let words = format!("{} 在恢复过程中出现了，没有动它", target.display());
            return Err(Failure::new(words));
        }
        std::fs::rename(entry.path(), &target)?;
        moved.push(target);
    }
    File::open(above)?.sync_all()?;
    std::fs::remove_dir(below)?;
    Ok(File::open(above)?.sync_all()?)
}

/// Takes away what was made, each a file or a whole folder.
pub fn take_away(made: &[PathBuf]) -> std::io::Result<()> {
    for path in made.iter().filter(|path| path.exists()) {
        match path.is_dir() {
            true => std::fs::remove_dir_all(path)?,
            false => std::fs::remove_file(path)?,
        }
    }
    Ok(())
}

/// Every file, and every folder after what is in it: "done" must be true after a power cut too.
pub fn make_durable(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            make_durable(&entry?.path())?;
        }
    }
    match File::open(path) {
        // What a database keeps beside its file goes when it is closed.
        Err(gone) if gone.kind() == ErrorKind::NotFound => Ok(()),
        file => Ok(file?.sync_all()?),
    }
}

/// The folder itself may be new in the one above.
pub fn make_entry_durable(folder: &Path) -> Result<(), Failure> {
    if let Some(above) = folder.canonicalize()?.parent() {
        File::open(above)?.sync_all()?;
    }
    Ok(())
}
