//! The applicant mends what was asked for, and only that.

use serde_json::{Value as Json, json};
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result, Timestamp};
use tongban_flows::{Completion, Task};
use tongban_forms::Keeping;
use tongban_procedures::{Material, MaterialSource};
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::event::{CaseEvent, KeptAsIs};
use crate::filed::{FileState, Filed, FiledFile};
use crate::model::{
    Case, CaseId, Correction, Event, MaterialFile, MaterialFileId, MaterialRow, Mend, Status,
};
use crate::service::agency::Sides;
use crate::service::applicant::as_applicant;
use crate::service::applying::{Application, values_of};
use crate::service::operations::{APPLICANT, CaseOperations, instance_of};
use crate::service::submission;
use crate::service::upload::{self, Place};
use crate::service::variables::variables;
use crate::service::view::open_case;
use crate::store::{cases, drafts, events, materials, open_cases};
use crate::work::Work;
use crate::{audit, filed};

/// What an applicant has to mend, as the transaction finds it.
pub struct Mending {
    /// With the release that the case runs on.
    pub application: Application,
    pub case: Case,
    pub correction: Correction,
    /// What counts until the correction is handed in.
    filed: Vec<MaterialFile>,
    /// What was handed in is new from here on.
    pub asked_at: Timestamp,
}

impl Mending {
    /// Only what was asked for takes files.
    pub(crate) fn asked_for(self, material: &str) -> Result<Application> {
        let mut asked = self.correction.materials.iter();
        match asked.any(|m| m.place == material) {
            true => Ok(self.application),
            false => Err(Problem::forbidden()),
        }
    }

    /// The files at hand, the new ones marked.
    pub fn files(&self) -> Vec<FiledFile> {
        let files = self.application.files.iter().cloned();
        files
            .map(|file| FiledFile {
                state: match self.filed.iter().any(|filed| filed.id == file.id) {
                    true => FileState::Filed,
                    false => FileState::New,
                },
                file,
            })
            .collect()
    }

    fn ids<'m>(files: &'m [MaterialFile], code: &'m str) -> Vec<&'m MaterialFileId> {
        let own = files.iter().filter(|file| file.material == code);
        own.map(|file| &file.id).collect()
    }

    /// The names of a material's files when they are those of before.
    fn same_files(&self, code: &str) -> Option<Vec<String>> {
        let (now, was) = (&self.application.files, &self.filed);
        if self.is_missing(code) || Self::ids(now, code) != Self::ids(was, code) {
            return None;
        }
        let own = now.iter().filter(|file| file.material == code);
        Some(own.map(|file| file.name.clone()).collect())
    }

    /// Whether there must be a file and is none.
    fn is_missing(&self, code: &str) -> bool {
        let materials = &self.application.release.procedure().material;
        let needed = |m: &Material| m.required && m.source == MaterialSource::Applicant;
        let is_needed = materials.iter().any(|m| m.code == code && needed(m));
        is_needed && Self::ids(&self.application.files, code).is_empty()
    }

    /// What was asked for and has no file.
    fn missing(&self) -> Vec<FieldError> {
        let asked = self.correction.materials.iter();
        asked
            .filter(|mend| self.is_missing(&mend.place))
            .map(|mend| {
                let words = format!("请重新上传{}", mend.title);
                let place = format!("/materials/{}", mend.place);
                FieldError::new(place, "material.missing", words)
            })
            .collect()
    }
}

pub(crate) async fn mending(tx: &mut Tx, desk: &Desk, ctx: &Ctx, id: CaseId) -> Result<Mending> {
    let case = cases::load(tx, &desk.cipher, id).await?;
    let release = desk.catalog.release(tx, &case.release).await?;
    as_applicant(tx, desk, ctx, (&case, release.procedure())).await?;
    let correction = case.correction.clone();
    let correction = correction
        .filter(|_| case.status == Status::Correcting)
        .ok_or_else(|| Problem::conflict("case.not_correcting", "这个办件现在不需要补正"))?;
    let events = events::of_case(tx, id).await?;
    let asked = |e: &&Event| matches!(e.what, Some(CaseEvent::CorrectionAsked { .. }));
    let asked_at = events
        .iter()
        .rev()
        .find(asked)
        .map_or(case.submitted_at, |e| e.at);
    let rows = materials::all_of_draft(tx, case.draft).await?;
    let live: Vec<MaterialFile> = rows.iter().map(|row| row.file.clone()).collect();
    let filed = filed::current(&filed::files(&events, &live));
    let mut draft = drafts::load(tx, &desk.cipher, case.draft).await?;
    draft.answers = case.answers.clone();
    // What was filed counts, not what the draft said before.
    draft.form = case.form.clone();
    let open = open_cases::open_of(tx, case.account, draft.id).await?;
    let today = ctx.now.date();
    let offered = (&release, Some(ctx));
    let facts = desk.facts(tx, &draft, offered, &open, today).await?;
    Ok(Mending {
        application: Application {
            files: at_hand(&filed, &rows, &correction, asked_at),
            ..Application::unsaved(ctx, draft, release, facts)
        },
        case,
        correction,
        filed,
        asked_at,
    })
}

