//! Keys and seals of the authority as they lie: certificates in the open, keys sealed.

use tongban_base::{Problem, Result, Timestamp};
use tongban_store::{Db, Marked, Row, Tx, params};

#[derive(Clone, Debug)]
pub(crate) struct KeyRow {
    pub name: String,
    pub certificate: String,
    pub sealed_key: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct SealRow {
    pub organisation: String,
    pub name: String,
    pub certificate: String,
    pub sealed_key: Vec<u8>,
    pub seal: Vec<u8>,
}

pub(crate) static KEYS: Marked = Marked::new(
    "authority_key",
    &["name", "certificate", "sealed_key", "created_at"],
    &[],
);

pub(crate) static SEALS: Marked = Marked::new(
    "authority_seal",
    &[
        "organisation",
        "name",
        "certificate",
        "sealed_key",
        "seal",
        "created_at",
    ],
    &[],
);

async fn key_of(tx: &mut Tx, name: &str) -> Result<Option<KeyRow>> {
    let columns = KEYS.select("k");
    let sql = format!("SELECT {columns} FROM authority_key k WHERE k.name = $1");
    let row = tx.query_marked(&KEYS, &sql, params![name]).await?;
    row.map(|row| read_key(&row)).transpose()
}

async fn seal_of(tx: &mut Tx, organisation: &str) -> Result<Option<SealRow>> {
    let columns = SEALS.select("s");
    let sql = format!("SELECT {columns} FROM authority_seal s WHERE s.organisation = $1");
    let row = tx.query_marked(&SEALS, &sql, params![organisation]).await?;
    row.map(|row| read_seal(&row)).transpose()
}

pub(crate) async fn key(db: &Db, name: &str) -> Result<Option<KeyRow>> {
    db.read(name.to_owned(), |tx, name| Box::pin(key_of(tx, name)))
        .await
}

/// Gives what is kept in the end: the row that was there already if another was faster.
pub(crate) async fn keep_key(db: &Db, row: KeyRow, now: Timestamp) -> Result<KeyRow> {
    db.write((row, now), |tx, (row, now)| {
        Box::pin(async move {
            let new = params![&row.name, &row.certificate, row.sealed_key.clone(), *now];
            tx.insert_marked_or(&KEYS, new, "ON CONFLICT (name) DO NOTHING")?;
            let kept = key_of(tx, &row.name).await?;
            kept.ok_or_else(Problem::not_found)
        })
    })
    .await
}

pub(crate) async fn seal(db: &Db, organisation: &str) -> Result<Option<SealRow>> {
    db.read(organisation.to_owned(), |tx, organisation| {
        Box::pin(seal_of(tx, organisation))
    })
    .await
}

/// As `keep_key`.
pub(crate) async fn keep_seal(db: &Db, row: SealRow, now: Timestamp) -> Result<SealRow> {
    db.write((row, now), |tx, (row, now)| {
        Box::pin(async move {
            let new = params![
                &row.organisation,
                &row.name,
                &row.certificate,
                row.sealed_key.clone(),
                row.seal.clone(),
                *now
            ];
            tx.insert_marked_or(&SEALS, new, "ON CONFLICT (organisation) DO NOTHING")?;
            let kept = seal_of(tx, &row.organisation).await?;
            kept.ok_or_else(Problem::not_found)
        })
    })
    .await
}

fn read_key(row: &Row) -> Result<KeyRow> {
    Ok(KeyRow {
        name: row.get("name")?,
        certificate: row.get("certificate")?,
        sealed_key: row.get("sealed_key")?,
    })
}

fn read_seal(row: &Row) -> Result<SealRow> {
    Ok(SealRow {
        organisation: row.get("organisation")?,
        name: row.get("name")?,
        certificate: row.get("certificate")?,
        sealed_key: row.get("sealed_key")?,
        seal: row.get("seal")?,
    })
}
