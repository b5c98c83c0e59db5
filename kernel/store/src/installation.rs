//! Which house a database belongs to, and of which kind it is: one row, written at the first start. Its mark fits only
//! under the keys of the same house.

use tongban_base::{Result, Timestamp, Uuid};

use crate::digest::tables;
use crate::mark::Marked;
use crate::{Db, Tx, params};

pub(crate) static INSTALLATION: Marked =
    Marked::new("installation", &["id", "kind", "begun_at"], &[]);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub id: Uuid,
    /// A word of whoever starts houses.
    pub kind: String,
    pub begun_at: Timestamp,
}

/// None in a database where no house has begun.
/// Errors: the row was changed, or the keys are those of another house.
pub async fn installation(db: &Db) -> Result<Option<Installation>> {
    db.read((), |tx, ()| {
        Box::pin(async move {
            match tables(tx).await?.iter().any(|t| t == INSTALLATION.table) {
                true => read(tx).await,
                false => Ok(None),
            }
        })
    })
    .await
}

/// Whether any house has begun here, asked without its keys.
pub async fn has_begun(db: &Db) -> Result<bool> {
    db.read((), |tx, ()| {
        Box::pin(async move {
            let has_table = tables(tx).await?.iter().any(|t| t == INSTALLATION.table);
            let sql = "SELECT id FROM installation LIMIT 1";
            Ok(has_table && tx.query_opt(sql, params![]).await?.is_some())
        })
    })
    .await
}

async fn read(tx: &mut Tx) -> Result<Option<Installation>> {
    let sql = format!("SELECT {} FROM installation i", INSTALLATION.select("i"));
    let row = tx.query_marked(&INSTALLATION, &sql, params![]).await?;
    row.map(|row| {
        Ok(Installation {
            id: row.get("id")?,
            kind: row.get("kind")?,
            begun_at: row.get("begun_at")?,
        })
    })
    .transpose()
}

/// Gives what is there in the end: another node may have been faster.
pub async fn begin_installation(db: &Db, new: Installation) -> Result<Installation> {
    db.write(new, |tx, new| {
        Box::pin(async move {
            if let Some(there) = read(tx).await? {
                return Ok(there);
            }
            let row = params![new.id, &new.kind, new.begun_at];
            tx.insert_marked(&INSTALLATION, row)?;
            Ok(new.clone())
        })
    })
    .await
}
