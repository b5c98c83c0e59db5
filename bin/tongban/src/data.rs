//! The data folder: `tongban.db`, `objects/`, `keys/`.

use std::path::{Path, PathBuf};

use tongban_base::Problem;
use tongban_crypto::KeyRing;
use tongban_store::{Db, Marks, Objects};

use crate::cli::DataArgs;
use crate::failure::Failure;
use crate::installation;

pub struct Data {
    pub folder: PathBuf,
    pub db: Db,
    pub objects: Objects,
    pub ring: KeyRing,
}

pub fn database_file(folder: &Path) -> PathBuf {
    folder.join("tongban.db")
}

pub fn keys_folder(folder: &Path) -> PathBuf {
    folder.join("keys")
}

pub fn objects_folder(folder: &Path) -> PathBuf {
    folder.join("objects")
}

/// What a restore has brought so far; gone when it is done.
pub fn restoring_folder(folder: &Path) -> PathBuf {
    folder.join("restoring")
}

/// A file of each start of the server that runs on this folder, or was killed.
pub fn starts_folder(folder: &Path) -> PathBuf {
    folder.join("starts")
}

impl Data {
    /// Opens what is there and makes what is missing.
    pub async fn open(args: &DataArgs) -> Result<Self, Failure> {
        std::fs::create_dir_all(&args.data).map_err(|cause| {
            Failure::new(format!(
                "数据文件夹 {} 打不开：{cause}",
                args.data.display()
            ))
        })?;
        installation::parts(args, false)?;
        let ring = KeyRing::open_or_create(&keys_folder(&args.data)).map_err(Problem::internal)?;
        Self::with_ring(args, ring).await
    }

    /// Opens a house that has begun; makes nothing.
    pub async fn existing(args: &DataArgs) -> Result<Self, Failure> {
        installation::parts(args, true)?;
        let ring = KeyRing::open(&keys_folder(&args.data)).map_err(Problem::internal)?;
        Self::with_ring(args, ring).await
    }

    async fn with_ring(args: &DataArgs, ring: KeyRing) -> Result<Self, Failure> {
        let db = match &args.database {
            Some(url) => Db::open_postgres(url).await?,
            None => Db::open_sqlite(&database_file(&args.data))?,
        };
        let db = db.with_marks(Marks::of(&ring)?);
        Ok(Self {
            objects: Objects::open(
                &objects_folder(&args.data),
                ring.file_cipher().map_err(Problem::internal)?,
            )?,
            folder: args.data.clone(),
            db,
            ring,
        })
    }
}
