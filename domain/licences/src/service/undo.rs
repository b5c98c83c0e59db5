//! Taking back what a case did to licences, when the case is returned before it is closed.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_store::Tx;

use super::issue::Says;
use super::open::authorized;
use crate::licences::Licences;
use crate::model::{Licence, LicenceId, Status};
use crate::store::{editions, events, licences as store, papers};
use crate::{audit, error, permissions};

impl Licences {
    /// The licence never took effect; what it replaced is in force again. Doing it twice changes nothing more.
    /// Whoever takes a licence away needs the right to revoke it, by whatever way.
    pub async fn undo_issue(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        id: LicenceId,
        reason: &str,
    ) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        authorized(ctx, permissions::REVOKE, &licence).map_err(may_not)?;
        if store::give_up(tx, id).await? {
            papers::give_up(tx, id, licence.version).await?;
            let change = (Status::Void, Status::Void);
            return self.note(tx, ctx, &licence, change, reason).await;
        }
        if !store::set_status(tx, id, Status::Valid, Status::Void, None).await? {
            return Ok(());
        }
        let change = (Status::Valid, Status::Void);
        self.note(tx, ctx, &licence, change, reason).await?;
        if let Some(previous) = licence.replaces {
            self.restore(tx, ctx, (previous, Status::Replaced), reason)
                .await?;
        }
        Ok(())
    }

    /// A cancelled licence is in force again.
    pub async fn undo_cancel(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        id: LicenceId,
        reason: &str,
    ) -> Result<()> {
        self.restore(tx, ctx, (id, Status::Cancelled), reason).await
    }

    /// The face says at once what it said before the latest update of the case, in a further version: files that were
    /// given out stay distinguishable. An update that was not made yet is given up; one that changed nothing on the face
    /// leaves nothing to take back.
    pub async fn undo_update(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (id, case_id): (LicenceId, &str),
        reason: &str,
    ) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if licence.status != Status::Valid {
            return Ok(());
        }
        let change = (licence.status, licence.status);
        if let Some((version, Some(of))) = papers::in_making(tx, id, licence.version).await?
            && of == case_id
        {
            papers::give_up(tx, id, version).await?;
            return self.note(tx, ctx, &licence, change, reason).await;
        }
        let begun = editions::created_at(tx, id, licence.version).await?;
        let latest = events::of(tx, id, 1).await?;
        let made_by_update =
            |row: &events::EventRow| row.event.kind == "updated" && row.event.at == begun;
        if let Some(earlier) = editions::before(tx, id, licence.version).await?
            && latest.first().is_some_and(made_by_update)
        {
            let face = self.open_face(id, &editions::face(tx, id, earlier).await?)?;
            let edition = editions::one(tx, id, earlier).await?;
            let says = Says {
                face,
                photo: edition.photo,
                release: edition.release,
            };
            let next = self.next_edition(tx, ctx, &licence, says, None).await?;
            if !store::set_version(tx, id, licence.version, next).await? {
                return Err(error::not_in_force(licence.status));
            }
        }
        self.note(tx, ctx, &licence, change, reason).await
    }

    async fn restore(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        (id, from): (LicenceId, Status),
        reason: &str,
    ) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        if store::set_status(tx, id, from, Status::Valid, None).await? {
            let change = (from, Status::Valid);
            self.note(tx, ctx, &licence, change, reason).await?;
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        licence: &Licence,
        (before, after): (Status, Status),
        reason: &str,
    ) -> Result<()> {
        let event = events::NewEvent {
            licence: licence.id,
            kind: "undone",
            before: Some(before),
            after,
            changes: None,
            basis: "",
            reason,
            case_id: licence.case_id.as_deref(),
        };
        events::add(tx, ctx, event).await?;
        let entry = Entry::done(audit::UNDONE, audit::SUBJECT, licence.id);
        record(tx, ctx, &self.audit_key, entry).await?;
        Ok(())
    }
}

/// The missing right by its name; what is out of sight stays so.
fn may_not(problem: Problem) -> Problem {
    match problem.kind() {
        Kind::Forbidden => Problem::new(
            Kind::Forbidden,
            "licence.undo_forbidden",
            "这次退回会收回已经签发的证照，还需要“撤销证照”的权限，请由有这项权限的人员办理",
        ),
        _ => problem,
    }
}
