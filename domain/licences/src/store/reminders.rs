//! Table `licence_reminder`: of which last day a holder was told.

use tongban_base::{Date, Result, Timestamp};
use tongban_store::{Tx, params};

use super::licences::many;
use crate::model::{Licence, LicenceId};

/// Those in force that have an account, end between these days, and of whose last day nobody was told.
pub(crate) async fn ending(
    tx: &mut Tx,
    (from, to): (Date, Date),
    most: i64,
) -> Result<Vec<Licence>> {
    let condition = "l.status = 'valid' AND l.valid_to >= $1 AND l.valid_to <= $2 AND l.holder_account IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM licence_reminder r WHERE r.licence_id = l.id AND r.valid_to = l.valid_to)
        ORDER BY l.valid_to, l.id LIMIT $3";
    let values = params![from.to_string(), to.to_string(), most];
    many(tx, condition, values).await
}

/// False when it was remembered before.
pub(crate) async fn remember(
    tx: &mut Tx,
    licence: LicenceId,
    last_day: Date,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO licence_reminder (licence_id, valid_to, told_at) VALUES ($1, $2, $3)
         ON CONFLICT (licence_id, valid_to) DO NOTHING";
    let values = params![licence, last_day.to_string(), now];
    Ok(tx.execute(sql, values).await? > 0)
}
