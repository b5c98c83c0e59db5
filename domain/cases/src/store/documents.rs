//! Table `case_document`: the letters of a case, and which of them have no file yet.

use tongban_base::{Date, Problem, Result, Scope, Timestamp};
use tongban_crypto::FieldCipher;
use tongban_documents::{Failure, Fault};
use tongban_licences::Overdue;
use tongban_packs::NumberRule;
use tongban_store::{ObjectId, Row, Tx, Value, params};

use super::cases::scoped;
use super::{open_json, seal_json};
use crate::model::{CaseDocument, CaseDocumentId, CaseId, LetterStatus};

const DATA: &str = "case_document.data";
const COLUMNS: &str =
    "d.id, d.case_id, d.template, d.title, d.number, d.data, d.status, d.code, d.made_at,
    d.asked_at, d.fault, d.fault_words, d.fault_since, d.pdf, d.ofd";

pub async fn insert(tx: &mut Tx, cipher: &FieldCipher, document: &CaseDocument) -> Result<()> {
    let data = seal_json(cipher, &document.data, DATA)?;
    tx.execute(
        "INSERT INTO case_document (id, case_id, template, title, number, data, status, made_at, asked_at, code)
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $7, $8)",
        params![
            document.id,
            document.case_id,
            &document.template,
            &document.title,
            &document.number,
            data,
            document.made_at,
            document.code.clone()
        ],
    )
    .await?;
    Ok(())
}

/// Marks a letter as made; one that was declared void meanwhile stays void.
pub async fn made(tx: &mut Tx, id: CaseDocumentId, pdf: &ObjectId, ofd: &ObjectId) -> Result<()> {
    tx.execute(
        "UPDATE case_document SET pdf = $2, ofd = $3, asked_at = NULL, fault = NULL, fault_words = NULL,
             fault_since = NULL, status = CASE WHEN status = 'void' THEN status ELSE 'ready' END
         WHERE id = $1 AND pdf IS NULL",
        params![id, pdf, ofd],
    )
    .await?;
    Ok(())
}

/// The number is kept; the letter no longer holds.
pub async fn void(tx: &mut Tx, id: CaseDocumentId) -> Result<()> {
    tx.execute(
        "UPDATE case_document SET status = 'void', asked_at = NULL WHERE id = $1",
        params![id],
    )
    .await?;
    Ok(())
}

pub async fn load(tx: &mut Tx, cipher: &FieldCipher, id: CaseDocumentId) -> Result<CaseDocument> {
    let row = tx
        .query_one(
            &format!("SELECT {COLUMNS} FROM case_document d WHERE d.id = $1"),
            params![id],
        )
        .await?;
    read(&row, cipher)
}

pub async fn of_case(tx: &mut Tx, cipher: &FieldCipher, case: CaseId) -> Result<Vec<CaseDocument>> {
    tx.query(
        &format!(
            "SELECT {COLUMNS} FROM case_document d WHERE d.case_id = $1 ORDER BY d.made_at, d.id"
        ),
        params![case],
    )
    .await?
    .iter()
    .map(|row| read(row, cipher))
    .collect()
}

/// By its code.
pub async fn by_code(
    tx: &mut Tx,
    cipher: &FieldCipher,
    code: &str,
) -> Result<Option<CaseDocument>> {
    let sql = format!("SELECT {COLUMNS} FROM case_document d WHERE d.code = $1");
    let found = tx.query_opt(&sql, params![code]).await?;
    found.map(|row| read(&row, cipher)).transpose()
}

/// By the digest of one of its files.
pub async fn by_file(
    tx: &mut Tx,
    cipher: &FieldCipher,
    file: &ObjectId,
) -> Result<Option<CaseDocument>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM case_document d WHERE d.id =
             (SELECT id FROM case_document WHERE pdf = $1 UNION SELECT id FROM case_document WHERE ofd = $1 LIMIT 1)"
    );
    let found = tx.query_opt(&sql, params![file]).await?;
    found.map(|row| read(&row, cipher)).transpose()
}

/// Those whose files the case waits for.
pub async fn awaited(tx: &mut Tx, cipher: &FieldCipher, case: CaseId) -> Result<Vec<CaseDocument>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM case_document d WHERE d.case_id = $1 AND d.asked_at IS NOT NULL ORDER BY d.made_at, d.id"
    );
    let rows = tx.query(&sql, params![case]).await?;
    rows.iter().map(|row| read(row, cipher)).collect()
}

