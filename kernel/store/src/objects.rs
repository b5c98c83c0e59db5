//! Files by content: named by the SM3 digest of what they hold, encrypted, written to a temporary file, synced, renamed.
//! A row in `object` is made only after the file is safe, in the transaction that names it. A file that is missing or
//! damaged is told whenever it is met, and mended by whoever hands the same content in again.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tongban_base::{Problem, Result, Timestamp};
use tongban_crypto::{CryptoError, FileCipher, sm3_hex};

use crate::{Db, FromValue, Marked, ObjectState, Tx, Value, error, params};

/// The digest of the content before it is encrypted, in hexadecimal. It is not keyed, because a licence file is known
/// again by it (`domain/licences/src/service/verify.rs`) and the same content must stay one file when keys rotate; so
/// whoever has the folder cannot read a file, but can tell whether a file that he has himself lies in it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct ObjectId(String);

impl ObjectId {
    pub fn of(content: &[u8]) -> Self {
        Self(sm3_hex(content))
    }

    pub fn parse(text: &str) -> Result<Self> {
        let valid = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        valid
            .then(|| Self(text.to_ascii_lowercase()))
            .ok_or_else(Problem::not_found)
    }

    /// As a row names it, though it may be no name of a file.
    pub(crate) fn as_named(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&ObjectId> for Value {
    fn from(id: &ObjectId) -> Self {
        Value::Text(id.0.clone())
    }
}
impl From<ObjectId> for Value {
    fn from(id: ObjectId) -> Self {
        Value::Text(id.0)
    }
}
impl FromValue for ObjectId {
    fn from_value(value: &Value) -> std::result::Result<Self, String> {
        String::from_value(value).map(ObjectId)
    }
}

#[derive(Clone, Debug)]
pub struct StoredObject {
    pub id: ObjectId,
    pub size: usize,
    pub media_type: String,
}

impl StoredObject {
    /// Written with the row that names the object.
    pub fn record(&self, tx: &mut Tx, now: Timestamp) {
        tx.insert_or(
            "INSERT INTO object (id, size, media_type, created_at)",
            params![&self.id, self.size, &self.media_type, now],
            "ON CONFLICT (id) DO NOTHING",
        );
    }
}

/// Takes the record of an object away that was made at this moment, and by nobody before. The caller knows that nothing
/// names it any more; the file goes some hours later.
pub async fn unrecord(tx: &mut Tx, id: &ObjectId, made_at: Timestamp) -> Result<()> {
    let sql = "DELETE FROM object WHERE id = $1 AND created_at = $2";
    tx.execute(sql, params![id, made_at]).await.map(drop)
}

/// The folder below, where files are written before they have their names.
pub const INCOMING: &str = "incoming";
const ASKED_AT_ONCE: usize = 200;
/// Files that are not what was stored, beyond these, are only logged.
const MOST_LOST: usize = 1000;
/// A file that is being written is locked within this time.
const SETTLED: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct Objects {
    folder: PathBuf,
    cipher: FileCipher,
    /// What was asked for and is missing or damaged, until it is mended.
    lost: Arc<Mutex<BTreeSet<ObjectId>>>,
    /// What no row named at the last look.
    unnamed: Arc<Mutex<Unnamed>>,
    /// Folders of files that this process has made durable in the one above.
    rooted: Arc<Mutex<BTreeSet<PathBuf>>>,
}

struct Unnamed {
    since: SystemTime,
    files: BTreeSet<ObjectId>,
}

impl Objects {
    pub fn open(folder: &Path, cipher: FileCipher) -> Result<Self> {
        std::fs::create_dir_all(folder.join(INCOMING)).map_err(Problem::internal)?;
        Ok(Self {
            folder: folder.to_owned(),
            cipher,
            lost: Arc::default(),
            unnamed: Arc::new(Mutex::new(Unnamed {
                since: SystemTime::UNIX_EPOCH,
                files: BTreeSet::new(),
            })),
            rooted: Arc::default(),
        })
    }

    /// Stores a file durably and records it. The same content twice is one file.
    pub async fn put(
        &self,
        db: &Db,
        content: Vec<u8>,
        media_type: &str,
        now: Timestamp,
    ) -> Result<StoredObject> {
        let object = self.keep(content, media_type).await?;
        db.write((object.clone(), now), |tx, (object, now)| {
            Box::pin(async move {
                object.record(tx, *now);
                Ok(())
            })
        })
        .await?;
        Ok(object)
    }

    /// Stores a file durably; the caller writes `record` in the transaction that names it. If that fails, or nobody knows
    /// whether it was kept, the file stays for some hours.
    pub async fn keep(&self, content: Vec<u8>, media_type: &str) -> Result<StoredObject> {
        let size = content.len();
        let this = self.clone();
        let id = tokio::task::spawn_blocking(move || this.write(&content))
            .await
            .map_err(Problem::internal)??;
        Ok(StoredObject {
            id,
            size,
            media_type: media_type.to_owned(),
        })
    }

    /// Whether files can be stored now: one is written where they are, and goes where they get their names.
    pub async fn try_out(&self) -> Result<()> {
        let trial = self.folder.join(INCOMING).join(".trial");
        let kept = self.folder.join(".trial");
        tokio::task::spawn_blocking(move || {
            let written = File::create(&trial).and_then(|mut file| {
                file.write_all(b"trial")?;
                file.sync_all()
            });
            let written = written.and_then(|()| match std::fs::rename(&trial, &kept) {
                // Another node that tries was faster to take it away.
                Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
                renamed => renamed,
            });
            for file in [&trial, &kept] {
                let _ = std::fs::remove_file(file);
            }
            written.map_err(|cause| match cause.kind() {
                ErrorKind::StorageFull => error::full(cause),
                _ => error::unavailable(cause),
            })
        })
        .await
        .map_err(Problem::internal)?
    }

    /// Removes files that neither their own row nor one of these tables named at the look before, and names now, and that
    /// nobody handed in since; how many. Looks lie hours apart: so long a file may wait for its row, a commit be in doubt,
    /// or a backup copy what it has seen named.
    pub async fn remove_unnamed(&self, db: &Db, tables: &[&'static Marked]) -> Result<usize> {
        let since = SystemTime::now();
        let mut files = BTreeSet::new();
        for some in self.list().await?.chunks(ASKED_AT_ONCE) {
            files.extend(unnamed(db, some.to_vec(), tables).await?);
        }
        let before = {
            let mut last = self.unnamed.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *last, Unnamed { since, files })
        };
        let this = self.clone();
        let removed = tokio::task::spawn_blocking(move || this.remove(before));
        removed.await.map_err(Problem::internal)
    }

    fn remove(&self, before: Unnamed) -> usize {
        let still = {
            let last = self.unnamed.lock().unwrap_or_else(PoisonError::into_inner);
            let still = last.files.intersection(&before.files);
            still.cloned().collect::<Vec<_>>()
        };
        let mut removed = 0;
        for id in still {
            match remove_older(&self.path(&id), before.since) {
                Ok(true) => {
                    self.note(&id, None);
                    removed += 1;
                }
                Ok(false) => {}
                Err(fault) => {
                    tracing::warn!(object = id.as_str(), %fault, "a file that nobody names was not removed");
                }
            }
        }
        removed
    }

    /// How many files that somebody asked for are missing or damaged, as far as this process knows.
    pub fn lost(&self) -> usize {
        self.lost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Removes what writers left that were killed; how many. What somebody is writing is locked.
    pub async fn sweep(&self) -> Result<usize> {
        let incoming = self.folder.join(INCOMING);
        let swept = tokio::task::spawn_blocking(move || sweep(&incoming));
        let swept = swept.await.map_err(Problem::internal)?;
        swept.map_err(error::unavailable)
    }

    /// Errors: `store.object_missing`; `store.object_damaged` if the file is not what was stored, or was encrypted with
    /// another key. Both are told to the operator too.
    pub async fn get(&self, id: &ObjectId) -> Result<Vec<u8>> {
        let (this, id) = (self.clone(), id.clone());
        tokio::task::spawn_blocking(move || {
            let read = this.read(&id);
            this.note(&id, read.as_ref().err());
            read
        })
        .await
        .map_err(Problem::internal)?
    }

    /// The same for whoever looks through all of them and tells it himself.
    pub(crate) async fn examine(&self, id: &ObjectId) -> Result<()> {
        let (this, id) = (self.clone(), id.clone());
        let examined = tokio::task::spawn_blocking(move || match ObjectId::parse(id.as_str()) {
            Ok(id) => this.read(&id).map(drop),
            Err(cause) => Err(error::missing(cause)),
        });
        examined.await.map_err(Problem::internal)?
    }

    /// Every file that lies here under its name.
    pub(crate) async fn list(&self) -> Result<Vec<ObjectId>> {
        let folder = self.folder.clone();
        let listed = tokio::task::spawn_blocking(move || list(&folder));
        let listed = listed.await.map_err(Problem::internal)?;
        listed.map_err(error::unavailable)
    }

    /// Takes down what was found of a file.
    fn note(&self, id: &ObjectId, problem: Option<&Problem>) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match problem {
            None => {
                lost.remove(id);
            }
            Some(problem) if error::state_of(problem) != ObjectState::Unreadable => {
                let object = id.as_str();
                tracing::error!(alarm = true, object, %problem, "a file is missing or damaged");
                if lost.len() < MOST_LOST {
                    lost.insert(id.clone());
                }
            }
            Some(_) => {}
        }
    }

    fn read(&self, id: &ObjectId) -> Result<Vec<u8>> {
        let file = File::open(self.path(id)).map_err(|cause| match cause.kind() {
            ErrorKind::NotFound => error::missing(cause),
            _ => error::unavailable(cause),
        })?;
        let mut file = BufReader::new(file);
        if is_sealed(&mut file).map_err(error::unavailable)? {
            let opened = self.cipher.open(&mut file, id.as_str());
            return opened.map_err(|cause| match cause {
                CryptoError::File(cause) => error::unavailable(cause),
                cause => error::damaged(cause),
            });
        }
        unsealed(file, id)
    }

    /// What lies there already counts only if it is the same.
    fn write(&self, content: &[u8]) -> Result<ObjectId> {
        let id = ObjectId::of(content);
        let target = self.path(&id);
        let written = match self.holds(&target, &id, content) {
            true => self.make_entry_durable(&target).map_err(CryptoError::File),
            false => self.place(&target, &id, content),
        };
        written.map_err(|cause| match cause {
            CryptoError::File(cause) if cause.kind() == ErrorKind::StorageFull => {
                error::full(cause)
            }
            CryptoError::File(cause) => error::unavailable(cause),
            cause => Problem::internal(cause),
        })?;
        self.note(&id, None);
        Ok(id)
    }

    fn holds(&self, target: &Path, id: &ObjectId, content: &[u8]) -> bool {
        let claimed = File::open(target).and_then(|file| claim(&file));
        claimed.unwrap_or(false) && self.read(id).is_ok_and(|there| there == content)
    }

    fn place(
        &self,
        target: &Path,
        id: &ObjectId,
        content: &[u8],
    ) -> std::result::Result<(), CryptoError> {
        let name = tongban_base::Uuid::now_v7().to_string();
        let incoming = self.folder.join(INCOMING).join(name);
        let mut file = File::create(&incoming)?;
        // Where files cannot be locked, none is swept either.
        let _ = file.lock();
        let written = self
            .cipher
            .seal(content, id.as_str(), &mut file)
            .and_then(|()| Ok(file.sync_all()?));
        if let Err(cause) = written {
            let _ = std::fs::remove_file(&incoming);
            return Err(cause);
        }
        let folder = target.parent().unwrap_or(&self.folder);
        if !folder.is_dir() {
            self.rooted().remove(folder);
            std::fs::create_dir_all(folder)?;
        }
        std::fs::rename(&incoming, target)?;
        Ok(self.make_entry_durable(target)?)
    }

    /// The file in its folder, and the folder in the one above, unless this was done since it is there.
    fn make_entry_durable(&self, target: &Path) -> std::io::Result<()> {
        let folder = target.parent().unwrap_or(&self.folder);
        File::open(folder)?.sync_all()?;
        if self.rooted().contains(folder) {
            return Ok(());
        }
        File::open(&self.folder)?.sync_all()?;
        self.rooted().insert(folder.to_owned());
        Ok(())
    }

    fn rooted(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.rooted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: &ObjectId) -> PathBuf {
        place_of(&self.folder, id)
    }
}

pub(crate) fn place_of(folder: &Path, id: &ObjectId) -> PathBuf {
    // A name that a row was given beside the program need not be one.
    let (front, rest) = id.0.split_at_checked(2).unwrap_or((&id.0, ""));
    folder.join(front).join(rest)
}

/// Makes the file look new, so that nobody removes it; false when it was just removed, or has to be written anew.
fn claim(file: &File) -> std::io::Result<bool> {
    // Where files cannot be locked, none is removed either.
    let _ = file.lock_shared();
    if file.metadata()?.nlink() == 0 {
        return Ok(false);
    }
    file.set_modified(SystemTime::now())?;
    is_sealed(&mut BufReader::new(file))
}

/// Removes a file that was not handed in since.
fn remove_older(path: &Path, since: SystemTime) -> std::io::Result<bool> {
    let file = match File::open(path) {
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    if file.try_lock().is_err() || file.metadata()?.modified()? >= since {
        return Ok(false);
    }
    std::fs::remove_file(path).map(|()| true)
}

/// The record of an object may go in the moment in which somebody else names it, so who names it is asked too.
async fn unnamed(db: &Db, ids: Vec<ObjectId>, tables: &[&'static Marked]) -> Result<Vec<ObjectId>> {
    let declared = tables
        .iter()
        .filter_map(|marked| Some((marked.table, marked.files?)));
    let declared =
        declared.flat_map(|(table, files)| files.columns.iter().map(move |c| (*c, table)));
    let columns: Vec<(&str, &str)> = [("id", "object")].into_iter().chain(declared).collect();
    db.read((ids, columns), |tx, (ids, columns)| {
        Box::pin(async move {
            let mut unnamed = ids.clone();
            for (column, table) in columns {
                if unnamed.is_empty() {
                    break;
                }
                let places: Vec<String> = (1..=unnamed.len()).map(|at| format!("${at}")).collect();
                let places = places.join(", ");
                let sql = format!("SELECT {column} FROM {table} WHERE {column} IN ({places})");
                let values: Vec<Value> = unnamed.iter().map(Value::from).collect();
                for row in &tx.query(&sql, &values).await? {
                    let named: ObjectId = row.at(0)?;
                    unnamed.retain(|id| *id != named);
                }
            }
            Ok(unnamed)
        })
    })
    .await
}

fn list(folder: &Path) -> std::io::Result<Vec<ObjectId>> {
    let mut found = Vec::new();
    for front in std::fs::read_dir(folder)? {
        let front = front?;
        if front.file_name() == INCOMING || !front.file_type()?.is_dir() {
            continue;
        }
        for rest in std::fs::read_dir(front.path())? {
            let (front, rest) = (front.file_name(), rest?.file_name());
            let name = format!("{}{}", front.to_string_lossy(), rest.to_string_lossy());
            found.extend(ObjectId::parse(&name));
        }
    }
    Ok(found)
}

fn sweep(incoming: &Path) -> std::io::Result<usize> {
    let mut swept = 0;
    for entry in std::fs::read_dir(incoming)? {
        let path = entry?.path();
        if is_left(&path) && std::fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    Ok(swept)
}

/// Nobody writes it any more. A young one may have no lock yet.
fn is_left(path: &Path) -> bool {
    let modified = std::fs::metadata(path).and_then(|about| about.modified());
    let age = modified.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
    age.is_ok_and(|age| age > SETTLED) && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

fn is_sealed(file: &mut impl BufRead) -> std::io::Result<bool> {
    Ok(FileCipher::is_sealed(file.fill_buf()?))
}

/// A file from before files were encrypted. Its name is all that tells whether it is still what was stored.
fn unsealed(mut file: impl Read, id: &ObjectId) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    file.read_to_end(&mut content).map_err(error::unavailable)?;
    if ObjectId::of(&content) == *id {
        Ok(content)
    } else {
        Err(error::damaged("neither encrypted nor what its name says"))
    }
}
