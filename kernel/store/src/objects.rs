//! Files by content: named by the SM3 digest of what they hold, encrypted, written to a temporary file, synced, renamed.
//! A row in `object` is made only after the file is safe.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use tongban_base::{Problem, Result, Timestamp};
use tongban_crypto::{CryptoError, FileCipher, sm3_hex};

use crate::{Db, FromValue, Value, error, params};

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

#[derive(Clone)]
pub struct Objects {
    folder: PathBuf,
    cipher: FileCipher,
}

impl Objects {
    pub fn open(folder: &Path, cipher: FileCipher) -> Result<Self> {
        std::fs::create_dir_all(folder.join("incoming")).map_err(Problem::internal)?;
        Ok(Self {
            folder: folder.to_owned(),
            cipher,
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
        db.write((object.clone(), now), |tx, (object, now)| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO object (id, size, media_type, created_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (id) DO NOTHING",
                    params![&object.id, object.size, &object.media_type, *now],
                )
                .await
            })
        })
        .await?;
        Ok(object)
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
