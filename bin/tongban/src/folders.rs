//! Whole folders: copied, made durable, moved up, emptied. Knows nothing of what is in them.

use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use crate::failure::Failure;

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

/// Everything in `below` into the folder above it; `below` is gone afterwards.
pub fn move_up(below: &Path, above: &Path) -> Result<(), Failure> {
    for entry in std::fs::read_dir(below)? {
        let entry = entry?;
        std::fs::rename(entry.path(), above.join(entry.file_name()))?;
    }
    File::open(above)?.sync_all()?;
    std::fs::remove_dir(below)?;
    Ok(File::open(above)?.sync_all()?)
}

/// Takes away everything in a folder.
pub fn empty(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
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
