//! Handing in a file: it is taken apart and judged before it is kept.

use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_procedures::Material;
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::model::{CaseId, DraftId, MaterialFile, MaterialFileId};
use crate::service::applying::{Application, editing};
use crate::service::correct::mending;
use crate::service::inspection::{fair_share, judge, room};
use crate::store::{drafts, materials};

/// To what a file belongs: an application that is being filled in, or a case whose applicant has to mend something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Draft(DraftId),
    Correction(CaseId),
}

impl Place {
    /// As the transaction finds it, and the earliest moment at which something happens there; refused when nothing may
    /// be handed in any more. Of a case only the material that was asked for is open.
    async fn open(
        self,
        tx: &mut Tx,
        desk: &Desk,
        ctx: &Ctx,
        material: Option<&str>,
    ) -> Result<(Application, Timestamp)> {
        match self {
            Self::Draft(draft) => Ok((editing(tx, desk, ctx, draft).await?, ctx.now)),
            Self::Correction(case) => {
                let mending = mending(tx, desk, ctx, case).await?;
                // Clocks of two nodes may differ.
                let at = ctx.now.max(mending.asked_at);
                let application = match material {
                    Some(material) => mending.asked_for(material)?,
                    None => mending.application,
                };
                Ok((application, at))
            }
        }
    }

    /// The material, when one more file of `size` bytes may come for it.
    async fn room(
        self,
        tx: &mut Tx,
        desk: &Desk,
        ctx: &Ctx,
        (material, size): (&str, i64),
    ) -> Result<(Application, Material, Timestamp)> {
        let (application, at) = self.open(tx, desk, ctx, Some(material)).await?;
        let wanted = application.release.materials(&application.facts);
        let called_for = |m: &&Material| match self {
            Self::Draft(_) => wanted.iter().any(|wanted| wanted.code == m.code),
            // What an officer asks for is called for.
            Self::Correction(_) => true,
        };
        let material = application
            .release
            .procedure()
            .material
            .iter()
            .filter(called_for)
            .find(|m| m.code == material && m.takes_files())
            .ok_or_else(Problem::not_found)?
            .clone();
        room(tx, desk, &application, (&material, size), ctx.now).await?;
        Ok((application, material, at))
    }
}

/// Stores a file for a material of an application.
pub async fn upload_file(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    store_file(desk, ctx, Place::Draft(draft), material, name, content).await
}

/// Looked at before it is stored, so that what has no room is not; asked again in the transaction that writes.
pub(crate) async fn store_file(
    desk: &Desk,
    ctx: &Ctx,
    place: Place,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    let asked = (place, material.to_owned(), size(content.len()));
    let looked = (desk.clone(), ctx.clone(), asked);
    let material = desk
        .db
        .read(looked, |tx, (desk, ctx, (place, material, size))| {
            Box::pin(async move { Ok(place.room(tx, desk, ctx, (material, *size)).await?.1) })
        })
        .await?;
    let judged = judge(desk, &material, name, content, ctx.now).await?;
    fair_share(desk, ctx, &material, judged.content.len()).await?;
    let asked = (place, material.code, size(judged.content.len()));
    let media_type = judged.kind.media_type();
    let object = desk.objects.keep(judged.content, media_type).await?;
    let input = (asked, (judged.name, judged.verdict), object);
    desk.write(ctx, input, |tx, desk, ctx, (asked, told, object)| {
        Box::pin(async move {
            let ((place, material, size), (name, verdict)) = (asked, told);
            let (application, material, at) = place.room(tx, desk, ctx, (material, *size)).await?;
            object.record(tx, ctx.now);
            // Sent once more because no answer came.
            let twin = application.files.iter().find(|held| {
                held.material == material.code && held.object == object.id && held.name == *name
            });
            if let (Place::Draft(_), Some(held)) = (place, twin) {
                return Ok(held.clone());
            }
            let file = MaterialFile {
                id: MaterialFileId::new(),
                material: material.code,
                object: object.id.clone(),
                name: name.clone(),
                media_type: object.media_type.clone(),
                size: *size,
                uploaded_at: at,
                verdict: verdict.clone(),
                origin: None,
            };
            let draft = application.draft.id;
            materials::insert(tx, draft, &file)?;
            drafts::touch(tx, draft, ctx.now).await?;
            let entry = Entry::done(audit::FILE_UPLOADED, "draft", draft);
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
            Ok(file)
        })
    })
    .await
}

fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Takes a file back before submission; that it was there stays on record.
pub async fn remove_file(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    file: MaterialFileId,
) -> Result<()> {
    take_back(desk, ctx, Place::Draft(draft), file).await
}

pub(crate) async fn take_back(
    desk: &Desk,
    ctx: &Ctx,
    place: Place,
    file: MaterialFileId,
) -> Result<()> {
    desk.write(ctx, (place, file), |tx, desk, ctx, (place, file)| {
        Box::pin(async move {
            let (application, at) = place.open(tx, desk, ctx, None).await?;
            let held = application.files.iter().find(|held| held.id == *file);
            // Taken away a moment before.
            let Some(held) = held else {
                return Ok(());
            };
            if let Place::Correction(_) = place {
                place.open(tx, desk, ctx, Some(&held.material)).await?;
            }
            let draft = application.draft.id;
            materials::remove(tx, draft, *file, at).await?;
            drafts::touch(tx, draft, ctx.now).await?;
            let entry = Entry::done(audit::FILE_REMOVED, "draft", draft);
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
        })
    })
    .await
}
