//! Editions whose files are waited for: which, since when, and why they are not there.

use tongban_base::{Result, Scope, Timestamp};
use tongban_cases::{Overdue, Paper};
use tongban_documents::{Failure, Fault};
use tongban_store::{Key, List, Order, Row, Tx, Value, params};

use super::editions::{NO_FAULT, change, is_unmade};
use super::search::IN_SIGHT;
use crate::model::{LicenceId, Photo, paper_id};

/// What a row says of a failure.
pub(super) fn failure(row: &Row, is_final: bool) -> Result<Option<Failure>> {
    let code: Option<String> = row.get("fault")?;
    let Some(fault) = code.and_then(|code| Fault::parse(&code)) else {
        return Ok(None);
    };
    Ok(Some(Failure {
        fault,
        words: row
            .get::<Option<String>>("fault_words")?
            .unwrap_or_default(),
        since: row
            .get::<Option<Timestamp>>("fault_since")?
            .unwrap_or(Timestamp(0)),
        is_final,
    }))
}

/// Unless the files are there, or nobody wants them any more; tells whether it was written.
pub(crate) async fn record_failure(
    tx: &mut Tx,
    (licence, version): (LicenceId, i64),
    failure: &Failure,
) -> Result<bool> {
    let state = if failure.is_final {
        "failed"
    } else {
        "pending"
    };
    let failed = |row: &Row| {
        let asked: Option<Timestamp> = row.get("asked_at")?;
        let changes = vec![
            ("state", state.into()),
            ("fault", failure.fault.code().into()),
            ("fault_words", (&failure.words).into()),
            ("fault_since", failure.since.into()),
            ("asked_at", asked.unwrap_or(failure.since).into()),
        ];
        Ok(is_unmade(row)?.then_some(changes))
    };
    change(tx, (licence, version), failed).await
}

/// Whether a case waits for files of a licence.
pub(crate) async fn are_awaited(tx: &mut Tx, case_id: &str) -> Result<bool> {
    let sql =
        "SELECT 1 AS one FROM licence_edition WHERE case_id = $1 AND asked_at IS NOT NULL LIMIT 1";
    Ok(tx.query_opt(sql, params![case_id]).await?.is_some())
}

/// The version of a licence that is being made, with the case that waits for it.
pub(crate) async fn in_making(
    tx: &mut Tx,
    licence: LicenceId,
    version: i64,
) -> Result<Option<(i64, Option<String>)>> {
    let sql = "SELECT version, case_id FROM licence_edition
        WHERE licence_id = $1 AND version > $2 AND asked_at IS NOT NULL ORDER BY version LIMIT 1";
    let found = tx.query_opt(sql, params![licence, version]).await?;
    found
        .map(|row| Ok((row.get("version")?, row.get("case_id")?)))
        .transpose()
}

/// Nobody wants these files any more.
pub(crate) async fn give_up(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<()> {
    let void = |row: &Row| {
        let unmade = *row.value("made_at")? == Value::Null;
        Ok(unmade.then(|| vec![("state", "void".into()), ("asked_at", Value::Null)]))
    };
    change(tx, (licence, version), void).await.map(drop)
}

/// The files are waited for from now on; false when they are there, or are being made for no longer than `late` allows.
pub(crate) async fn ask_again(
    tx: &mut Tx,
    (licence, version): (LicenceId, i64),
    (late, now): (Timestamp, Timestamp),
) -> Result<bool> {
    let asked = |row: &Row| {
        let since: Option<Timestamp> = row.get("asked_at")?;
        let failed = *row.value("fault")? != Value::Null;
        let mut changes = vec![("state", "pending".into()), ("asked_at", now.into())];
        changes.extend(NO_FAULT);
        let waits = since.is_some_and(|since| failed || since.0 < late.0);
        Ok(waits.then_some(changes))
    };
    change(tx, (licence, version), asked).await
}

/// `face` is encrypted.
pub(crate) async fn set_photo(
    tx: &mut Tx,
    (licence, version): (LicenceId, i64),
    photo: &Photo,
    face: &str,
) -> Result<()> {
    let exchanged = |row: &Row| {
        let unmade = *row.value("made_at")? == Value::Null;
        let changes = vec![
            ("photo", photo.object.clone().into()),
            ("photo_path", photo.path.clone().into()),
            ("face", face.into()),
        ];
        Ok(unmade.then_some(changes))
    };
    change(tx, (licence, version), exchanged).await.map(drop)
}

const COLUMNS: &str = "e.licence_id, e.version, e.case_id, e.asked_at, e.state, e.fault, e.fault_words, e.fault_since,
    e.photo, l.title, l.number";

/// For the words about a licence of the case `c` that could not be made.
pub(crate) const FAILURE: &str = "SELECT l.title || '没有制作出来：' || COALESCE(e.fault_words, '')
     FROM licence_edition e JOIN licence l ON l.id = e.licence_id
     WHERE e.case_id = c.id AND e.asked_at IS NOT NULL AND e.fault IS NOT NULL
     ORDER BY e.asked_at, e.licence_id LIMIT 1";

/// The longest waited for first.
const BY_WAIT: Order = Order {
    keys: &[Key::Number("e.asked_at"), Key::Text("e.licence_id")],
    falling: false,
};

/// What failed or has waited since before `late`, in sight of the scope, by how long it has waited. It is no list of a
/// holder's.
pub(crate) async fn overdue(tx: &mut Tx, scope: &Scope, wanted: &Overdue) -> Result<Vec<Paper>> {
    if let Scope::Nothing | Scope::Own(_) = scope {
        return Ok(Vec::new());
    }
    let tables = "licence_edition e JOIN licence l ON l.id = e.licence_id";
    let mut list = List::new(COLUMNS, tables, BY_WAIT);
    let late = list.given(wanted.late);
    list.only(format!(
        "e.asked_at IS NOT NULL AND (e.fault IS NOT NULL OR e.asked_at < {late})"
    ));
    list.within(scope, IN_SIGHT);
    let at = (wanted.at.as_ref(), wanted.limit);
    let page = list.page(tx, at, |_, row| read(row).map(Some));
    Ok(page.await?.rows)
}

/// Those of a case that have no files, taken back ones left out.
pub(crate) async fn of_case(tx: &mut Tx, case_id: &str) -> Result<Vec<Paper>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM licence_edition e JOIN licence l ON l.id = e.licence_id
         WHERE e.case_id = $1 AND e.asked_at IS NOT NULL ORDER BY e.asked_at, e.licence_id"
    );
    tx.query(&sql, params![case_id])
        .await?
        .iter()
        .map(read)
        .collect()
}

fn read(row: &Row) -> Result<Paper> {
    let state: String = row.get("state")?;
    let photo: Option<String> = row.get("photo")?;
    let licence: LicenceId = row.get("licence_id")?;
    let case: Option<String> = row.get("case_id")?;
    Ok(Paper {
        id: paper_id(licence, row.get("version")?),
        key: licence.to_string(),
        title: row.get("title")?,
        number: row.get("number")?,
        case: case.map(|case| case.parse()).transpose()?,
        asked_at: row.get("asked_at")?,
        failure: failure(row, state == "failed")?,
        has_photo: photo.is_some(),
    })
}
