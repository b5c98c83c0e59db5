//! What a case does to the licence of its applicant, in the transaction of its flow.

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Problem, Result};
use tongban_identity::Person;
use tongban_items::{ItemRelease, LicenceEffect, MaterialUse, Validity};
use tongban_licences::{Ending, LicenceId, LicenceUpdate, NewLicence, Photo};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::{Case, CaseId, MaterialFile};

pub(super) async fn issue(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    (case, files): (&Case, &[MaterialFile]),
    release: &ItemRelease,
    person: &Person,
) -> Result<LicenceId> {
    let effect = effect(release)?;
    let validity = validity(effect)
        .ok_or_else(|| Problem::internal(format!("item {} issues no licence", case.item_code)))?;
    let new = NewLicence {
        kind: effect.kind.clone(),
        release: Some(case.release.clone()),
        previous: None,
        validity,
        account: Some(case.account),
        person: person.values(),
        form: case.form.clone(),
        answers: case.answers.clone(),
        case: case_json(case),
        case_id: Some(case.id.to_string()),
        division: case.division.clone(),
        photo: photo(files, release),
    };
    desk.licences.issue(tx, ctx, &new).await
}

pub(super) async fn update(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    (case, files): (&Case, &[MaterialFile]),
    release: &ItemRelease,
    person: &Person,
) -> Result<LicenceId> {
    let id = current(tx, ctx, desk, release, person).await?;
    let update = LicenceUpdate {
        release: Some(case.release.clone()),
        person: person.values(),
        form: case.form.clone(),
        answers: case.answers.clone(),
        case: case_json(case),
        case_id: Some(case.id.to_string()),
        photo: photo(files, release),
    };
    desk.licences.update(tx, ctx, id, &update).await?;
    Ok(id)
}

pub(super) async fn cancel(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    case: &Case,
    release: &ItemRelease,
    person: &Person,
) -> Result<LicenceId> {
    let id = current(tx, ctx, desk, release, person).await?;
    let ending = Ending {
        basis: case.number.clone(),
        reason: case.item_name.clone(),
        case_id: Some(case.id.to_string()),
    };
    desk.licences.cancel(tx, ctx, id, &ending).await?;
    Ok(id)
}

/// Takes back what one of the operations above did.
pub(super) async fn undo(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    (operation, id, case): (&str, LicenceId, CaseId),
    reason: &str,
) -> Result<()> {
    match operation {
        "licence.issue" => desk.licences.undo_issue(tx, ctx, id, reason).await,
        "licence.update" => {
            let of = (id, case.to_string());
            desk.licences
                .undo_update(tx, ctx, (of.0, &of.1), reason)
                .await
        }
        _ => desk.licences.undo_cancel(tx, ctx, id, reason).await,
    }
}

/// The term that an item gives, where it issues a licence.
pub(super) fn validity(effect: &LicenceEffect) -> Option<tongban_licences::Validity> {
    use tongban_licences::Validity as Term;
    match effect.validity {
        Validity::New => Some(Term::New),
        Validity::Extend => Some(Term::Extend),
        Validity::Keep => Some(Term::Keep),
        Validity::None => None,
    }
}

fn effect(release: &ItemRelease) -> Result<&LicenceEffect> {
    let item = release.item();
    item.licence
        .as_ref()
        .ok_or_else(|| Problem::internal(format!("item {} changes no licence", item.code)))
}

async fn current(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    release: &ItemRelease,
    person: &Person,
) -> Result<LicenceId> {
    let gone = || Problem::conflict("licence.none", "没有查到申请人名下的这种证照，不能办理");
    let number = person.id_number.as_deref().ok_or_else(gone)?;
    let digest = desk.licences.holder_digest(number);
    let facts = desk
        .licences
        .current_in(tx, &digest, &effect(release)?.kind, ctx.now.date())
        .await?;
    let id = facts.get("id").and_then(Json::as_str).ok_or_else(gone)?;
    id.parse()
}

fn case_json(case: &Case) -> Json {
    json!({ "number": case.number, "item_name": case.item_name, "item": case.item_code })
}

/// The latest picture among the files that count, of the material that is used as the photo.
fn photo(files: &[MaterialFile], release: &ItemRelease) -> Option<Photo> {
    let of_photo = |code: &str| {
        let materials = &release.item().material;
        let found = materials.iter().find(|material| material.code == code);
        found.is_some_and(|material| material.used_as == Some(MaterialUse::Photo))
    };
    let last = files.iter().rev().find(|f| of_photo(&f.material))?;
    Photo::new(last.object.clone(), &last.media_type)
}
