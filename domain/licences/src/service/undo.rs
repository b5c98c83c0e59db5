//! Taking back what a case did to licences, when the case is returned before it is closed.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_store::Tx;

use crate::audit;
use crate::licences::Licences;
use crate::model::{Licence, LicenceId, Status};
use crate::store::{editions, events, licences as store};

impl Licences {
    /// The licence never took effect; what it replaced is in force again. Doing it twice changes nothing more.
    pub async fn undo_issue(&self, tx: &mut Tx, ctx: &Ctx, id: LicenceId) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if !store::set_status(tx, id, Status::Valid, Status::Void, None).await? {
            return Ok(());
        }
        self.note(tx, ctx, &licence, Status::Valid, Status::Void)
            .await?;
        if let Some(previous) = licence.replaces {
            self.restore(tx, ctx, previous, Status::Replaced).await?;
        }
        Ok(())
    }

    /// A cancelled licence is in force again.
    pub async fn undo_cancel(&self, tx: &mut Tx, ctx: &Ctx, id: LicenceId) -> Result<()> {
        self.restore(tx, ctx, id, Status::Cancelled).await
    }

    /// The face says again what it said before the latest update, in a further version: files that were given out
    /// stay distinguishable. An update that changed nothing on the face leaves nothing to take back.
    pub async fn undo_update(&self, tx: &mut Tx, ctx: &Ctx, id: LicenceId) -> Result<()> {
        let mut licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if licence.status != Status::Valid {
            return Ok(());
        }
        let begun = editions::created_at(tx, id, licence.version).await?;
        let latest = events::of(tx, id, 1).await?;
        let made_by_update =
            |row: &events::EventRow| row.event.kind == "updated" && row.event.at == begun;
        if licence.version > 1 && latest.first().is_some_and(made_by_update) {
            let earlier = licence.version - 1;
            let face = self.open_face(id, &editions::face(tx, id, earlier).await?)?;
            let photo = editions::one(tx, id, earlier).await?.photo;
            self.next_edition(tx, ctx, &mut licence, photo, &face)
                .await?;
        }
        self.note(tx, ctx, &licence, licence.status, licence.status)
            .await
    }

    async fn restore(&self, tx: &mut Tx, ctx: &Ctx, id: LicenceId, from: Status) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if store::set_status(tx, id, from, Status::Valid, None).await? {
            self.note(tx, ctx, &licence, from, Status::Valid).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        licence: &Licence,
        before: Status,
        after: Status,
    ) -> Result<()> {
        let event = events::NewEvent {
            licence: licence.id,
            kind: "undone",
            before: Some(before),
            after,
            changes: None,
            basis: "",
            reason: "办件退回，收回处理",
            case_id: licence.case_id.as_deref(),
        };
        events::add(tx, ctx, event).await?;
        let entry = Entry::done(audit::UNDONE, audit::SUBJECT, licence.id);
        record(tx, ctx, &self.audit_key, entry).await?;
        Ok(())
    }
}
