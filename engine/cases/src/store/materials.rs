//! Table `material_file`: what an applicant handed in. Removing is marking.

use std::collections::BTreeSet;

use tongban_base::{Problem, Result, Timestamp, Uuid};
use tongban_store::{Files, Marked, ObjectId, Row, Tx, Value, params};

use crate::model::{CaseId, DraftId, FileVerdict, MaterialFile, MaterialFileId, MaterialRow};

pub(crate) static FILES: Marked = Marked::new(
    "material_file",
    &[
        "id",
        "draft_id",
        "material",
        "object",
        "name",
        "media_type",
        "size",
        "uploaded_at",
        "verdict",
        "removed_at",
        "origin",
    ],
    &[],
)
.with_later(&["origin"])
.with_files(Files {
    columns: &["object"],
    of: "SELECT COALESCE('办件 ' || c.number, '草稿 ' || m.draft_id) || ' 的材料 ' || m.name AS words
        FROM material_file m LEFT JOIN case_record c ON c.draft_id = m.draft_id WHERE m.id = $1",
});

pub fn insert(tx: &mut Tx, draft: DraftId, file: &MaterialFile) -> Result<()> {
    tx.insert_marked(
        &FILES,
        params![
            file.id,
            draft,
            &file.material,
            &file.object,
            &file.name,
            &file.media_type,
            file.size,
            file.uploaded_at,
            written(file.verdict.as_ref())?,
            Value::Null,
            &file.origin
        ],
    )
}

fn written(verdict: Option<&FileVerdict>) -> Result<Option<String>> {
    let text = verdict.map(serde_json::to_string).transpose();
    text.map_err(Problem::internal)
}

pub async fn remove(tx: &mut Tx, draft: DraftId, id: MaterialFileId, now: Timestamp) -> Result<()> {
    let by = [("id", id.into()), ("draft_id", draft.into())];
    let removed = |_: &Row| Ok(Some(vec![("removed_at", Value::from(now))]));
    tx.change(&FILES, &by, removed).await?;
    Ok(())
}

/// The files that count, in the order of their upload.
/// Errors: one of them was changed beside the program.
pub async fn of_draft(tx: &mut Tx, draft: DraftId) -> Result<Vec<MaterialFile>> {
    let rows = rows(tx, draft, "AND f.removed_at IS NULL").await?;
    rows.iter()
        .map(|row| tx.genuine(&FILES, row).and_then(|()| read(row)))
        .collect()
}

async fn rows(tx: &mut Tx, draft: DraftId, narrower: &str) -> Result<Vec<Row>> {
    let columns = FILES.select("f");
    let sql = format!(
        "SELECT {columns} FROM material_file f WHERE f.draft_id = $1 {narrower} ORDER BY f.uploaded_at, f.id"
    );
    tx.query(&sql, params![draft]).await
}

/// Whether any file has this content.
pub async fn names(tx: &mut Tx, object: &ObjectId) -> Result<bool> {
    let sql = "SELECT 1 AS one FROM material_file WHERE object = $1 LIMIT 1";
    Ok(tx.query_opt(sql, params![object]).await?.is_some())
}

/// All that were ever handed in, with when each was taken away.
pub async fn all_of_draft(tx: &mut Tx, draft: DraftId) -> Result<Vec<MaterialRow>> {
    let rows = rows(tx, draft, "").await?;
    let row = |row: &Row| {
        Ok(MaterialRow {
            file: read(row)?,
            removed_at: row.get("removed_at")?,
        })
    };
    tx.only_genuine(&FILES, rows)?.iter().map(row).collect()
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

/// Bytes that an account keeps here.
pub async fn bytes_kept(tx: &mut Tx, account: Uuid) -> Result<i64> {
    let row = tx
        .query_one(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS kept FROM material_file
             WHERE removed_at IS NULL AND draft_id IN (SELECT id FROM draft WHERE account = $1)",
            params![account],
        )
        .await?;
    row.get("kept")
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
        origin: row.get("origin")?,
    })
}

/// Ids of all that was ever handed in for a case, and of its letters.
pub async fn files_and_letters(tx: &mut Tx, case: CaseId) -> Result<BTreeSet<String>> {
    let sql = "SELECT f.id FROM material_file f JOIN case_record c ON c.draft_id = f.draft_id WHERE c.id = $1
               UNION ALL SELECT id FROM case_document WHERE case_id = $1";
    let rows = tx.query(sql, params![case]).await?;
    rows.iter().map(|row| row.at(0)).collect()
}
