//! Table `case_document`: the letters of a case, and which of them have no file yet.

use crate::paper::Overdue;
use tongban_base::{Date, Problem, Result, Scope, Timestamp};
use tongban_crypto::FieldCipher;
use tongban_documents::{Failure, Fault};
use tongban_packs::NumberRule;
use tongban_store::{Changes, Files, Key, List, Marked, ObjectId, Order, Row, Tx, Value, params};

use super::cases::IN_SIGHT;
use super::{open_json, seal_json};
use crate::model::{CaseDocument, CaseDocumentId, CaseId, LetterStatus};

const DATA: &str = "case_document.data";

/// What a letter says and where its files lie; since when it is waited for and why it is not there are not covered.
pub(crate) static LETTERS: Marked = Marked::new(
    "case_document",
    &[
        "id", "case_id", "template", "title", "number", "code", "data", "made_at", "status", "pdf",
        "ofd",
    ],
    &["asked_at"],
)
.with_files(Files {
    columns: &["pdf", "ofd"],
    of: "SELECT '办件 ' || c.number || ' 的文书 ' || d.title AS words
        FROM case_document d JOIN case_record c ON c.id = d.case_id WHERE d.id = $1",
});

fn columns() -> String {
    let covered = LETTERS.select("d");
    format!("{covered}, d.asked_at, d.fault, d.fault_words, d.fault_since")
}

pub async fn insert(tx: &mut Tx, cipher: &FieldCipher, document: &CaseDocument) -> Result<()> {
    tx.insert_marked(
        &LETTERS,
        params![
            document.id,
            document.case_id,
            &document.template,
            &document.title,
            &document.number,
            document.code.clone(),
            seal_json(cipher, &document.data, DATA, document.id)?,
            document.made_at,
            LetterStatus::Pending.code(),
            Value::Null,
            Value::Null,
            document.made_at
        ],
    )?;
    // A number that is taken is told now.
    tx.flush().await
}

const NO_FAULT: [(&str, Value); 3] = [
    ("fault", Value::Null),
    ("fault_words", Value::Null),
    ("fault_since", Value::Null),
];

async fn change(
    tx: &mut Tx,
    id: CaseDocumentId,
    changes: impl Fn(&Row) -> Result<Option<Changes>> + Send + Sync,
) -> Result<bool> {
    let found = tx.change(&LETTERS, &[("id", id.into())], changes).await?;
    Ok(found.is_some())
}

/// Marks a letter as made; one that was declared void meanwhile stays void.
pub async fn made(tx: &mut Tx, id: CaseDocumentId, pdf: &ObjectId, ofd: &ObjectId) -> Result<()> {
    let made = |row: &Row| {
        if *row.value("pdf")? != Value::Null {
            return Ok(None);
        }
        let status = match LetterStatus::parse(&row.get::<String>("status")?)? {
            LetterStatus::Void => LetterStatus::Void,
            _ => LetterStatus::Ready,
        };
        let mut changes = vec![
            ("pdf", pdf.into()),
            ("ofd", ofd.into()),
            ("status", status.code().into()),
            ("asked_at", Value::Null),
        ];
        changes.extend(NO_FAULT);
        Ok(Some(changes))
    };
    change(tx, id, made).await.map(drop)
}

/// The number is kept; the letter no longer holds.
pub async fn void(tx: &mut Tx, id: CaseDocumentId) -> Result<()> {
    let void = |_: &Row| {
        let status = ("status", LetterStatus::Void.code().into());
        Ok(Some(vec![status, ("asked_at", Value::Null)]))
    };
    change(tx, id, void).await.map(drop)
}

pub async fn load(tx: &mut Tx, cipher: &FieldCipher, id: CaseDocumentId) -> Result<CaseDocument> {
    let found = one(tx, cipher, "d.id = $1", params![id]).await?;
    found.ok_or_else(Problem::not_found)
}

async fn one(
    tx: &mut Tx,
    cipher: &FieldCipher,
    by: &str,
    given: &[Value],
) -> Result<Option<CaseDocument>> {
    let sql = format!("SELECT {} FROM case_document d WHERE {by}", columns());
    let found = tx.query_marked(&LETTERS, &sql, given).await?;
    found.map(|row| read(&row, cipher)).transpose()
}

