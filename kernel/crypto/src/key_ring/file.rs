//! The file of master keys: one line per key, `id hexadecimal`. Written to a temporary file, synced and renamed, so
//! that a crash leaves the old file or the new one. Knows nothing of what keys are for.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::MasterKey;
use crate::error::{CryptoError, Result};

type Masters = BTreeMap<u32, MasterKey>;

const FIRST_LINE: &str = "tongban-master-keys 1";
const NOTE: &str =
    "# 主密钥。丢失后加密数据无法恢复，泄露后加密形同虚设：请与数据分开备份，不要放入代码库。";

pub(super) fn read_or_create(folder: &Path, make: impl Fn() -> Result<Masters>) -> Result<Masters> {
    make_folder(folder)?;
    let _lock = lock(folder)?;
    match key_file(folder).try_exists() {
        Ok(true) => read(folder),
        Ok(false) => {
            let masters = make()?;
            write(folder, &masters)?;
            Ok(masters)
        }
        Err(error) => Err(fault(folder, error)),
    }
}

pub(super) fn read(folder: &Path) -> Result<Masters> {
    let path = key_file(folder);
    let mode = fs::metadata(&path)
        .map_err(|error| fault(&path, error))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(fault(&path, "others may read it; set its mode to 0600"));
    }
    let text = fs::read_to_string(&path).map(Zeroizing::new);
    let text = text.map_err(|error| fault(&path, error))?;
    parse(&text).ok_or_else(|| fault(&path, "it does not have the form of a master key file"))
}

/// Reads the file again under the lock, so that two processes that rotate at once lose no key.
pub(super) fn append(folder: &Path, key: MasterKey) -> Result<Masters> {
    let _lock = lock(folder)?;
    let mut masters = read(folder)?;
    let newest = masters.last_key_value().map_or(0, |(id, _)| *id);
    masters.insert(newest + 1, key);
    write(folder, &masters)?;
    Ok(masters)
}

/// Of keys from elsewhere, in a folder that has none. Errors: it has.
pub(super) fn create(folder: &Path, masters: &Masters) -> Result<()> {
    make_folder(folder)?;
    let _lock = lock(folder)?;
    let path = key_file(folder);
    match path.exists() {
        true => Err(fault(&path, "it is there already")),
        false => write(folder, masters),
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(|error| fault(folder, error))
}

fn key_file(folder: &Path) -> PathBuf {
    folder.join("master.key")
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    let file = options
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path);
    let file = file.map_err(|error| fault(&path, error))?;
    file.lock().map_err(|error| fault(&path, error))?;
    Ok(file)
}

pub(super) fn text(masters: &Masters) -> Zeroizing<String> {
    let mut text = Zeroizing::new(format!("{FIRST_LINE}\n{NOTE}\n"));
    for (id, key) in masters {
        let digits = Zeroizing::new(hex::encode(key.as_slice()));
        text.push_str(&format!("{id} {}\n", digits.as_str()));
    }
    text
}

fn write(folder: &Path, masters: &Masters) -> Result<()> {
    let target = key_file(folder);
    replace(folder, &target, text(masters).as_bytes()).map_err(|error| fault(&target, error))
}

fn replace(folder: &Path, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = folder.join("master.key.new");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&temporary)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, target)?;
    File::open(folder)?.sync_all()
}

pub(super) fn parse(text: &str) -> Option<Masters> {
    let mut lines = text.lines();
    if lines.next()? != FIRST_LINE {
        return None;
    }
    let mut masters = Masters::new();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (id, digits) = line.split_once(' ')?;
        let mut key = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(digits.trim(), key.as_mut_slice()).ok()?;
        if masters.insert(id.parse().ok()?, key).is_some() {
            return None;
        }
    }
    (!masters.is_empty()).then_some(masters)
}

fn fault(path: &Path, detail: impl ToString) -> CryptoError {
    CryptoError::KeyFile {
        path: path.to_path_buf(),
        detail: detail.to_string(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::key_ring::{KeyRing, Purpose};

    #[test]
    fn the_first_start_makes_a_private_file_and_the_next_one_reads_it() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("keys");
        assert!(KeyRing::open(&folder).is_err());
        let first = KeyRing::open_or_create(&folder).unwrap();
        let mode = fs::metadata(folder.join("master.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let sealed = first
            .sealed_box(Purpose::FILES)
            .unwrap()
            .encrypt(b"x", b"")
            .unwrap();
        let again = KeyRing::open_or_create(&folder).unwrap();
        assert_eq!(
            again
                .sealed_box(Purpose::FILES)
                .unwrap()
                .decrypt(&sealed, b"")
                .unwrap(),
            b"x"
        );
    }

    #[test]
    fn two_processes_that_rotate_lose_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = KeyRing::open_or_create(folder.path()).unwrap();
        let mut two = one.clone();
        assert_eq!(one.rotate().unwrap(), 2);
        assert_eq!(two.rotate().unwrap(), 3);
        assert_eq!(read(folder.path()).unwrap().len(), 3);
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_damaged_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        KeyRing::open_or_create(folder.path()).unwrap();
        let path = folder.path().join("master.key");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(KeyRing::open(folder.path()).is_err());
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "tongban-master-keys 1\n1 abcd\n").unwrap();
        assert!(KeyRing::open_or_create(folder.path()).is_err());
    }
}
