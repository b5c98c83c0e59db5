//! Submitting: everything is checked once more, then case, journal, flow and outbox are written together.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_forms::Values;
use tongban_items::MaterialSource;
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::model::{Case, CaseId, DraftId, Status};
use crate::service::applying::{Application, open_application};
use crate::service::operations;
use crate::store::cases;
use crate::{audit, journal};

/// What the applicant gets back.
#[derive(Clone, Debug)]
pub struct Submitted {
    pub case: CaseId,
    pub number: String,
    /// False when the same draft had been submitted before: a second click, one case.
    pub fresh: bool,
}

/// Turns a draft into a case. Repeating it gives the same case.
pub async fn submit_case(desk: &Desk, ctx: &Ctx, draft: DraftId) -> Result<Submitted> {
    let application = open_application(desk, ctx, draft).await?;
    if let Some(case) = application.draft.case_id {
        return earlier(desk, case).await;
    }
    let values = check(&application)?;
    let case = new_case(desk, ctx, &application, &values).await?;
    let submitted = Submitted {
        case: case.id,
        number: case.number.clone(),
        fresh: true,
    };
    let input = (desk.clone(), ctx.clone(), case, application.release);
    let written = desk
        .db
        .write(input, |tx, (desk, ctx, case, release)| {
            Box::pin(async move {
                record(tx, desk, ctx, case).await?;
                operations::start_flow(tx, desk, ctx, case, release).await
            })
        })
        .await;
    let Err(problem) = written else {
        return Ok(submitted);
    };
    // A draft has one case: the other click may have come a moment before.
    match open_application(desk, ctx, draft).await?.draft.case_id {
        Some(case) => earlier(desk, case).await,
        None => Err(problem),
    }
}

async fn earlier(desk: &Desk, case: CaseId) -> Result<Submitted> {
    let case = desk
        .db
        .read((desk.clone(), case), |tx, (desk, id)| {
            Box::pin(cases::load(tx, &desk.cipher, *id))
        })
        .await?;
    Ok(Submitted {
        case: case.id,
        number: case.number,
        fresh: false,
    })
}

/// All rules over form, answers, materials and the person; every fault is told, each at its place.
fn check(application: &Application) -> Result<Values> {
    let refusals = application.refusals();
    if !refusals.is_empty() {
        return Err(Problem::invalid("case.not_admitted", refusals.join("\n")));
    }
    if let Some(number) = &application.open_case {
        let words = format!("您已有一件同样的申请正在办理（办件号 {number}），办结后才能再次申请");
        return Err(Problem::conflict("case.open_already", words));
    }
    let mut faults = unanswered(application);
    faults.extend(missing_materials(application));
    let read = application
        .release
        .form()
        .read(&application.draft.form, &known(&application.facts));
    match read {
        Ok(values) if faults.is_empty() => Ok(values),
        Ok(_) => Err(Problem::fields(faults)),
        Err(more) => {
            faults.extend(more);
            Err(Problem::fields(faults))
        }
    }
}

fn unanswered(application: &Application) -> Vec<FieldError> {
    application
        .release
        .questions(&application.facts)
        .into_iter()
        .filter(|q| application.facts.answers.get(&q.id).is_none())
        .map(|q| {
            let words = format!("请先回答：{}", q.text);
            FieldError::new(format!("/answers/{}", q.id), "answer.missing", words)
        })
        .collect()
}

/// What only the applicant can give. What the licence base may hold is checked at the counter when it was
/// not handed in; an outage there must not keep anyone from applying.
pub(crate) fn missing_materials(application: &Application) -> Vec<FieldError> {
    application
        .release
        .materials(&application.facts)
        .into_iter()
        .filter(|m| m.required && m.source == MaterialSource::Applicant)
        .filter(|m| !application.files.iter().any(|f| f.material == m.code))
        .map(|m| {
            let words = format!("请上传{}", m.name);
            FieldError::new(format!("/materials/{}", m.code), "material.missing", words)
        })
        .collect()
}

async fn new_case(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    values: &Values,
) -> Result<Case> {
    let item = application.release.item();
    let id = CaseId::new();
    let day = ctx.now.local().format("%Y%m%d").to_string();
    let sequence = desk.numbers.next(&desk.db, &format!("case:{day}")).await?;
    let code = tongban_crypto::random_token().map_err(Problem::internal)?;
    let name = application
        .facts
        .person
        .get("name")
        .and_then(|n| n.as_str());
    Ok(Case {
        id,
        number: format!("{day}{sequence:06}"),
        code: code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(20)
            .collect(),
        item_code: item.code.clone(),
        item_name: item.name.clone(),
        release: application.release.hash().clone(),
        account: application.draft.account,
        applicant: name.unwrap_or(&ctx.actor.name).to_owned(),
        organisation: item.organisation.clone(),
        division: application.draft.division.clone(),
        status: Status::Submitted,
        answers: application.draft.answers.clone(),
        form: values.to_json(),
        correction: None,
        submitted_at: ctx.now,
        accepted_at: None,
        due_on: None,
        closed_at: None,
        result: None,
        paused: None,
        draft: application.draft.id,
        event_seq: 0,
        event_hash: journal::ROOT.to_owned(),
    })
}

async fn record(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: &Case) -> Result<()> {
    let entry = Entry::done(audit::SUBMITTED, "case", case.id)
        .with_detail(json!({ "number": case.number }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}
