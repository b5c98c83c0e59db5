//! Table `calendar_notice`: of which end of the known calendar its keepers were told.

use tongban_base::{Date, Result, Timestamp};
use tongban_store::{Tx, params};

/// True for whoever comes first.
pub async fn first_notice(tx: &mut Tx, known_until: Date, now: Timestamp) -> Result<bool> {
    let written = tx
        .execute(
            "INSERT INTO calendar_notice (known_until, told_at) VALUES ($1, $2)
             ON CONFLICT (known_until) DO NOTHING",
            params![known_until.to_string(), now],
        )
        .await?;
    Ok(written == 1)
}
