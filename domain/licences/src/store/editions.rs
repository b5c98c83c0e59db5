//! Editions: what each version of a licence says, with its files. Old ones stay for good.

use tongban_base::{Result, Timestamp};
use tongban_store::{Row, Tx, params};

use crate::model::{Edition, Files, LicenceId, Photo};

const COLUMNS: &str =
    "version, identifier, photo, photo_path, release, made_at, ofd_object, pdf_object, png_object";

/// `face` is encrypted.
pub(crate) async fn insert(
    tx: &mut Tx,
    licence: LicenceId,
    edition: &Edition,
    face: &str,
    now: Timestamp,
) -> Result<()> {
    let photo = edition.photo.as_ref();
    tx.execute(
        "INSERT INTO licence_edition (licence_id, version, identifier, face, photo, photo_path, release, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![
            licence,
            edition.version,
            &edition.identifier,
            face,
            photo.map(|p| p.object.clone()),
            photo.map(|p| p.path.clone()),
            edition.release.as_ref().map(|release| release.0.clone()),
            now
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
            "UPDATE licence_edition SET made_at = $3, ofd_object = $4, pdf_object = $5, png_object = $6
             WHERE licence_id = $1 AND version = $2 AND made_at IS NULL",
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
    Ok(Edition {
        version: row.get("version")?,
        identifier: row.get("identifier")?,
        photo,
        release: row.get("release")?,
        files,
    })
}