/// Whether the case waits for the file of a letter.
pub async fn are_awaited(tx: &mut Tx, case: CaseId) -> Result<bool> {
    let sql =
        "SELECT 1 AS one FROM case_document WHERE case_id = $1 AND asked_at IS NOT NULL LIMIT 1";
    Ok(tx.query_opt(sql, params![case]).await?.is_some())
}

/// Unless the file is there, or nobody wants it any more; tells whether it was written.
pub async fn record_failure(tx: &mut Tx, id: CaseDocumentId, failure: &Failure) -> Result<bool> {
    let status = match failure.is_final {
        true => LetterStatus::Failed,
        false => LetterStatus::Pending,
    };
    let rows = tx
        .execute(
            "UPDATE case_document SET status = $2, fault = $3, fault_words = $4, fault_since = $5
             WHERE id = $1 AND asked_at IS NOT NULL",
            params![
                id,
                status.code(),
                failure.fault.code(),
                &failure.words,
                failure.since
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// The file is waited for from now on; false when it is there, or has been on its way since `late`.
pub async fn ask_again(
    tx: &mut Tx,
    id: CaseDocumentId,
    (late, now): (Timestamp, Timestamp),
) -> Result<bool> {
    let rows = tx
        .execute(
            "UPDATE case_document SET status = 'pending', asked_at = $3, fault = NULL, fault_words = NULL,
                 fault_since = NULL
             WHERE id = $1 AND asked_at IS NOT NULL AND (fault IS NOT NULL OR asked_at < $2)",
            params![id, late, now],
        )
        .await?;
    Ok(rows == 1)
}

/// What failed or has waited since before `late`, in sight of the scope, by how long it has waited.
pub async fn overdue(
    tx: &mut Tx,
    cipher: &FieldCipher,
    scope: &Scope,
    wanted: &Overdue,
) -> Result<Vec<CaseDocument>> {
    let mut values: Vec<Value> = vec![Value::from(wanted.late)];
    let mut conditions =
        vec!["d.asked_at IS NOT NULL AND (d.fault IS NOT NULL OR d.asked_at < $1)".to_owned()];
    scoped(scope, &mut conditions, &mut values);
    if let Some((at, id)) = &wanted.beside {
        values.push(Value::from(*at));
        values.push(Value::from(id));
        let comparison = if wanted.backward { "<" } else { ">" };
        let (at, id) = (values.len() - 1, values.len());
        conditions.push(format!("(d.asked_at, d.id) {comparison} (${at}, ${id})"));
    }
    let order = if wanted.backward { " DESC" } else { "" };
    values.push(Value::from(wanted.limit));
    let sql = format!(
        "SELECT {COLUMNS} FROM case_document d JOIN case_record c ON c.id = d.case_id
         WHERE {} ORDER BY d.asked_at{order}, d.id{order} LIMIT ${}",
        conditions.join(" AND "),
        values.len()
    );
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(|row| read(row, cipher)).collect()
}

fn failure(row: &Row, status: LetterStatus) -> Result<Option<Failure>> {
    let code: Option<String> = row.get("fault")?;
    let Some(code) = code else {
        return Ok(None);
    };
    let fault = Fault::parse(&code);
    Ok(Some(Failure {
        fault: fault.ok_or_else(|| Problem::internal(format!("unknown fault {code}")))?,
        words: row
            .get::<Option<String>>("fault_words")?
            .unwrap_or_default(),
        since: row
            .get::<Option<Timestamp>>("fault_since")?
            .unwrap_or(Timestamp(0)),
        is_final: status == LetterStatus::Failed,
    }))
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
    let status = LetterStatus::parse(&row.get::<String>("status")?)?;
    Ok(CaseDocument {
        failure: failure(row, status)?,
        code: row.get("code")?,
        asked_at: row.get("asked_at")?,
        id: row.get("id")?,
        case_id: row.get("case_id")?,
        template: row.get("template")?,
        title: row.get("title")?,
        number: row.get("number")?,
        data: open_json(cipher, &data, DATA)?,
        status,
        made_at: row.get::<Timestamp>("made_at")?,
        pdf: row.get("pdf")?,
        ofd: row.get("ofd")?,
    })
}
