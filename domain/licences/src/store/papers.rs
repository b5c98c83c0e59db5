//! Editions whose files are waited for: which, since when, and why they are not there.

use tongban_base::{Result, Scope, Timestamp};
use tongban_documents::{Failure, Fault};
use tongban_store::{Row, Tx, Value, params};

use crate::model::{LicenceId, Photo};
use crate::service::papers::{LicencePaper, Overdue};

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
    let rows = tx
        .execute(
            "UPDATE licence_edition SET state = $3, fault = $4, fault_words = $5, fault_since = $6,
                 asked_at = COALESCE(asked_at, $6)
             WHERE licence_id = $1 AND version = $2 AND made_at IS NULL AND state <> 'void'",
            params![
                licence,
                version,
                if failure.is_final {
                    "failed"
                } else {
                    "pending"
                },
                failure.fault.code(),
                &failure.words,
                failure.since
            ],
        )
        .await?;
    Ok(rows == 1)
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
    tx.execute(
        "UPDATE licence_edition SET state = 'void', asked_at = NULL WHERE licence_id = $1 AND version = $2
             AND made_at IS NULL",
        params![licence, version],
    )
    .await
    .map(drop)
}

/// The files are waited for from now on; false when they are there, or are being made for no longer than `late` allows.
pub(crate) async fn ask_again(
    tx: &mut Tx,
    (licence, version): (LicenceId, i64),
    (late, now): (Timestamp, Timestamp),
) -> Result<bool> {
    let rows = tx
        .execute(
            "UPDATE licence_edition SET state = 'pending', asked_at = $4, fault = NULL, fault_words = NULL,
                 fault_since = NULL
             WHERE licence_id = $1 AND version = $2 AND asked_at IS NOT NULL AND (fault IS NOT NULL OR asked_at < $3)",
            params![licence, version, late, now],
        )
        .await?;
    Ok(rows == 1)
}

/// `face` is encrypted.
pub(crate) async fn set_photo(
    tx: &mut Tx,
    (licence, version): (LicenceId, i64),
    photo: &Photo,
    face: &str,
) -> Result<()> {
    tx.execute(
        "UPDATE licence_edition SET photo = $3, photo_path = $4, face = $5
         WHERE licence_id = $1 AND version = $2 AND made_at IS NULL",
        params![
            licence,
            version,
            photo.object.clone(),
            photo.path.clone(),
            face
        ],
    )
    .await
    .map(drop)
}

const COLUMNS: &str = "e.licence_id, e.version, e.case_id, e.asked_at, e.state, e.fault, e.fault_words, e.fault_since,
    e.photo, l.title, l.number";

/// What failed or has waited since before `late`, in sight of the scope, by how long it has waited.
pub(crate) async fn overdue(
    tx: &mut Tx,
    scope: &Scope,
    wanted: &Overdue,
) -> Result<Vec<LicencePaper>> {
    let mut given: Vec<Value> = vec![Value::from(wanted.late)];
    let mut conditions =
        vec!["e.asked_at IS NOT NULL AND (e.fault IS NOT NULL OR e.asked_at < $1)".to_owned()];
    match scope {
        Scope::Nothing | Scope::Own(_) => return Ok(Vec::new()),
        Scope::Everything => {}
        Scope::Office {
            organisation,
            division_prefix,
        } => {
            given.push(Value::from(organisation));
            given.push(Value::from(format!("{division_prefix:0<12}")));
            given.push(Value::from(format!("{division_prefix:9<12}")));
            conditions.push("l.organisation = $2 AND l.division >= $3 AND l.division <= $4".into());
        }
    }
    if let Some((at, id)) = &wanted.beside {
        given.push(Value::from(*at));
        given.push(Value::from(id));
        let comparison = if wanted.backward { "<" } else { ">" };
        let (at, id) = (given.len() - 1, given.len());
        conditions.push(format!(
            "(e.asked_at, e.licence_id) {comparison} (${at}, ${id})"
        ));
    }
    let order = if wanted.backward { " DESC" } else { "" };
    given.push(Value::from(wanted.limit));
    let sql = format!(
        "SELECT {COLUMNS} FROM licence_edition e JOIN licence l ON l.id = e.licence_id
         WHERE {} ORDER BY e.asked_at{order}, e.licence_id{order} LIMIT ${}",
        conditions.join(" AND "),
        given.len()
    );
    tx.query(&sql, &given).await?.iter().map(read).collect()
}

/// Those of a case that have no files, taken back ones left out.
pub(crate) async fn of_case(tx: &mut Tx, case_id: &str) -> Result<Vec<LicencePaper>> {
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

fn read(row: &Row) -> Result<LicencePaper> {
    let state: String = row.get("state")?;
    let photo: Option<String> = row.get("photo")?;
    Ok(LicencePaper {
        licence: row.get("licence_id")?,
        version: row.get("version")?,
        title: row.get("title")?,
        number: row.get("number")?,
        case_id: row.get("case_id")?,
        asked_at: row.get("asked_at")?,
        failure: failure(row, state == "failed")?,
        has_photo: photo.is_some(),
    })
}