/// What would count if the correction were handed in now: of the materials asked for what has not been taken away
/// since, and what came since; of the others what was filed.
fn at_hand(
    filed: &[MaterialFile],
    rows: &[MaterialRow],
    correction: &Correction,
    since: Timestamp,
) -> Vec<MaterialFile> {
    let gone = |file: &&MaterialFile| {
        let mut rows = rows.iter().filter(|row| row.file.id == file.id);
        rows.any(|row| row.removed_at.is_some_and(|at| at >= since))
    };
    let asked = |file: &MaterialFile| {
        correction
            .materials
            .iter()
            .any(|m| m.place == file.material)
    };
    let new = rows.iter().filter(|row| {
        let known = filed.iter().any(|file| file.id == row.file.id);
        !known && row.removed_at.is_none() && row.file.uploaded_at >= since && asked(&row.file)
    });
    let kept = filed.iter().filter(|file| !(asked(file) && gone(file)));
    kept.chain(new.map(|row| &row.file)).cloned().collect()
}

/// Hands in a file for a material that was asked for.
pub async fn upload_correction(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    let place = Place::Correction(case);
    upload::store_file(desk, ctx, place, material, name, content).await
}

/// Takes away a file of a material that was asked for: one that was handed in before, or with this correction.
pub async fn remove_correction(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    file: MaterialFileId,
) -> Result<()> {
    upload::take_back(desk, ctx, Place::Correction(case), file).await
}

/// Reads the mended fields, checks that everything asked for is mended or said to be right, and goes on with the flow.
pub async fn submit_correction(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    input: &[(String, String)],
) -> Result<()> {
    desk.write(
        ctx,
        (case, input.to_vec()),
        |tx, desk, ctx, (case, input)| {
            Box::pin(async move {
                let mut mending = mending(tx, desk, ctx, *case).await?;
                is_agreed(ctx, &mending.case, input)?;
                let (application, sent) = (&mut mending.application, input.as_slice());
                application.find_chosen(tx, desk, ctx, sent.into()).await?;
                in_time(desk, ctx, &mending.correction)?;
                let (form, kept) = mended(&mending, input)?;
                keep_rules(tx, desk, &mending, &form).await?;
                hand_in(tx, desk, ctx, mending, (form, kept)).await
            })
        },
    )
    .await
}

/// What a window sends along: the applicant stands there and agrees.
pub const AGREED: &str = "_agreed";

fn is_agreed(ctx: &Ctx, case: &Case, input: &[(String, String)]) -> Result<()> {
    let agreed = input.iter().any(|(name, _)| name == AGREED);
    match agreed || !Sides::of_case(case).are_at_window(ctx) {
        true => Ok(()),
        false => {
            let words = "请先核对申请人的证件，征得本人同意后勾选";
            let fault = FieldError::new(format!("/{AGREED}"), "required", words);
            Err(Problem::fields(vec![fault]))
        }
    }
}

/// The code of what was asked for and left as it was.
pub const UNCHANGED: &str = "unchanged";

/// The form after the correction, and what the applicant says is right as it was. What was left as it was without a
/// word is told first.
fn mended(mending: &Mending, input: &[(String, String)]) -> Result<(Json, Vec<KeptAsIs>)> {
    let (application, correction) = (&mending.application, &mending.correction);
    let asked: Vec<String> = correction.fields.iter().map(|m| m.place.clone()).collect();
    let before = values_of(&mending.case.form);
    let known = known(&application.facts);
    let form = application.release.form();
    let values = match asked.is_empty() {
        true => before.clone(),
        false => form
            .read_correction(&before, &asked, input, &known)
            .map_err(Problem::fields)?,
    };
    let open = form.correction_fields(&before, &asked, &known);
    let fields = correction.fields.iter().filter_map(|mend| {
        let field = open.iter().find(|field| field.name == mend.place)?;
        let (now, was) = (values.get(&field.name), before.get(&field.name));
        let words = || match field.words(was) {
            words if words.is_empty() => "还是没有填写".to_owned(),
            words => format!("还是原来的内容“{words}”"),
        };
        (now == was).then(|| (field.pointer(), mend, words()))
    });
    let materials = correction.materials.iter().filter_map(|mend| {
        let same = mending.same_files(&mend.place)?;
        let words = format!("还是原来的文件“{}”", same.join("”“"));
        Some((format!("/materials/{}", mend.place), mend, words))
    });
    let (mut kept, mut faults) = (Vec::new(), mending.missing());
    for (place, mend, words) in fields.chain(materials) {
        let keeping = Keeping::read(&place, input);
        match keeping.confirmed && !keeping.why.is_empty() {
            true => kept.push(KeptAsIs {
                place,
                title: mend.title.clone(),
                why: keeping.why,
            }),
            false => faults.push(unchanged(place, mend, &words, keeping.confirmed)),
        }
    }
    match faults.is_empty() {
        true => Ok((values.into_json(), kept)),
        false => Err(Problem::fields(faults)),
    }
}

