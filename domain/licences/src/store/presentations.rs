//! Codes that a holder shows for a short time.

use tongban_base::{Result, Timestamp};
use tongban_store::{Tx, params};

use crate::model::LicenceId;

pub(crate) async fn add(
    tx: &mut Tx,
    licence: LicenceId,
    digest: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<()> {
    // What expired long ago is of no use; a code that expired just now still says so when it is scanned.
    tx.execute(
        "DELETE FROM licence_presentation WHERE licence_id = $1 AND expires_at < $2",
        params![licence, now.plus_minutes(-60)],
    )
    .await?;
    tx.execute(
        "INSERT INTO licence_presentation (token_digest, licence_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4)",
        params![digest, licence, now, until],
    )
    .await?;
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx, digest: &str) -> Result<Option<(LicenceId, Timestamp)>> {
    let row = tx
        .query_opt(
            "SELECT licence_id, expires_at FROM licence_presentation WHERE token_digest = $1",
            params![digest],
        )
        .await?;
    row.map(|row| Ok((row.get("licence_id")?, row.get("expires_at")?)))
        .transpose()
}
