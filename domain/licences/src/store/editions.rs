//! Editions: what each version of a licence says, with its files. Old ones stay for good.

use tongban_base::{Problem, Result, Timestamp};
use tongban_store::{Changes, Marked, Row, Tx, Value, params};

use super::papers;
use crate::model::{Edition, Files, LicenceId, Photo};

/// What an edition says and where its files lie; since when it is waited for and why it is not there are not covered.
pub(crate) static EDITIONS: Marked = Marked::keyed(
    "licence_edition",
    2,
    &[
        "licence_id",
        "version",
        "identifier",
        "face",
        "photo",
        "photo_path",
        "release",
        "created_at",
        "case_id",
        "state",
        "made_at",
        "ofd_object",
        "pdf_object",
        "png_object",
    ],
    &["asked_at"],
)
.with_files(tongban_store::Files {
    columns: &["photo", "ofd_object", "pdf_object", "png_object"],
    of: "SELECT '证照 ' || title || ' ' || number AS words FROM licence WHERE id = $1",
});

/// `face` is encrypted. `asked_at` is since when the files are waited for; none when nobody waits.
pub(crate) async fn insert(
    tx: &mut Tx,
    licence: LicenceId,
    edition: &Edition,
    face: &str,
    (now, asked_at): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let photo = edition.photo.as_ref();
    tx.insert_marked(
        &EDITIONS,
        params![
            licence,
            edition.version,
            &edition.identifier,
            face,
            photo.map(|p| p.object.clone()),
            photo.map(|p| p.path.clone()),
            edition.release.as_ref().map(|release| release.0.clone()),
            now,
            edition.case_id.clone(),
            "pending",
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            asked_at
        ],
    )?;
    // An identifier that is taken is told now.
    tx.flush().await
}

async fn row(tx: &mut Tx, by: &str, given: &[Value]) -> Result<Option<Row>> {
    let sql = format!(
        "SELECT {}, e.fault, e.fault_words, e.fault_since FROM licence_edition e WHERE {by}",
        EDITIONS.select("e")
    );
    tx.query_marked(&EDITIONS, &sql, given).await
}

async fn row_of(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<Row> {
    let by = "e.licence_id = $1 AND e.version = $2";
    let found = row(tx, by, params![licence, version]).await?;
    found.ok_or_else(Problem::not_found)
}

/// Changes an edition as `changes` says from the row; tells whether anything was changed.
pub(super) async fn change(
    tx: &mut Tx,
    (licence, version): (LicenceId, i64),
    changes: impl Fn(&Row) -> Result<Option<Changes>> + Send + Sync,
) -> Result<bool> {
    let by = [("licence_id", licence.into()), ("version", version.into())];
    Ok(tx.change(&EDITIONS, &by, changes).await?.is_some())
}

/// Whether its files are not there and still wanted.
pub(super) fn is_unmade(row: &Row) -> Result<bool> {
    let made = *row.value("made_at")? != Value::Null;
    Ok(!made && row.get::<String>("state")? != "void")
}

/// What an edition says of a failure when there is none.
pub(super) const NO_FAULT: [(&str, Value); 3] = [
    ("fault", Value::Null),
    ("fault_words", Value::Null),
    ("fault_since", Value::Null),
];

pub(crate) async fn one(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<Edition> {
    read(&row_of(tx, licence, version).await?)
}

pub(crate) async fn created_at(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<Timestamp> {
    row_of(tx, licence, version).await?.get("created_at")
}

/// The version that a further edition gets.
pub(crate) async fn next_version(tx: &mut Tx, licence: LicenceId) -> Result<i64> {
    let sql = "SELECT MAX(version) AS last FROM licence_edition WHERE licence_id = $1";
    let last: i64 = tx.query_one(sql, params![licence]).await?.get("last")?;
    Ok(last + 1)
}

/// The last version before this one that was not taken back.
pub(crate) async fn before(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<Option<i64>> {
    let sql = "SELECT version FROM licence_edition
        WHERE licence_id = $1 AND version < $2 AND state <> 'void' ORDER BY version DESC LIMIT 1";
    let found = tx.query_opt(sql, params![licence, version]).await?;
    found.map(|row| row.get("version")).transpose()
}

/// The encrypted face.
pub(crate) async fn face(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<String> {
    row_of(tx, licence, version).await?.get("face")
}

/// Which licence and version an identifier names.
pub(crate) async fn named(tx: &mut Tx, identifier: &str) -> Result<Option<(LicenceId, Edition)>> {
    match row(tx, "e.identifier = $1", params![identifier]).await? {
        Some(row) => Ok(Some((row.get("licence_id")?, read(&row)?))),
        None => Ok(None),
    }
}

/// Records the three files at once, unless another job was faster; tells whether these are the ones.
pub(crate) async fn record_files(
    tx: &mut Tx,
    licence: LicenceId,
    version: i64,
    files: &Files,
) -> Result<bool> {
    let recorded = |row: &Row| {
        let mut changes = vec![
            ("made_at", files.made_at.into()),
            ("ofd_object", (&files.ofd).into()),
            ("pdf_object", (&files.pdf).into()),
            ("png_object", (&files.png).into()),
            ("state", "ready".into()),
            ("asked_at", Value::Null),
        ];
        changes.extend(NO_FAULT);
        Ok(is_unmade(row)?.then_some(changes))
    };
    change(tx, (licence, version), recorded).await
}

fn read(row: &Row) -> Result<Edition> {
    let made_at: Option<Timestamp> = row.get("made_at")?;
    let files = match made_at {
        Some(made_at) => Some(Files {
            made_at,
            ofd: row.get("ofd_object")?,
            pdf: row.get("pdf_object")?,
            png: row.get("png_object")?,
        }),
        None => None,
    };
    let photo = match row.get("photo")? {
        Some(object) => Some(Photo {
            object,
            path: row.get("photo_path")?,
        }),
        None => None,
    };
    let state: String = row.get("state")?;
    Ok(Edition {
        failure: papers::failure(row, state == "failed")?,
        is_void: state == "void",
        case_id: row.get("case_id")?,
        version: row.get("version")?,
        identifier: row.get("identifier")?,
        photo,
        release: row.get("release")?,
        files,
    })
}
