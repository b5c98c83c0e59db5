//! Table `material_file`: what an applicant handed in. Removing is marking.

use tongban_base::{Result, Timestamp};
use tongban_store::{ObjectId, Row, Tx, params};

use crate::model::{DraftId, MaterialFile, MaterialFileId, MaterialRow};

pub fn insert(tx: &mut Tx, draft: DraftId, file: &MaterialFile) {
    tx.insert(
        "INSERT INTO material_file (id, draft_id, material, object, name, media_type, size, uploaded_at)",
        params![
            file.id,
            draft,
            &file.material,
            &file.object,
            &file.name,
            &file.media_type,
            file.size,
            file.uploaded_at
        ],
    );
}

pub async fn remove(tx: &mut Tx, draft: DraftId, id: MaterialFileId, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE material_file SET removed_at = $3 WHERE id = $2 AND draft_id = $1",
        params![draft, id, now],
    )
    .await?;
    Ok(())
}

/// The files that count, in the order of their upload.
pub async fn of_draft(tx: &mut Tx, draft: DraftId) -> Result<Vec<MaterialFile>> {
    tx.query(
        "SELECT id, material, object, name, media_type, size, uploaded_at FROM material_file
         WHERE draft_id = $1 AND removed_at IS NULL ORDER BY uploaded_at, id",
        params![draft],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}

/// Whether any file has this content.
pub async fn names(tx: &mut Tx, object: &ObjectId) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM material_file WHERE object = $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![object]).await?.is_some())
}

/// All that were ever handed in, with when each was taken away.
pub async fn all_of_draft(tx: &mut Tx, draft: DraftId) -> Result<Vec<MaterialRow>> {
    tx.query(
        "SELECT id, material, object, name, media_type, size, uploaded_at, removed_at FROM material_file
         WHERE draft_id = $1 ORDER BY uploaded_at, id",
        params![draft],
    )
    .await?
    .iter()
    .map(|row| {
        Ok(MaterialRow {
            file: read(row)?,
            removed_at: row.get("removed_at")?,
        })
    })
    .collect()
}

fn read(row: &Row) -> Result<MaterialFile> {
    Ok(MaterialFile {
        id: row.get("id")?,
        material: row.get("material")?,
        object: row.get("object")?,
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        size: row.get("size")?,
        uploaded_at: row.get("uploaded_at")?,
    })
}
