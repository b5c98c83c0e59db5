//! Tables `case_record` and `case_wrote`: what a case has started, and the cases that have to do with a record.

use tongban_base::Result;
use tongban_crypto::FieldCipher;
use tongban_operations::About;
use tongban_store::{Marked, Row, Tx, Value, params};

use super::cases::{CASES, read};
use crate::model::{Case, CaseId};

pub(crate) static WROTE: Marked = Marked::keyed("case_wrote", 2, &["about", "case_id"], &[]);

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
    let known = "w.about = $1 AND w.case_id = $2";
    if !links(tx, known, params![record.text(), case])
        .await?
        .is_empty()
    {
        return Ok(());
    }
    tx.insert_marked(&WROTE, params![record.text(), case])
}

/// Those that this program has written.
async fn links(tx: &mut Tx, which: &str, given: &[Value]) -> Result<Vec<Row>> {
    let sql = format!(
        "SELECT {} FROM case_wrote w WHERE {which} ORDER BY w.case_id DESC, w.about LIMIT 50",
        WROTE.select("w")
    );
    let rows = tx.query(&sql, given).await?;
    tx.only_genuine(&WROTE, rows)
}

pub async fn written_by(tx: &mut Tx, case: CaseId) -> Result<Vec<About>> {
    let rows = links(tx, "w.case_id = $1", params![case]).await?;
    let texts = rows.iter().map(|row| row.get::<String>("about"));
    let texts: Vec<String> = texts.collect::<Result<_>>()?;
    Ok(texts
        .iter()
        .filter_map(|text| About::of_text(text))
        .collect())
}

/// The latest cases that are about a record or wrote it.
pub async fn of_record(tx: &mut Tx, cipher: &FieldCipher, record: &About) -> Result<Vec<Case>> {
    let links = links(tx, "w.about = $1", params![record.text()]).await?;
    let mut given = params![record.text()].to_vec();
    let mut places = Vec::with_capacity(links.len());
    for link in &links {
        given.push(Value::from(link.get::<CaseId>("case_id")?));
        places.push(format!("${}", given.len()));
    }
    let wrote = match places.is_empty() {
        true => String::new(),
        false => format!(" OR c.id IN ({})", places.join(", ")),
    };
    let columns = CASES.select("c");
    let sql = format!(
        "SELECT {columns} FROM case_record c WHERE c.about = $1{wrote}
         ORDER BY c.submitted_at DESC, c.id DESC LIMIT 50"
    );
    let rows = tx.query(&sql, &given).await?;
    let rows = tx.only_genuine(&CASES, rows)?;
    rows.iter().map(|row| read(row, cipher)).collect()
}
