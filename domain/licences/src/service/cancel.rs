//! Cancelling: the holder gives a licence up, or its term cannot go on.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_store::Tx;

use crate::licences::Licences;
use crate::model::{Ended, Licence, LicenceId, Status};
use crate::store::{events, licences as store};
use crate::{audit, error};

/// Why a licence ends.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Number of the decision.
    pub basis: String,
    pub reason: String,
    pub case_id: Option<String>,
}

impl Licences {
    /// Errors: the licence has ended already. An expired one can still be cancelled.
    pub async fn cancel(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        id: LicenceId,
        ending: &Ending,
    ) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        self.end(tx, ctx, &licence, Status::Cancelled, ending)
            .await?;
        let entry = Entry::done(audit::CANCELLED, audit::SUBJECT, id);
        record(tx, ctx, &self.audit_key, entry).await?;
        Ok(())
    }

    pub(crate) async fn end(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        licence: &Licence,
        to: Status,
        ending: &Ending,
    ) -> Result<()> {
        let ended = Ended {
            on: ctx.now.date(),
            by: licence.issuer_name.clone(),
            basis: ending.basis.clone(),
            reason: ending.reason.clone(),
        };
        if !store::set_status(tx, licence.id, Status::Valid, to, Some(&ended)).await? {
            return Err(error::not_in_force(licence.status));
        }
        let event = events::NewEvent {
            licence: licence.id,
            kind: to.code(),
            before: Some(Status::Valid),
            after: to,
            changes: None,
            basis: &ending.basis,
            reason: &ending.reason,
            case_id: ending.case_id.as_deref(),
        };
        events::add(tx, ctx, event).await
    }
}
