//! Keys and seals of the authority as they lie: certificates in the open, keys sealed.

use tongban_base::{Result, Timestamp};
use tongban_store::{Db, Row, params};

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

const KEY: &str = "SELECT name, certificate, sealed_key FROM authority_key WHERE name = $1";
const SEAL: &str = "SELECT organisation, name, certificate, sealed_key, seal
    FROM authority_seal WHERE organisation = $1";

pub(crate) async fn key(db: &Db, name: &str) -> Result<Option<KeyRow>> {
    db.read(name.to_owned(), |tx, name| {
        Box::pin(async move {
            let row = tx.query_opt(KEY, params![name]).await?;
            row.map(|row| read_key(&row)).transpose()
        })
    })
    .await
}

/// Gives what is kept in the end: the row that was there already if another was faster.
pub(crate) async fn keep_key(db: &Db, row: KeyRow, now: Timestamp) -> Result<KeyRow> {
    db.write((row, now), |tx, (row, now)| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO authority_key (name, certificate, sealed_key, created_at)
                 VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
                params![&row.name, &row.certificate, row.sealed_key.clone(), *now],
            )
            .await?;
            read_key(&tx.query_one(KEY, params![&row.name]).await?)
        })
    })
    .await
}

pub(crate) async fn seal(db: &Db, organisation: &str) -> Result<Option<SealRow>> {
    db.read(organisation.to_owned(), |tx, organisation| {
        Box::pin(async move {
            let row = tx.query_opt(SEAL, params![organisation]).await?;
            row.map(|row| read_seal(&row)).transpose()
        })
    })
    .await
}

/// As `keep_key`.
pub(crate) async fn keep_seal(db: &Db, row: SealRow, now: Timestamp) -> Result<SealRow> {
    db.write((row, now), |tx, (row, now)| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO authority_seal (organisation, name, certificate, sealed_key, seal, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation) DO NOTHING",
                params![
                    &row.organisation,
                    &row.name,
                    &row.certificate,
                    row.sealed_key.clone(),
                    row.seal.clone(),
                    *now
                ],
            )
            .await?;
            read_seal(&tx.query_one(SEAL, params![&row.organisation]).await?)
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
