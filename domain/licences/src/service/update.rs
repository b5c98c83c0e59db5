//! Changing what a face says: the same number, a new version, new files. The old edition counts until they are made, and
//! stays on record.

use serde_json::{Map, Value as Json};
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result};
use tongban_packs::ReleaseHash;
use tongban_store::Tx;

use super::issue::{Says, issued};
use crate::definition::{FaceValues, LicenceType, calculate};
use crate::jobs::ProduceLicence;
use crate::licences::Licences;
use crate::model::{Change, Changes, Licence, LicenceId, Photo, Status};
use crate::store::{editions, events, licences as store, papers};
use crate::{audit, error};

/// What a case gives when it changes a licence.
#[derive(Clone, Debug)]
pub struct LicenceUpdate {
    /// The release of the case that changes it; without one the pack in force says how the face is filled.
    pub release: Option<ReleaseHash>,
    pub person: Json,
    pub form: Json,
    pub answers: Json,
    pub case: Json,
    pub case_id: Option<String>,
    pub photo: Option<Photo>,
}

impl Licences {
    /// Calculates the face anew. Where nothing on it changes (contact data), the files stay as they are.
    /// Errors: the licence is not in force, or another change of it is being made.
    pub async fn update(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        id: LicenceId,
        update: &LicenceUpdate,
    ) -> Result<()> {
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        let status = licence.status_on(ctx.now.date());
        if status != Status::Valid {
            return Err(error::not_in_force(status));
        }
        let kind = self
            .kind(tx, &licence.kind, update.release.as_ref())
            .await?;
        let before = self.open_face(id, &editions::face(tx, id, licence.version).await?)?;
        let edition = editions::one(tx, id, licence.version).await?;
        let photo = update.photo.clone().or_else(|| edition.photo.clone());
        let after = calculate(
            &kind.fields,
            &FaceValues {
                person: &update.person,
                form: &update.form,
                answers: &update.answers,
                case: &update.case,
                licence: &licence.facts(&before, ctx.now.date()),
                issued: &issued(&licence, photo.as_ref()),
            },
        )?;
        let changes = changes(&kind, &before, &after);
        if !changes.0.is_empty() || photo != edition.photo {
            if papers::in_making(tx, id, licence.version).await?.is_some() {
                return Err(error::in_making());
            }
            let says = Says {
                face: after,
                photo,
                release: update.release.clone(),
            };
            let case_id = update.case_id.as_deref();
            self.next_edition(tx, ctx, &licence, says, case_id).await?;
        }
        self.note_update(tx, ctx, &licence, &changes, update.case_id.as_deref())
            .await
    }

    /// Writes the next version that says this and has its files made; gives its number.
    pub(crate) async fn next_edition(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        licence: &Licence,
        says: Says,
        case_id: Option<&str>,
    ) -> Result<i64> {
        let mut next = licence.clone();
        next.version = editions::next_version(tx, licence.id).await?;
        let awaited = (case_id, Some(ctx.now));
        self.keep_edition(tx, ctx, &next, says, awaited).await?;
        tx.enqueue(&ProduceLicence::of(&next), ctx.now).await?;
        Ok(next.version)
    }

    async fn note_update(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        licence: &Licence,
        changes: &Changes,
        case_id: Option<&str>,
    ) -> Result<()> {
        let event = events::NewEvent {
            licence: licence.id,
            kind: "updated",
            before: Some(licence.status),
            after: licence.status,
            changes: self.seal_changes(licence.id, changes)?,
            basis: "",
            reason: "",
            case_id,
        };
        events::add(tx, ctx, event).await?;
        let entry = Entry::done(audit::UPDATED, audit::SUBJECT, licence.id);
        record(tx, ctx, &self.audit_key, entry).await?;
        Ok(())
    }
}

/// Fields that say something else now, in the order of the face.
pub(crate) fn changes(
    kind: &LicenceType,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
) -> Changes {
    let value = |face: &Map<String, Json>, code: &str| face.get(code).cloned().unwrap_or_default();
    let changed = kind.fields.iter().filter_map(|field| {
        let (before, after) = (value(before, &field.code), value(after, &field.code));
        (before != after).then(|| Change {
            title: field.title.clone(),
            before,
            after,
        })
    });
    Changes(changed.collect())
}
