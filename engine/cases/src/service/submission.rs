//! What modules have against a case that is about to be filed, or mended: asked in the transaction that writes it.

use serde_json::Value as Json;
use tongban_base::{Problem, Result, Timestamp};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::Case;
use crate::service::subject;

/// Errors: field errors, each beside its field of the form.
pub(crate) async fn must_pass(
    tx: &mut Tx,
    desk: &Desk,
    (case, release): (&Case, &ProcedureRelease),
    person: &Json,
    now: Timestamp,
) -> Result<()> {
    if desk.brought.submissions.is_empty() {
        return Ok(());
    }
    let subject = subject::to_be_filed(case, release, person.clone());
    let mut faults = Vec::new();
    for check in &desk.brought.submissions {
        faults.extend(check.faults(tx, &subject, now).await?);
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}