fn unchanged(place: String, mend: &Mend, words: &str, confirmed: bool) -> FieldError {
    let title = &mend.title;
    let words = match confirmed {
        true => format!("请写明{title}为什么不用改"),
        false => format!("{title}{words}，请修改；没有错的，请勾选“我核对过”并写明为什么"),
    };
    FieldError::new(place, UNCHANGED, words)
}

/// What was asked for anew keeps the rules for what is filed.
async fn keep_rules(tx: &mut Tx, desk: &Desk, mending: &Mending, form: &Json) -> Result<()> {
    let (release, facts) = (&mending.application.release, &mending.application.facts);
    if !release.has_filing_rules() {
        return Ok(());
    }
    let facts = desk.look_at_form(tx, release, facts.clone(), form).await?;
    if let Some(title) = facts.silent.first() {
        let words = format!("“{title}”现在查不到，不能核对所填的内容，请过些时候再提交");
        return Err(Problem::conflict("case.look_up_silent", words));
    }
    let mut faults = release.filing_faults(&facts, form);
    faults.retain(|fault| {
        let mut asked = mending.correction.fields.iter();
        asked.any(|field| fault.pointer.strip_prefix('/') == Some(&field.place))
    });
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}

/// After the last day that the notice names nothing can be mended any more, unless the office takes late ones.
fn in_time(desk: &Desk, ctx: &Ctx, correction: &Correction) -> Result<()> {
    match correction.due() {
        // A day that is not known has not passed for anyone.
        Some(due) if due.is_known() && ctx.now.date() > due.on && desk.correction_lapses() => {
            let words = format!(
                "补正期限到{}为止，已经过了，办件即将终止办理；终止后可以重新申请",
                due.words()
            );
            Err(Problem::conflict("case.correction_late", words))
        }
        _ => Ok(()),
    }
}

async fn hand_in(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    mending: Mending,
    (form, kept): (Json, Vec<KeptAsIs>),
) -> Result<()> {
    let case = mending.case.id;
    let mended = Case {
        form: form.clone(),
        ..mending.case.clone()
    };
    let (release, person) = (
        &mending.application.release,
        &mending.application.facts.person,
    );
    submission::must_pass(tx, desk, (&mended, release), person, ctx.now).await?;
    let files = mending.application.files;
    let mut work = Work::of(mending.case, mending.application.release);
    let task = applicants_task(tx, case).await?;
    let changes = changed(&work.case.form, &form);
    work.case.form = form;
    work.case.status = work.case.before_correction();
    work.case.correction = None;
    let changed = changes.clone();
    let values = filed::digest(&desk.journal_key, case, &work.case.answers, &work.case.form);
    let filed = Some(Filed { files, values });
    let corrected = CaseEvent::Corrected {
        changed,
        filed,
        kept,
    };
    work.happened(desk, ctx, corrected);
    let completion = Completion {
        task: task.token,
        decision: task
            .decisions
            .first()
            .map(|d| d.name.clone())
            .unwrap_or_default(),
        opinion: String::new(),
        data: json!({ "changed": changes }),
    };
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome =
        tongban_flows::complete(tx, ctx, &engine, task.id, &completion, &variables).await?;
    runner.work_after(&outcome).save(tx, desk).await?;
    let entry =
        Entry::done(audit::CORRECTED, "case", case).with_detail(json!({ "changed": changes }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}

async fn applicants_task(tx: &mut Tx, case: CaseId) -> Result<Task> {
    tongban_flows::tasks_of_instance(tx, instance_of(case))
        .await?
        .into_iter()
        .find(|t| t.role == APPLICANT)
        .ok_or_else(|| Problem::conflict("case.not_correcting", "这个办件现在不需要补正"))
}

/// Names of the fields that differ; the values stay in the encrypted form.
fn changed(before: &Json, after: &Json) -> Vec<String> {
    let names = |value: &Json| {
        value
            .as_object()
            .map(|m| m.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let mut all = names(before);
    all.extend(names(after));
    all.sort();
    all.dedup();
    all.retain(|name| before.get(name) != after.get(name));
    all
}

/// What the page of a correction shows, with what is typed into it.
pub async fn correction_view(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    typed: &[(String, String)],
) -> Result<Mending> {
    open_case(desk, ctx, case).await?;
    let input = (desk.clone(), ctx.clone(), case, typed.to_vec());
    desk.db
        .read(input, |tx, (desk, ctx, case, typed)| {
            Box::pin(async move {
                let mut mending = mending(tx, desk, ctx, *case).await?;
                let typed = typed.as_slice().into();
                mending
                    .application
                    .find_chosen(tx, desk, ctx, typed)
                    .await?;
                Ok(mending)
            })
        })
        .await
}
