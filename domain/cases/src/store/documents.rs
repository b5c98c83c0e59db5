//! Table `case_document`: the letters of a case.

use tongban_base::{Date, Result, Timestamp};
use tongban_crypto::FieldCipher;
use tongban_packs::NumberRule;
use tongban_store::{ObjectId, Row, Tx, params};

use super::{open_json, seal_json};
use crate::model::{CaseDocument, CaseDocumentId, CaseId};

const DATA: &str = "case_document.data";
const COLUMNS: &str = "id, case_id, template, title, number, data, status, made_at, pdf, ofd";

pub async fn insert(tx: &mut Tx, cipher: &FieldCipher, document: &CaseDocument) -> Result<()> {
    let data = seal_json(cipher, &document.data, DATA)?;
    tx.execute(
        "INSERT INTO case_document (id, case_id, template, title, number, data, status, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7)",
        params![
            document.id,
            document.case_id,
            &document.template,
            &document.title,
            &document.number,
            data,
            document.made_at
        ],
    )
    .await?;
    Ok(())
}

/// Marks a letter as made; one that was declared void meanwhile stays void.
pub async fn made(tx: &mut Tx, id: CaseDocumentId, pdf: &ObjectId, ofd: &ObjectId) -> Result<()> {
    tx.execute(
        "UPDATE case_document SET pdf = $2, ofd = $3,
             status = CASE WHEN status = 'pending' THEN 'ready' ELSE status END
         WHERE id = $1",
        params![id, pdf, ofd],
    )
    .await?;
    Ok(())
}

/// The number is kept; the letter no longer holds.
pub async fn void(tx: &mut Tx, id: CaseDocumentId) -> Result<()> {
    tx.execute(
        "UPDATE case_document SET status = 'void' WHERE id = $1",
        params![id],
    )
    .await?;
    Ok(())
}

pub async fn load(tx: &mut Tx, cipher: &FieldCipher, id: CaseDocumentId) -> Result<CaseDocument> {
    let row = tx
        .query_one(
            &format!("SELECT {COLUMNS} FROM case_document WHERE id = $1"),
            params![id],
        )
        .await?;
    read(&row, cipher)
}

pub async fn of_case(tx: &mut Tx, cipher: &FieldCipher, case: CaseId) -> Result<Vec<CaseDocument>> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM case_document WHERE case_id = $1 ORDER BY made_at, id"),
        params![case],
    )
    .await?
    .iter()
    .map(|row| read(row, cipher))
    .collect()
}

/// The next number of a rule; counted without gaps.
pub async fn next_number(
    tx: &mut Tx,
    rule: &NumberRule,
    letter: &str,
    day: Date,
) -> Result<String> {
    let former = format!("document:{letter}:");
    rule.next(tx, day, &former).await
}

/// The number of a letter without a rule: its case's, and which one it is when it is made again.
pub async fn number_of_case(tx: &mut Tx, case: CaseId, stem: &str, letter: &str) -> Result<String> {
    let made: i64 = tx
        .query_one(
            "SELECT COUNT(*) AS made FROM case_document WHERE case_id = $1 AND template = $2",
            params![case, letter],
        )
        .await?
        .get("made")?;
    Ok(match made {
        0 => format!("{stem}-{letter}"),
        _ => format!("{stem}-{letter}-{}", made + 1),
    })
}

fn read(row: &Row, cipher: &FieldCipher) -> Result<CaseDocument> {
    let data: String = row.get("data")?;
    Ok(CaseDocument {
        id: row.get("id")?,
        case_id: row.get("case_id")?,
        template: row.get("template")?,
        title: row.get("title")?,
        number: row.get("number")?,
        data: open_json(cipher, &data, DATA)?,
        status: row.get("status")?,
        made_at: row.get::<Timestamp>("made_at")?,
        pdf: row.get("pdf")?,
        ofd: row.get("ofd")?,
    })
}
