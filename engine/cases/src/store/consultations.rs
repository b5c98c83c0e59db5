//! Table `case_consultation`: why an officer without a task reads a case, and until when that lasts.

use tongban_base::{Result, Timestamp, Uuid};
use tongban_store::{Marked, Tx, params};

use crate::model::CaseId;

pub(crate) static CONSULTATIONS: Marked = Marked::keyed(
    "case_consultation",
    2,
    &["case_id", "account", "reason", "stated_at", "lasts_until"],
    &[],
);

pub struct Stated<'a> {
    pub case: CaseId,
    pub account: Uuid,
    pub reason: &'a str,
    pub at: Timestamp,
    pub until: Timestamp,
}

/// A later reason takes the place of an earlier one; both are in the audit log.
pub fn state(tx: &mut Tx, stated: &Stated<'_>) -> Result<()> {
    tx.insert_marked_or(
        &CONSULTATIONS,
        params![stated.case, stated.account, stated.reason, stated.at, stated.until],
        "ON CONFLICT (case_id, account) DO UPDATE SET reason = excluded.reason, stated_at = excluded.stated_at,
             lasts_until = excluded.lasts_until, mark = excluded.mark",
    )
}

/// The reason that lasts.
pub async fn reason(
    tx: &mut Tx,
    case: CaseId,
    account: Uuid,
    now: Timestamp,
) -> Result<Option<String>> {
    let sql = format!(
        "SELECT {} FROM case_consultation c WHERE c.case_id = $1 AND c.account = $2 AND c.lasts_until > $3",
        CONSULTATIONS.select("c")
    );
    let given = params![case, account, now];
    let row = tx.query_marked(&CONSULTATIONS, &sql, given).await?;
    row.map(|row| row.get("reason")).transpose()
}
