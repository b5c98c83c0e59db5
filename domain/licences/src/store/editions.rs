//! Editions: what each version of a licence says, with its files. Old ones stay for good.

use tongban_base::{Result, Timestamp};
use tongban_store::{Row, Tx, params};

use super::papers;
use crate::model::{Edition, Files, LicenceId, Photo};

const COLUMNS: &str =
    "version, identifier, photo, photo_path, release, made_at, ofd_object, pdf_object, png_object, case_id,
     state, fault, fault_words, fault_since";

/// `face` is encrypted. `asked_at` is since when the files are waited for; none when nobody waits.
pub(crate) async fn insert(
    tx: &mut Tx,
    licence: LicenceId,
    edition: &Edition,
    face: &str,
    (now, asked_at): (Timestamp, Option<Timestamp>),
) -> Result<()> {
    let photo = edition.photo.as_ref();
    tx.execute(
        "INSERT INTO licence_edition (licence_id, version, identifier, face, photo, photo_path, release, created_at,
             case_id, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
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
            asked_at
        ],
    )
    .await?;
    Ok(())
}

pub(crate) async fn one(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<Edition> {
    let sql =
        format!("SELECT {COLUMNS} FROM licence_edition WHERE licence_id = $1 AND version = $2");
    read(&tx.query_one(&sql, params![licence, version]).await?)
}

pub(crate) async fn created_at(tx: &mut Tx, licence: LicenceId, version: i64) -> Result<Timestamp> {
    tx.query_one(
        "SELECT created_at FROM licence_edition WHERE licence_id = $1 AND version = $2",
        params![licence, version],
    )
    .await?
    .get("created_at")
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
    tx.query_one(
        "SELECT face FROM licence_edition WHERE licence_id = $1 AND version = $2",
        params![licence, version],
    )
    .await?
    .get("face")
}

/// Which licence and version an identifier names.
pub(crate) async fn named(tx: &mut Tx, identifier: &str) -> Result<Option<(LicenceId, Edition)>> {
    let sql = format!("SELECT licence_id, {COLUMNS} FROM licence_edition WHERE identifier = $1");
    match tx.query_opt(&sql, params![identifier]).await? {
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
    let rows = tx
        .execute(
            "UPDATE licence_edition SET made_at = $3, ofd_object = $4, pdf_object = $5, png_object = $6,
                 state = 'ready', asked_at = NULL, fault = NULL, fault_words = NULL, fault_since = NULL
             WHERE licence_id = $1 AND version = $2 AND made_at IS NULL AND state <> 'void'",
            params![licence, version, files.made_at, &files.ofd, &files.pdf, &files.png],
        )
        .await?;
    Ok(rows == 1)
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
