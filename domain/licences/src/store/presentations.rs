//! Codes that a holder shows for a short time.

use tongban_base::{Result, Timestamp};
use tongban_store::{Marked, Tx, params};

use crate::model::LicenceId;

pub(crate) static PRESENTATIONS: Marked = Marked::new(
    "licence_presentation",
    &["token_digest", "licence_id", "created_at", "expires_at"],
    &[],
);

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
    tx.insert_marked(&PRESENTATIONS, params![digest, licence, now, until])
}

pub(crate) async fn find(tx: &mut Tx, digest: &str) -> Result<Option<(LicenceId, Timestamp)>> {
    let sql = format!(
        "SELECT {} FROM licence_presentation p WHERE p.token_digest = $1",
        PRESENTATIONS.select("p")
    );
    let row = tx
        .query_marked(&PRESENTATIONS, &sql, params![digest])
        .await?;
    row.map(|row| Ok((row.get("licence_id")?, row.get("expires_at")?)))
        .transpose()
}
