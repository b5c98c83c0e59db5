//! The data folder: `tongban.db`, `objects/`, `keys/`.

use std::path::{Path, PathBuf};

use tongban_base::Problem;
use tongban_crypto::KeyRing;
use tongban_store::{Db, Marks, Objects, resume_sums};

use crate::cli::DataArgs;
use crate::failure::Failure;
use crate::folders::Held;
use crate::{installation, modules};

pub struct Data {
    pub folder: PathBuf,
    pub db: Db,
    pub objects: Objects,
    pub ring: KeyRing,
    /// For as long as the data is open, nobody restores into the folder.
    pub held: Held,
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
        let held = Held::beside_others(&args.data)?;
        installation::parts(args, false)?;
        installation::keys_may_be_made(args).await?;
        let ring = KeyRing::open_or_create(&keys_folder(&args.data)).map_err(Problem::internal)?;
        let db = database(args, Marks::of(&ring)?).await?;
        installation::files_belong(&args.data, &db).await?;
        Self::with(args, (ring, db, held))
    }

    /// Opens a house that has begun; makes nothing.
    pub async fn existing(args: &DataArgs) -> Result<Self, Failure> {
        installation::parts(args, true)?;
        Self::held(args, Held::beside_others(&args.data)?).await
    }

    /// The same while nobody else uses the folder.
    pub async fn alone(args: &DataArgs) -> Result<Self, Failure> {
        installation::parts(args, true)?;
        Self::held(args, Held::alone(&args.data)?).await
    }

    async fn held(args: &DataArgs, held: Held) -> Result<Self, Failure> {
        let ring = KeyRing::open(&keys_folder(&args.data)).map_err(Problem::internal)?;
        let db = database(args, Marks::of(&ring)?).await?;
        Self::with(args, (ring, db, held))
    }

    /// A new house of which no row is marked, to measure beside one of which they are.
    pub(crate) async fn without_marks(args: &DataArgs) -> Result<Self, Failure> {
        let held = Held::beside_others(&args.data)?;
        let ring = KeyRing::open_or_create(&keys_folder(&args.data)).map_err(Problem::internal)?;
        let db = database(args, Marks::none(&ring)?).await?;
        Self::with(args, (ring, db, held))
    }

    fn with(args: &DataArgs, (ring, db, held): (KeyRing, Db, Held)) -> Result<Self, Failure> {
        Ok(Self {
            objects: Objects::open(
                &objects_folder(&args.data),
                ring.file_cipher().map_err(Problem::internal)?,
            )?,
            folder: args.data.clone(),
            db,
            ring,
            held,
        })
    }
}

async fn database(args: &DataArgs, marks: Marks) -> Result<Db, Failure> {
    let db = match &args.database {
        Some(url) => Db::open_postgres(url).await?,
        None => Db::open_sqlite(&database_file(&args.data))?,
    };
    let db = db.with_marks(marks);
    resume_sums(&db, &modules::marked(&modules::all())).await?;
    Ok(db)
}
