//! Table `audit_head`: one row that says where the chain ends, with a mark of its own, so that a log whose last
//! entries are cut off does not look whole.

use tongban_base::Result;
use tongban_store::{Tx, params};

pub(crate) struct Head {
    pub sequence: i64,
    pub chain: String,
    pub mac: String,
}

pub(crate) async fn head(tx: &mut Tx) -> Result<Option<Head>> {
    let row = tx
        .query_opt(
            "SELECT sequence, chain, mac FROM audit_head WHERE name = $1",
            params!["main"],
        )
        .await?;
    row.map(|row| {
        Ok(Head {
            sequence: row.get("sequence")?,
            chain: row.get("chain")?,
            mac: row.get("mac")?,
        })
    })
    .transpose()
}

pub(crate) async fn move_head(tx: &mut Tx, head: &Head) -> Result<()> {
    tx.execute(
        "INSERT INTO audit_head (name, sequence, chain, mac) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET sequence = $2, chain = $3, mac = $4",
        params!["main", head.sequence, &head.chain, &head.mac],
    )
    .await?;
    Ok(())
}