/// In the order in which they were made. Errors: one of them was changed beside the program.
async fn many(
    tx: &mut Tx,
    cipher: &FieldCipher,
    case: CaseId,
    narrower: &str,
) -> Result<Vec<CaseDocument>> {
    let sql = format!(
        "SELECT {} FROM case_document d WHERE d.case_id = $1 {narrower} ORDER BY d.made_at, d.id",
        columns()
    );
    let rows = tx.query(&sql, params![case]).await?;
    rows.iter()
        .map(|row| tx.genuine(&LETTERS, row).and_then(|()| read(row, cipher)))
        .collect()
}

pub async fn of_case(tx: &mut Tx, cipher: &FieldCipher, case: CaseId) -> Result<Vec<CaseDocument>> {
    many(tx, cipher, case, "").await
}

/// By its code.
pub async fn by_code(
    tx: &mut Tx,
    cipher: &FieldCipher,
    code: &str,
) -> Result<Option<CaseDocument>> {
    one(tx, cipher, "d.code = $1", params![code]).await
}

/// By the digest of one of its files.
pub async fn by_file(
    tx: &mut Tx,
    cipher: &FieldCipher,
    file: &ObjectId,
) -> Result<Option<CaseDocument>> {
    let by = "d.id = (SELECT id FROM case_document WHERE pdf = $1
        UNION SELECT id FROM case_document WHERE ofd = $1 LIMIT 1)";
    one(tx, cipher, by, params![file]).await
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
    let failed = |row: &Row| {
        if *row.value("asked_at")? == Value::Null {
            return Ok(None);
        }
        Ok(Some(vec![
            ("status", status.code().into()),
            ("fault", failure.fault.code().into()),
            ("fault_words", (&failure.words).into()),
            ("fault_since", failure.since.into()),
        ]))
    };
    change(tx, id, failed).await
}

/// The file is waited for from now on; false when it is there, or has been on its way since `late`.
pub async fn ask_again(
    tx: &mut Tx,
    id: CaseDocumentId,
    (late, now): (Timestamp, Timestamp),
) -> Result<bool> {
    let asked = |row: &Row| {
        let since: Option<Timestamp> = row.get("asked_at")?;
        let failed = *row.value("fault")? != Value::Null;
        if !since.is_some_and(|since| failed || since.0 < late.0) {
            return Ok(None);
        }
        let status = ("status", LetterStatus::Pending.code().into());
        let mut changes = vec![status, ("asked_at", now.into())];
        changes.extend(NO_FAULT);
        Ok(Some(changes))
    };
    change(tx, id, asked).await
}

/// For the words about a letter of the case `c` that could not be made.
pub const FAILURE: &str = "SELECT d.title || '没有制作出来：' || COALESCE(d.fault_words, '') FROM case_document d
     WHERE d.case_id = c.id AND d.asked_at IS NOT NULL AND d.fault IS NOT NULL ORDER BY d.made_at, d.id LIMIT 1";

/// The longest waited for first.
const BY_WAIT: Order = Order {
    keys: &[Key::Number("d.asked_at"), Key::Text("d.id")],
    falling: false,
};

/// What failed or has waited since before `late`, in sight of the scope, by how long it has waited.
pub async fn overdue(
    tx: &mut Tx,
    cipher: &FieldCipher,
    scope: &Scope,
    wanted: &Overdue,
) -> Result<Vec<CaseDocument>> {
    let tables = "case_document d JOIN case_record c ON c.id = d.case_id";
    let mut list = List::new(columns(), tables, BY_WAIT);
    let late = list.given(wanted.late);
    list.only(format!(
        "d.asked_at IS NOT NULL AND (d.fault IS NOT NULL OR d.asked_at < {late})"
    ));
    list.within(scope, IN_SIGHT);
    let at = (wanted.at.as_ref(), wanted.limit);
    let page = list.page(tx, at, |tx, row| match tx.fits_at(&LETTERS, row, 0)? {
        true => read(row, cipher).map(Some),
        false => Ok(None),
    });
    Ok(page.await?.rows)
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
    let (id, data): (CaseDocumentId, String) = (row.get("id")?, row.get("data")?);
    let status = LetterStatus::parse(&row.get::<String>("status")?)?;
    Ok(CaseDocument {
        failure: failure(row, status)?,
        code: row.get("code")?,
        asked_at: row.get("asked_at")?,
        id,
        case_id: row.get("case_id")?,
        template: row.get("template")?,
        title: row.get("title")?,
        number: row.get("number")?,
        data: open_json(cipher, &data, DATA, id)?,
        status,
        made_at: row.get::<Timestamp>("made_at")?,
        pdf: row.get("pdf")?,
        ofd: row.get("ofd")?,
    })
}
