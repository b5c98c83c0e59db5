//! Table `material_file`: what an applicant handed in. Removing is marking.

use tongban_base::{Problem, Result, Timestamp};
use tongban_store::{ObjectId, Row, Tx, params};

use crate::model::{DraftId, FileVerdict, MaterialFile, MaterialFileId, MaterialRow};

pub fn insert(tx: &mut Tx, draft: DraftId, file: &MaterialFile) -> Result<()> {
    tx.insert(
        "INSERT INTO material_file (id, draft_id, material, object, name, media_type, size, uploaded_at, verdict)",
        params![
            file.id,
            draft,
            &file.material,
            &file.object,
            &file.name,
            &file.media_type,
            file.size,
            file.uploaded_at,
            written(file.verdict.as_ref())?
        ],
    );
    Ok(())
}

fn written(verdict: Option<&FileVerdict>) -> Result<Option<String>> {
    let text = verdict.map(serde_json::to_string).transpose();
    text.map_err(Problem::internal)
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
        "SELECT id, material, object, name, media_type, size, uploaded_at, verdict FROM material_file
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
        "SELECT id, material, object, name, media_type, size, uploaded_at, verdict, removed_at FROM material_file
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

/// Bytes that an account has sent since then, what was taken back among them.
pub async fn bytes_of_account(tx: &mut Tx, draft: DraftId, since: Timestamp) -> Result<i64> {
    let row = tx
        .query_one(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS sent FROM material_file
             WHERE uploaded_at > $2 AND draft_id IN
             (SELECT id FROM draft WHERE account = (SELECT account FROM draft WHERE id = $1))",
            params![draft, since],
        )
        .await?;
    row.get("sent")
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
        verdict: row
            .get::<Option<String>>("verdict")?
            .map(|text| serde_json::from_str(&text).map_err(Problem::internal))
            .transpose()?,
    })
}
