//! Files by content: named by the SM3 digest of what they hold, written to a temporary file, synced, renamed.
//! A row in `object` is made only after the file is safe.

use std::io::Write;
use std::path::{Path, PathBuf};

use sm3::{Digest, Sm3};
use tongban_base::{Problem, Result, Timestamp};

use crate::{Db, FromValue, Value, error, params};

/// The digest of the content, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct ObjectId(String);

impl ObjectId {
    pub fn of(content: &[u8]) -> Self {
        Self(hex::encode(Sm3::digest(content)))
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

/// Seals and opens the bytes of an object; the key ring gives one, so that files lie encrypted.
pub trait ObjectCipher: Send + Sync {
    fn seal(&self, id: &str, plain: &[u8]) -> Result<Vec<u8>>;
    fn open(&self, id: &str, sealed: &[u8]) -> Result<Vec<u8>>;
}

#[derive(Clone)]
pub struct Objects {
    folder: PathBuf,
    cipher: Option<std::sync::Arc<dyn ObjectCipher>>,
}

impl Objects {
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder.join("incoming")).map_err(Problem::internal)?;
        Ok(Self {
            folder: folder.to_owned(),
            cipher: None,
        })
    }

    pub fn with_cipher(mut self, cipher: std::sync::Arc<dyn ObjectCipher>) -> Self {
        self.cipher = Some(cipher);
        self
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

    pub async fn get(&self, id: &ObjectId) -> Result<Vec<u8>> {
        let (this, id) = (self.clone(), id.clone());
        tokio::task::spawn_blocking(move || this.read(&id))
            .await
            .map_err(Problem::internal)?
    }

    fn read(&self, id: &ObjectId) -> Result<Vec<u8>> {
        let sealed = std::fs::read(self.path(id)).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::NotFound => Problem::not_found().with_cause(cause),
            _ => error::unavailable(cause),
        })?;
        match &self.cipher {
            Some(cipher) => cipher.open(id.as_str(), &sealed),
            None => Ok(sealed),
        }
    }

    fn write(&self, content: &[u8]) -> Result<ObjectId> {
        let id = ObjectId::of(content);
        let target = self.path(&id);
        if target.exists() {
            return Ok(id);
        }
        let sealed = match &self.cipher {
            Some(cipher) => cipher.seal(id.as_str(), content)?,
            None => content.to_vec(),
        };
        self.place(&target, &sealed).map_err(|cause| {
            if cause.kind() == std::io::ErrorKind::StorageFull {
                error::full(cause)
            } else {
                error::unavailable(cause)
            }
        })?;
        Ok(id)
    }

    fn place(&self, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let name = tongban_base::Uuid::now_v7().to_string();
        let incoming = self.folder.join("incoming").join(name);
        let mut file = std::fs::File::create(&incoming)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if let Err(cause) = written {
            let _ = std::fs::remove_file(&incoming);
            return Err(cause);
        }
        let folder = target.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        std::fs::rename(&incoming, target)?;
        std::fs::File::open(folder)?.sync_all()
    }

    fn path(&self, id: &ObjectId) -> PathBuf {
        let (front, rest) = id.0.split_at(2.min(id.0.len()));
        self.folder.join(front).join(rest)
    }
}
