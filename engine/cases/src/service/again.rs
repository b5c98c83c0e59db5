//! What was handed in and filled in once need not be again: files of granted cases of the same applicant for the same
//! material, and what he wrote then for the same item. Whoever acts by a mandate has nothing of the principal's earlier
//! cases and is offered none.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result, Scope, Timestamp};
use tongban_procedures::{Material, MaterialSource};
use tongban_store::Tx;

use crate::agent::Agent;
use crate::desk::Desk;
use crate::model::{Case, CaseId, DraftId, MaterialFile, MaterialFileId, Status};
use crate::service::agency::Sides;
use crate::service::applying::{Application, editing, open_application, save, values_of};
use crate::service::inspection::room;
use crate::store::case_filter::{CaseFilter, Progress};
use crate::store::{cases, drafts, events, materials};
use crate::{audit, filed};

/// So many of the latest cases are looked at.
const CASES: usize = 8;
/// And so many of them offered for a material.
const OFFERED: usize = 3;
/// What is older may not be true any more, and says so.
const OLD_DAYS: i64 = 365;

/// The files of an earlier case for a material.
#[derive(Clone, Debug)]
pub struct EarlierFiles {
    pub material: String,
    pub case: CaseId,
    pub number: String,
    pub files: Vec<MaterialFile>,
    pub is_old: bool,
}

/// A case of the same item that was granted.
#[derive(Clone, Debug)]
pub struct EarlierCase {
    pub id: CaseId,
    pub number: String,
    pub filed: Timestamp,
}

fn is_his(application: &Application) -> bool {
    let agent = application.draft.agent.as_ref();
    let own = agent.is_none_or(Agent::is_at_window) && application.draft.unit.is_none();
    own && application.is_proven()
}

fn is_granted(case: &Case) -> bool {
    matches!(case.status, Status::Closed | Status::Delivered)
}

/// The latest granted cases of an item, or of all, the latest first.
async fn granted(
    tx: &mut Tx,
    desk: &Desk,
    application: &Application,
    item: &str,
) -> Result<Vec<Case>> {
    if !is_his(application) {
        return Ok(Vec::new());
    }
    let filter = CaseFilter {
        state: Some(Progress::Closed),
        item: item.to_owned(),
        limit: CASES,
        ..CaseFilter::default()
    };
    let own = Scope::Own(application.draft.account);
    let mut granted = Vec::new();
    for line in cases::list(tx, &desk.cipher, &own, &filter).await?.rows {
        let case = cases::load(tx, &desk.cipher, line.id).await?;
        if is_granted(&case) {
            granted.push(case);
        }
    }
    Ok(granted)
}

/// What counted when a case was decided; what was sent back is none of it.
async fn counted(tx: &mut Tx, case: &Case) -> Result<Vec<MaterialFile>> {
    let journal = events::of_case(tx, case.id).await?;
    let rows = materials::of_draft(tx, case.draft).await?;
    Ok(filed::current(&filed::files(&journal, &rows)))
}

/// Those of its files that are for this material and not there yet.
fn of_material(
    files: &[MaterialFile],
    material: &Material,
    application: &Application,
) -> Vec<MaterialFile> {
    let held = |file: &MaterialFile| {
        let mut held = application.files.iter();
        held.any(|held| held.material == file.material && held.object == file.object)
    };
    let fitting = files
        .iter()
        .filter(|file| fits(material, file) && !held(file));
    fitting.cloned().collect()
}

fn fits(material: &Material, file: &MaterialFile) -> bool {
    let mut formats = material.formats.iter();
    material.code == file.material
        && material.takes_files()
        && material.source != MaterialSource::Form
        && !material.once
        && formats.any(|kind| kind.media_type() == file.media_type)
}

/// What can be taken over, by material and case.
pub async fn earlier_files(desk: &Desk, application: &Application) -> Result<Vec<EarlierFiles>> {
    let input = (desk.clone(), application.clone());
    let read = desk.db.read(input, |tx, (desk, application)| {
        Box::pin(async move {
            let wanted = application.release.materials(&application.facts);
            let mut earlier: Vec<EarlierFiles> = Vec::new();
            for case in granted(tx, desk, application, "").await? {
                let files = counted(tx, &case).await?;
                for material in &wanted {
                    let files = of_material(&files, material, application);
                    let its = earlier.iter().filter(|one| one.material == material.code);
                    if files.is_empty() || its.count() >= OFFERED || told(&earlier, &files) {
                        continue;
                    }
                    earlier.push(EarlierFiles {
                        material: material.code.clone(),
                        case: case.id,
                        number: case.number.clone(),
                        is_old: files.iter().any(|file| is_old(file, application)),
                        files,
                    });
                }
            }
            Ok(earlier)
        })
    });
    read.await
}

