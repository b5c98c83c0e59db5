//! What was handed in and filled in once need not be again: files of finished cases of the same applicant for the same
//! material, and what he wrote then for the same item. Whoever acts by a mandate has nothing of the principal's earlier
//! cases and is offered none.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result, Scope, Timestamp};
use tongban_procedures::{Material, MaterialSource, ProcedureRelease};
use tongban_store::Tx;

use crate::agent::Agent;
use crate::audit;
use crate::desk::Desk;
use crate::model::{Case, CaseId, CaseLine, DraftId, MaterialFile, MaterialFileId, Status};
use crate::service::applying::{Application, editing, save, values_of};
use crate::service::inspection::room;
use crate::store::case_filter::{CaseFilter, Progress};
use crate::store::{cases, drafts, materials};

/// So many of the latest cases are looked at.
const CASES: usize = 8;
/// And so many files offered for a material.
const FILES: usize = 3;
/// What is older may not be true any more, and says so.
const OLD_DAYS: i64 = 365;

/// A file of an earlier case.
#[derive(Clone, Debug)]
pub struct EarlierFile {
    pub file: MaterialFile,
    pub number: String,
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
    agent.is_none_or(Agent::is_at_window) && application.draft.unit.is_none()
}

fn succeeded(status: Status) -> bool {
    matches!(status, Status::Closed | Status::Delivered)
}

async fn finished(tx: &mut Tx, desk: &Desk, application: &Application) -> Result<Vec<CaseLine>> {
    if !is_his(application) || !application.is_proven() {
        return Ok(Vec::new());
    }
    let filter = CaseFilter {
        state: Some(Progress::Closed),
        limit: CASES,
        ..CaseFilter::default()
    };
    let own = Scope::Own(application.draft.account);
    let mut page = cases::list(tx, &desk.cipher, &own, &filter).await?;
    page.rows.retain(|case| succeeded(case.status));
    Ok(page.rows)
}

/// Files that can be taken over, by material; those of cases that were granted.
pub async fn earlier_files(desk: &Desk, application: &Application) -> Result<Vec<EarlierFile>> {
    let input = (desk.clone(), application.clone());
    let read = desk.db.read(input, |tx, (desk, application)| {
        Box::pin(async move {
            let wanted = application.release.materials(&application.facts);
            let mut earlier: Vec<EarlierFile> = Vec::new();
            for line in finished(tx, desk, application).await? {
                let case = cases::load(tx, &desk.cipher, line.id).await?;
                for file in materials::of_draft(tx, case.draft).await? {
                    let fits = wanted.iter().any(|m| fits(m, &file));
                    let of_it = |held: &MaterialFile| {
                        held.material == file.material && held.object == file.object
                    };
                    let held = application.files.iter().any(of_it);
                    let told = earlier.iter().any(|one| of_it(&one.file));
                    let same = earlier
                        .iter()
                        .filter(|one| one.file.material == file.material);
                    if fits && !held && !told && same.count() < FILES {
                        earlier.push(EarlierFile {
                            is_old: is_old(&file, application),
                            number: case.number.clone(),
                            file,
                        });
                    }
                }
            }
            Ok(earlier)
        })
    });
    read.await
}

fn is_old(file: &MaterialFile, application: &Application) -> bool {
    let age = application.facts.today - file.uploaded_at.date();
    age.num_days() > OLD_DAYS
}

fn fits(material: &Material, file: &MaterialFile) -> bool {
    let mut formats = material.formats.iter();
    material.code == file.material
        && material.takes_files()
        && material.source != MaterialSource::Form
        && formats.any(|kind| kind.media_type() == file.media_type)
}

/// Takes a file of an earlier case over. Errors: it is not his, of no case that was granted, or not for this material.
pub async fn use_again(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    (material, file): (&str, MaterialFileId),
) -> Result<()> {
    let input = (draft, material.to_owned(), file);
    desk.write(ctx, input, |tx, desk, ctx, (draft, material, file)| {
        Box::pin(async move {
            let application = editing(tx, desk, ctx, *draft).await?;
            let (number, found) = found(tx, desk, &application, *file).await?;
            let wanted = application.release.materials(&application.facts);
            let mut wanted = wanted.into_iter();
            let wanted = wanted.find(|m| m.code == *material && fits(m, &found));
            let wanted = wanted.ok_or_else(Problem::not_found)?;
            let held = |held: &MaterialFile| {
                held.material == found.material && held.object == found.object
            };
            // A second click.
            if application.files.iter().any(held) {
                return Ok(());
            }
            room(tx, desk, &application, (wanted, found.size), ctx.now).await?;
            let file = MaterialFile {
                id: MaterialFileId::new(),
                uploaded_at: ctx.now,
                origin: Some(number.clone()),
                ..found
            };
            materials::insert(tx, *draft, &file)?;
            drafts::touch(tx, *draft, ctx.now).await?;
            let entry = Entry::done(audit::FILE_UPLOADED, "draft", *draft);
            let entry = entry.with_detail(json!({ "from": number }));
            tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
        })
    })
    .await
}

async fn found(
    tx: &mut Tx,
    desk: &Desk,
    application: &Application,
    file: MaterialFileId,
) -> Result<(String, MaterialFile)> {
    for line in finished(tx, desk, application).await? {
        let case = cases::load(tx, &desk.cipher, line.id).await?;
        let mut files = materials::of_draft(tx, case.draft).await?.into_iter();
        if let Some(found) = files.find(|held| held.id == file) {
            return Ok((case.number, found));
        }
    }
    Err(Problem::not_found())
}

/// The latest case of the same item that was granted; none where something is filled in already.
pub async fn earlier_case(desk: &Desk, application: &Application) -> Result<Option<EarlierCase>> {
    if !is_empty(application) {
        return Ok(None);
    }
    let input = (desk.clone(), application.clone());
    let read = desk.db.read(input, |tx, (desk, application)| {
        Box::pin(async move {
            let finished = finished(tx, desk, application).await?;
            let item = &application.draft.item_code;
            let latest = finished.into_iter().find(|case| case.item_code == *item);
            Ok(latest.map(|case| EarlierCase {
                id: case.id,
                number: case.number,
                filed: case.submitted_at,
            }))
        })
    });
    read.await
}

fn is_empty(application: &Application) -> bool {
    let form = application.draft.form.as_object();
    form.is_none_or(serde_json::Map::is_empty)
}

/// Fills the form in as it was in that case; what has no place any more is left out. Errors: it is not his, of another
/// item, or was not granted; something is filled in already.
pub async fn fill_again(desk: &Desk, ctx: &Ctx, draft: DraftId, case: CaseId) -> Result<()> {
    desk.write(ctx, (draft, case), |tx, desk, ctx, (draft, case)| {
        Box::pin(async move {
            let mut application = editing(tx, desk, ctx, *draft).await?;
            let case = cases::load(tx, &desk.cipher, *case).await?;
            let his = case.account == application.draft.account
                && case.item_code == application.draft.item_code;
            if !his || !is_his(&application) || !succeeded(case.status) {
                return Err(Problem::not_found());
            }
            // A second click.
            if !is_empty(&application) {
                return Ok(());
            }
            application.draft.form = as_then(&application.release, &case);
            save(tx, desk, ctx, &mut application).await
        })
    })
    .await
}

fn as_then(release: &ProcedureRelease, case: &Case) -> serde_json::Value {
    let (fits, _) = release.form().fitting(&values_of(&case.form));
    fits.into_json()
}
