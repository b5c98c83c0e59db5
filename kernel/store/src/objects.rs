//! Files by content: named by the SM3 digest of what they hold, encrypted, written to a temporary file, synced, renamed.
//! A row in `object` is made only after the file is safe, in the transaction that names it.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tongban_base::{Problem, Result, Timestamp};
use tongban_crypto::{CryptoError, FileCipher, sm3_hex};

use crate::{Db, FromValue, Tx, Value, error, params};

/// The digest of the content before it is encrypted, in hexadecimal. It is not keyed, because a licence file is known
/// again by it (`domain/licences/src/service/verify.rs`) and the same content must stay one file when keys rotate; so
/// whoever has the folder cannot read a file, but can tell whether a file that he has himself lies in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
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

/// Takes the record of an object away that was made at this moment, and by nobody before; false when it is older. The
/// caller knows that nothing names it any more, and removes the file after the commit.
pub async fn unrecord(tx: &mut Tx, id: &ObjectId, made_at: Timestamp) -> Result<bool> {
    let sql = "DELETE FROM object WHERE id = $1 AND created_at = $2";
    Ok(tx.execute(sql, params![id, made_at]).await? == 1)
}

/// A file that is safe but that no row names yet. While one is held, no file is removed.
pub struct Kept {
    pub object: StoredObject,
    _held: OwnedRwLockReadGuard<()>,
}

#[derive(Clone)]
pub struct Objects {
    folder: PathBuf,
    cipher: FileCipher,
    /// Held by whoever stores a file until its row is written; taken whole by whoever removes one.
    holders: Arc<RwLock<()>>,
}

impl Objects {
    pub fn open(folder: &Path, cipher: FileCipher) -> Result<Self> {
        std::fs::create_dir_all(folder.join("incoming")).map_err(Problem::internal)?;
        Ok(Self {
            folder: folder.to_owned(),
            cipher,
            holders: Arc::default(),
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
        let kept = self.keep(content, media_type).await?;
        db.write((kept.object.clone(), now), |tx, (object, now)| {
            Box::pin(async move {
                object.record(tx, *now);
                Ok(())
            })
        })
        .await?;
        Ok(kept.object.clone())
    }

    /// Stores a file durably; the caller writes `record` in the transaction that names it, or gives it to `forget`.
    pub async fn keep(&self, content: Vec<u8>, media_type: &str) -> Result<Kept> {
        let held = Arc::clone(&self.holders).read_owned().await;
        let size = content.len();
        let this = self.clone();
        let id = tokio::task::spawn_blocking(move || this.write(&content))
            .await
            .map_err(Problem::internal)??;
        let object = StoredObject {
            id,
            size,
            media_type: media_type.to_owned(),
        };
        Ok(Kept {
            object,
            _held: held,
        })
    }

    /// Whether files can be stored now: one is written and removed.
    pub async fn try_out(&self) -> Result<()> {
        let trial = self.folder.join("incoming").join(".trial");
        tokio::task::spawn_blocking(move || {
            let written = File::create(&trial).and_then(|mut file| {
                file.write_all(b"trial")?;
                file.sync_all()
            });
            let _ = std::fs::remove_file(&trial);
            written.map_err(|cause| match cause.kind() {
                ErrorKind::StorageFull => error::full(cause),
                _ => error::unavailable(cause),
            })
        })
        .await
        .map_err(Problem::internal)?
    }

    /// Removes a file that no row came to name.
    pub async fn forget(&self, db: &Db, kept: Kept) -> Result<()> {
        self.forget_all(db, vec![kept]).await
    }

    /// The same of several: none of them is held any more before the first is removed.
    pub async fn forget_all(&self, db: &Db, kept: Vec<Kept>) -> Result<()> {
        let ids: Vec<ObjectId> = kept.into_iter().map(|one| one.object.id.clone()).collect();
        for id in ids {
            self.remove_unnamed(db, &id).await?;
        }
        Ok(())
    }

    /// Removes a file unless a row names it.
    pub async fn remove_unnamed(&self, db: &Db, id: &ObjectId) -> Result<()> {
        let _alone = self.holders.write().await;
        let named = db
            .read(id.clone(), |tx, id| {
                Box::pin(async move {
                    let sql = "SELECT 1 AS one FROM object WHERE id = $1";
                    tx.query_opt(sql, params![id]).await
                })
            })
            .await?;
        match named {
            Some(_) => Ok(()),
            None => match std::fs::remove_file(self.path(id)) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => Err(error::unavailable(cause)),
                _ => Ok(()),
            },
        }
    }

    /// Errors: `store.object_damaged` if the file is not what was stored, or was encrypted with another key.
    pub async fn get(&self, id: &ObjectId) -> Result<Vec<u8>> {
        let (this, id) = (self.clone(), id.clone());
        tokio::task::spawn_blocking(move || this.read(&id))
            .await
            .map_err(Problem::internal)?
    }

    fn read(&self, id: &ObjectId) -> Result<Vec<u8>> {
        let file = File::open(self.path(id)).map_err(|cause| match cause.kind() {
            ErrorKind::NotFound => Problem::not_found().with_cause(cause),
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

    fn write(&self, content: &[u8]) -> Result<ObjectId> {
        let id = ObjectId::of(content);
        let target = self.path(&id);
        let there = File::open(&target).is_ok_and(|file| {
            let sealed = is_sealed(&mut BufReader::new(file));
            sealed.unwrap_or(false)
        });
        if there {
            return Ok(id);
        }
        self.place(&target, &id, content)
            .map_err(|cause| match cause {
                CryptoError::File(cause) if cause.kind() == ErrorKind::StorageFull => {
                    error::full(cause)
                }
                CryptoError::File(cause) => error::unavailable(cause),
                cause => Problem::internal(cause),
            })?;
        Ok(id)
    }

    fn place(
        &self,
        target: &Path,
        id: &ObjectId,
        content: &[u8],
    ) -> std::result::Result<(), CryptoError> {
        let name = tongban_base::Uuid::now_v7().to_string();
        let incoming = self.folder.join("incoming").join(name);
        let mut file = File::create(&incoming)?;
        let written = self
            .cipher
            .seal(content, id.as_str(), &mut file)
            .and_then(|()| Ok(file.sync_all()?));
        if let Err(cause) = written {
            let _ = std::fs::remove_file(&incoming);
            return Err(cause);
        }
        let folder = target.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        std::fs::rename(&incoming, target)?;
        // The file in its folder, and the folder, which may be new, in the one above.
        File::open(folder)?.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    fn path(&self, id: &ObjectId) -> PathBuf {
        let (front, rest) = id.0.split_at(2.min(id.0.len()));
        self.folder.join(front).join(rest)
    }
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