/// Whether a later case has brought the same.
fn told(earlier: &[EarlierFiles], files: &[MaterialFile]) -> bool {
    let known = |file: &MaterialFile| {
        let mut all = earlier.iter().flat_map(|one| &one.files);
        all.any(|known| known.material == file.material && known.object == file.object)
    };
    files.iter().all(known)
}

fn is_old(file: &MaterialFile, application: &Application) -> bool {
    let age = application.facts.today - file.uploaded_at.date();
    age.num_days() > OLD_DAYS
}

/// A file that was handed in for a draft, or is offered to it, with its bytes. What a window looks at is on record.
pub async fn draft_file(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    file: MaterialFileId,
) -> Result<(MaterialFile, Vec<u8>)> {
    let application = open_application(desk, ctx, draft).await?;
    let mut files = application.files.clone();
    if !files.iter().any(|held| held.id == file) {
        let earlier = earlier_files(desk, &application).await?;
        files = earlier.into_iter().flat_map(|one| one.files).collect();
    }
    let found = files.into_iter().find(|held| held.id == file);
    let found = found.ok_or_else(Problem::not_found)?;
    if Sides::of_draft(&application.draft).are_at_window(ctx) {
        let what = ("file", found.id.to_string());
        desk.reads
            .note(ctx, audit::FILE_OPENED, what, "窗口收件")
            .await?;
    }
    let content = desk.objects.get(&found.object).await?;
    Ok((found, content))
}

/// Takes the files of an earlier case over; each keeps the day on which it was handed in first. Errors: the case is not
/// his, was not granted, or has nothing for this material.
pub async fn use_again(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    (material, case): (&str, CaseId),
) -> Result<()> {
    let input = (draft, material.to_owned(), case);
    desk.write(ctx, input, |tx, desk, ctx, (draft, material, case)| {
        Box::pin(async move {
            let mut application = editing(tx, desk, ctx, *draft).await?;
            let granted = granted(tx, desk, &application, "").await?;
            let case = granted.into_iter().find(|known| known.id == *case);
            let case = case.ok_or_else(Problem::not_found)?;
            let all = counted(tx, &case).await?;
            let wanted = application.release.materials(&application.facts);
            let wanted = wanted.into_iter().find(|m| m.code == *material).cloned();
            let wanted = wanted.ok_or_else(Problem::not_found)?;
            if !all.iter().any(|file| fits(&wanted, file)) {
                return Err(Problem::not_found());
            }
            for found in of_material(&all, &wanted, &application) {
                room(tx, desk, &application, (&wanted, found.size), ctx.now).await?;
                let file = MaterialFile {
                    id: MaterialFileId::new(),
                    origin: found.origin.clone().or(Some(case.number.clone())),
                    ..found
                };
                materials::insert(tx, *draft, &file)?;
                application.files.push(file);
            }
            drafts::touch(tx, *draft, ctx.now).await?;
            let entry = Entry::done(audit::FILE_UPLOADED, "draft", *draft);
            let entry = entry.with_detail(json!({ "from": case.number }));
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
        })
    })
    .await
}

/// The latest case of the same item that was granted.
pub async fn earlier_case(desk: &Desk, application: &Application) -> Result<Option<EarlierCase>> {
    let input = (desk.clone(), application.clone());
    let read = desk.db.read(input, |tx, (desk, application)| {
        Box::pin(async move {
            let item = &application.draft.item_code;
            let granted = granted(tx, desk, application, item).await?;
            Ok(granted.into_iter().next().map(|case| EarlierCase {
                id: case.id,
                number: case.number,
                filed: case.submitted_at,
            }))
        })
    });
    read.await
}

/// Fills in what is empty as it was in that case, as far as it may be so again. Errors: the case is not his, of another
/// item, or was not granted.
pub async fn fill_again(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    case: CaseId,
) -> Result<Application> {
    desk.write(ctx, (draft, case), |tx, desk, ctx, (draft, case)| {
        Box::pin(async move {
            let mut application = editing(tx, desk, ctx, *draft).await?;
            let case = cases::load(tx, &desk.cipher, *case).await?;
            let his = case.account == application.draft.account
                && case.item_code == application.draft.item_code;
            if !his || !is_his(&application) || !is_granted(&case) {
                return Err(Problem::not_found());
            }
            let then = application.release.form().lasting(&values_of(&case.form));
            let now = application.values();
            application.draft.form = then.over(&now).into_json();
            save(tx, desk, ctx, &mut application).await?;
            Ok(application)
        })
    })
    .await
}
