//! Table `material_file`: what an applicant handed in. Removing is marking.

use tongban_base::{Result, Timestamp};
use tongban_store::{Row, Tx, params};

use crate::model::{DraftId, MaterialFile, MaterialFileId};

pub async fn insert(tx: &mut Tx, draft: DraftId, file: &MaterialFile) -> Result<()> {
    tx.execute(
        "INSERT INTO material_file (id, draft_id, material, object, name, media_type, size, uploaded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
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
    )
    .await?;
    Ok(())
}

pub async fn remove(tx: &mut Tx, draft: DraftId, id: MaterialFileId, now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE material_file SET removed_at = $3 WHERE id = $2 AND draft_id = $1 AND removed_at IS NULL",
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
