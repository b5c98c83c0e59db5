//! Table `pack_stamp`: one number that tells whether publications or settings have changed.

use tongban_base::Result;
use tongban_store::{Tx, params};

/// Whoever read publications and settings under this number has nothing to read again.
pub async fn pack_stamp(tx: &mut Tx) -> Result<i64> {
    tx.query_one("SELECT number FROM pack_stamp WHERE one = 1", params![])
        .await?
        .get("number")
}

pub(super) async fn count(tx: &mut Tx) -> Result<()> {
    tx.execute(
        "UPDATE pack_stamp SET number = number + 1 WHERE one = 1",
        params![],
    )
    .await?;
    Ok(())
}
