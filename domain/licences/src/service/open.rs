//! Opening one licence: by its holder, or by staff in sight of it. Whoever may not see it is told that it is not
//! there, and the attempt stays on record.

use serde_json::{Map, Value as Json};
use tongban_audit::{Entry, attempt, note_refused};
use tongban_base::{ActorKind, Ctx, Kind, Permission, Permit, Problem, Result, authorize};
use tongban_store::{ObjectId, Tx};

use crate::licences::Licences;
use crate::model::{Changes, Edition, Files, Licence, LicenceEvent, LicenceId, Status};
use crate::store::{editions, events, licences as store};
use crate::{audit, error, permissions};

/// More lines of history than a page shows.
const HISTORY: i64 = 200;

/// A licence with its current edition. The face holds personal data: only for those who may see it.
#[derive(Clone, Debug)]
pub struct OpenLicence {
    pub licence: Licence,
    pub edition: Edition,
    pub face: Map<String, Json>,
    pub holder_name: String,
    pub holder_number: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    Ofd,
    Pdf,
    Png,
}

impl FileFormat {
    pub fn media_type(self) -> &'static str {
        match self {
            FileFormat::Ofd => "application/ofd",
            FileFormat::Pdf => "application/pdf",
            FileFormat::Png => "image/png",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            FileFormat::Ofd => "ofd",
            FileFormat::Pdf => "pdf",
            FileFormat::Png => "png",
        }
    }

    fn of(self, files: &Files) -> &ObjectId {
        match self {
            FileFormat::Ofd => &files.ofd,
            FileFormat::Pdf => &files.pdf,
            FileFormat::Png => &files.png,
        }
    }
}

impl Licences {
    /// Errors: not found for whoever may not see it, forbidden for staff in sight without the right.
    pub async fn open(&self, ctx: &Ctx, id: LicenceId) -> Result<OpenLicence> {
        self.permitted(ctx, id, permissions::READ).await?;
        let what = (audit::SUBJECT, id.to_string());
        let purpose = "管理证照";
        self.reads.note(ctx, audit::VIEWED, what, purpose).await?;
        self.db
            .read((self.clone(), id), |tx, (licences, id)| {
                Box::pin(licences.load(tx, *id))
            })
            .await
    }

    /// Loads a licence and proves that the actor may do this to it.
    pub(crate) async fn permitted(
        &self,
        ctx: &Ctx,
        id: LicenceId,
        right: Permission,
    ) -> Result<(Permit, Licence)> {
        let found = self
            .db
            .read(id, |tx, id| Box::pin(store::by_id(tx, *id)))
            .await?
            .filter(|licence| licence.status != Status::Void)
            .ok_or_else(Problem::not_found)?;
        match authorized(ctx, right, &found) {
            Ok(permit) => Ok((permit, found)),
            Err(problem) => {
                let entry = Entry::refused(audit::OPENED, audit::SUBJECT, id, problem.code());
                note_refused(&self.db, ctx, &self.audit_key, entry).await?;
                Err(problem)
            }
        }
    }

    async fn load(&self, tx: &mut Tx, id: LicenceId) -> Result<OpenLicence> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        let edition = editions::one(tx, id, licence.version).await?;
        let face = editions::face(tx, id, licence.version).await?;
        let holder = store::holder(tx, id).await?;
        Ok(OpenLicence {
            face: self.open_face(id, &face)?,
            holder_name: self.open_field(id, "holder_name", &holder.name)?,
            holder_number: self.open_field(id, "holder_number", &holder.number)?,
            licence,
            edition,
        })
    }

    /// The files of an opened licence, made now if no job has made them yet.
    pub async fn files(&self, ctx: &Ctx, open: &OpenLicence) -> Result<Files> {
        if let Some(files) = &open.edition.files {
            return Ok(files.clone());
        }
        let made = self
            .produce(ctx, open.licence.id, open.edition.version)
            .await?;
        made.ok_or_else(error::not_made)
    }

    /// One file of a licence that the actor may see, with a name to save it under.
    pub async fn download(
        &self,
        ctx: &Ctx,
        id: LicenceId,
        format: FileFormat,
    ) -> Result<(Vec<u8>, String)> {
        let open = self.open(ctx, id).await?;
        let files = self.files(ctx, &open).await?;
        let content = self.objects.get(format.of(&files)).await?;
        if ctx.actor.kind == ActorKind::Staff {
            // The face shows the holder unmasked.
            let entry = Entry::done(audit::OPENED, audit::SUBJECT, id);
            attempt(&self.db, ctx, &self.audit_key, entry).await?;
        }
        let name = format!(
            "{} {}.{}",
            open.licence.title,
            open.licence.number,
            format.extension()
        );
        Ok((content, name))
    }

    /// The history of a licence that the actor may see, the latest first.
    pub async fn history(&self, ctx: &Ctx, id: LicenceId) -> Result<Vec<LicenceEvent>> {
        self.permitted(ctx, id, permissions::READ).await?;
        let rows = self
            .db
            .read(id, |tx, id| Box::pin(events::of(tx, *id, HISTORY)))
            .await?;
        let open = |row: events::EventRow| {
            let changes = match &row.changes {
                Some(sealed) => serde_json::from_str(&self.open_field(id, "changes", sealed)?)?,
                None => Changes::default(),
            };
            Ok(LicenceEvent {
                changes,
                ..row.event
            })
        };
        rows.into_iter().map(open).collect()
    }
}

/// Staff who may revoke may also read. A holder may read, but never revoke.
pub(crate) fn authorized(ctx: &Ctx, right: Permission, licence: &Licence) -> Result<Permit> {
    if right == permissions::REVOKE && ctx.actor.kind == ActorKind::Citizen {
        authorize(ctx, permissions::READ, licence)?;
        return Err(Problem::forbidden());
    }
    let permit = authorize(ctx, right, licence);
    let is_forbidden = permit.as_ref().is_err_and(|p| p.kind() == Kind::Forbidden);
    if right == permissions::READ && ctx.actor.kind == ActorKind::Staff && is_forbidden {
        return authorize(ctx, permissions::REVOKE, licence);
    }
    permit
}
