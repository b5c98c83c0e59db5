//! The applicant mends what was asked for, and only that.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result, authorize};
use tongban_flows::{Completion, Engine, Task};
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::event::CaseEvent;
use crate::model::{CaseId, Correction, MaterialFile, Status};
use crate::service::applying::{Application, open_application, values_of};
use crate::service::operations::{APPLICANT, CaseOperations, instance_of, variables};
use crate::service::{upload, view};
use crate::work::Work;
use crate::{audit, permissions};

/// Hands in a file for a material that was asked for.
pub async fn upload_correction(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    material: &str,
    name: &str,
    content: Vec<u8>,
) -> Result<MaterialFile> {
    let (application, correction) = correcting(desk, ctx, case).await?;
    if !correction.materials.iter().any(|m| m.place == material) {
        return Err(Problem::forbidden());
    }
    upload::store_file(desk, ctx, &application, material, name, content).await
}

async fn correcting(desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<(Application, Correction)> {
    let opened = view::open_case(desk, ctx, case).await?;
    authorize(ctx, permissions::APPLY, &opened.case)?;
    let correction = opened
        .case
        .correction
        .filter(|_| opened.case.status == Status::Correcting)
        .ok_or_else(|| Problem::conflict("case.not_correcting", "这个办件现在不需要补正"))?;
    let mut application = open_application(desk, ctx, opened.case.draft).await?;
    application.release = opened.release;
    Ok((application, correction))
}

/// Reads the mended fields, checks that every asked material has a new file, and goes on with the flow.
pub async fn submit_correction(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    input: &[(String, String)],
) -> Result<()> {
    let (application, correction) = correcting(desk, ctx, case).await?;
    let asked: Vec<String> = correction.fields.iter().map(|m| m.place.clone()).collect();
    let opened = view::open_case(desk, ctx, case).await?;
    let since = opened
        .events
        .iter()
        .rev()
        .find(|e| matches!(e.what, Some(CaseEvent::CorrectionAsked { .. })))
        .map(|e| e.at);
    in_time(desk, ctx, &correction)?;
    let before = values_of(&opened.case.form);
    let values = if asked.is_empty() {
        before
    } else {
        application
            .release
            .form()
            .read_correction(&before, &asked, input, &known(&application.facts))
            .map_err(Problem::fields)?
    };
    let missing: Vec<FieldError> = correction
        .materials
        .iter()
        .filter(|m| {
            !application
                .files
                .iter()
                .any(|f| f.material == m.place && since.is_none_or(|s| f.uploaded_at >= s))
        })
        .map(|m| {
            let words = format!("请重新上传{}", m.title);
            FieldError::new(format!("/materials/{}", m.place), "material.missing", words)
        })
        .collect();
    if !missing.is_empty() {
        return Err(Problem::fields(missing));
    }
    let write = (desk.clone(), ctx.clone(), case, values.to_json());
    desk.db
        .write(write, |tx, (desk, ctx, case, form)| {
            Box::pin(hand_in(tx, desk, ctx, *case, form))
        })
        .await
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
    case: CaseId,
    form: &serde_json::Value,
) -> Result<()> {
    let mut work = Work::load(tx, desk, case).await?;
    if work.case.status != Status::Correcting {
        return Err(Problem::conflict(
            "case.corrected_already",
            "补正已经提交，请等待受理",
        ));
    }
    let task = applicants_task(tx, case).await?;
    let changes = changed(&work.case.form, form);
    work.case.form = form.clone();
    work.case.status = work.case.before_correction();
    work.case.correction = None;
    let changed = changes.clone();
    work.happened(desk, ctx, CaseEvent::Corrected { changed });
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
    let variables = variables(desk, &work.case);
    let release = work.release.clone();
    let runner = CaseOperations::new(desk, work);
    let engine = Engine {
        definition: release.flow(),
        operations: &runner,
        calendar: desk.catalog.calendar(),
    };
    tongban_flows::complete(tx, ctx, &engine, task.id, &completion, &variables).await?;
    runner.into_work().save(tx, desk).await?;
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
fn changed(before: &serde_json::Value, after: &serde_json::Value) -> Vec<String> {
    let names = |value: &serde_json::Value| {
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

/// What the page of a correction shows.
pub async fn correction_view(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
) -> Result<(view::CaseView, Application, Correction)> {
    let opened = view::open_case(desk, ctx, case).await?;
    let (application, correction) = correcting(desk, ctx, case).await?;
    Ok((opened, application, correction))
}
