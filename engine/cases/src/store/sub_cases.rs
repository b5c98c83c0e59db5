//! Table `case_record`: what a case has started.

use tongban_base::Result;
use tongban_crypto::FieldCipher;
use tongban_store::{Tx, params};

use super::cases::{CASES, read};
use crate::model::{Case, CaseId};

/// In the order in which it did.
pub async fn children(tx: &mut Tx, cipher: &FieldCipher, parent: CaseId) -> Result<Vec<Case>> {
    let columns = CASES.select("c");
    let sql = format!(
        "SELECT {columns} FROM case_record c WHERE c.parent = $1 ORDER BY c.submitted_at, c.number LIMIT 200"
    );
    let rows = tx.query(&sql, params![parent]).await?;
    let rows = tx.only_genuine(&CASES, rows)?;
    rows.iter().map(|row| read(row, cipher)).collect()
}
