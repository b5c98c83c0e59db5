//! Tables `case_record` and `case_wrote`: what a case has started, and the cases that have to do with a record.

use tongban_base::Result;
use tongban_crypto::FieldCipher;
use tongban_operations::About;
use tongban_store::{Tx, params};

use super::cases::{CASES, read};
use crate::model::{Case, CaseId};

/// In the order in which it did.
pub async fn children(tx: &mut Tx, cipher: &FieldCipher, parent: CaseId) -> Result<Vec<Case>> {
    let columns = CASES.select("c");
    let sql = format!(
        "SELECT {columns} FROM case_record c WHERE c.parent = $1 ORDER BY c.submitted_at, c.number LIMIT 200"
    );
    let rows = tx.query(&sql, params![parent]).await?;
    let rows = tx.only_genuine(&CASES, rows)?;
    rows.iter().map(|row| read(row, cipher)).collect()
}

/// A case wrote a record; it may do so several times.
pub async fn wrote(tx: &mut Tx, case: CaseId, record: &About) -> Result<()> {
    let sql = "INSERT INTO case_wrote (about, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    tx.execute(sql, params![record.text(), case]).await?;
    Ok(())
}

pub async fn written_by(tx: &mut Tx, case: CaseId) -> Result<Vec<About>> {
    let sql = "SELECT about FROM case_wrote WHERE case_id = $1 ORDER BY about LIMIT 50";
    let rows = tx.query(sql, params![case]).await?;
    let texts = rows.iter().map(|row| row.get::<String>("about"));
    let texts: Vec<String> = texts.collect::<Result<_>>()?;
    Ok(texts
        .iter()
        .filter_map(|text| About::of_text(text))
        .collect())
}

/// The latest cases that are about a record or wrote it.
pub async fn of_record(tx: &mut Tx, cipher: &FieldCipher, record: &About) -> Result<Vec<Case>> {
    let columns = CASES.select("c");
    let sql = format!(
        "SELECT {columns} FROM case_record c
         WHERE c.about = $1 OR c.id IN (SELECT w.case_id FROM case_wrote w WHERE w.about = $1)
         ORDER BY c.submitted_at DESC, c.id DESC LIMIT 50"
    );
    let rows = tx.query(&sql, params![record.text()]).await?;
    let rows = tx.only_genuine(&CASES, rows)?;
    rows.iter().map(|row| read(row, cipher)).collect()
}
