//! Submitting: everything is checked once more, then case, journal, flow and outbox are written together.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_forms::Values;
use tongban_procedures::{Audience, MaterialSource};
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::model::{Case, CaseId, DraftId, Status};
use crate::service::applicant::name_of;
use crate::service::applying::{Application, open_application, open_in};
use crate::service::shown::{self, Shown};
use crate::service::{agency, operations, sole, submission};
use crate::store::{cases, drafts};
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
    submit_confirmed(desk, ctx, draft, None).await
}

/// The same for a page that showed what it would file: what another page has changed since is told, and nothing filed.
pub async fn submit_confirmed(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    shown: Option<Shown>,
) -> Result<Submitted> {
    let application = open_application(desk, ctx, draft).await?;
    if let Some(case) = application.draft.case_id {
        return earlier(desk, case).await;
    }
    // Whoever is refused takes no number.
    confirmed(desk, &application, shown.as_ref())?;
    let values = check(&application)?;
    let label = Arc::new(Label::next(desk, ctx).await?);
    // Roles and records of others may change at any moment: for officers all is checked where it is written.
    let release = &application.release;
    let chooses = release.form().choosers().next().is_some() || release.looks_at_form();
    if chooses || release.procedure().audience != Audience::Public {
        let release = application.release;
        let outcome = anew(desk, ctx, (draft, label, shown)).await;
        return outcome.map_err(|problem| match problem.code() {
            "store.unique" => sole::open_already(release.procedure(), None).with_cause(problem),
            _ => problem,
        });
    }
    let seen = (application, values, Arc::clone(&label));
    match as_seen(desk, ctx, seen).await {
        Err(problem) if problem.code() == "store.changed" => {
            anew(desk, ctx, (draft, label, shown)).await
        }
        outcome => outcome,
    }
}

/// Files what was checked a moment ago, unless something has changed since.
async fn as_seen(
    desk: &Desk,
    ctx: &Ctx,
    seen: (Application, Values, Arc<Label>),
) -> Result<Submitted> {
    desk.write(ctx, seen, |tx, desk, ctx, (seen, checked, label)| {
        Box::pin(async move {
            agency::authorize_draft(tx, desk, ctx, &seen.draft).await?;
            drafts::end_as_seen(tx, &seen.draft, ctx.now);
            file(tx, desk, ctx, seen, checked, label).await
        })
    })
    .await
}

/// Checks once more in the transaction that files.
async fn anew(
    desk: &Desk,
    ctx: &Ctx,
    input: (DraftId, Arc<Label>, Option<Shown>),
) -> Result<Submitted> {
    desk.write(ctx, input, |tx, desk, ctx, (draft, label, shown)| {
        Box::pin(async move {
            let application = open_in(tx, desk, ctx, *draft).await?;
            if let Some(case) = application.draft.case_id {
                // The other click came a moment before.
                return earlier_in(tx, desk, case).await;
            }
            confirmed(desk, &application, shown.as_ref())?;
            let values = check(&application)?;
            drafts::end(tx, *draft, ctx.now).await?;
            file(tx, desk, ctx, &application, &values, label).await
        })
    })
    .await
}

/// The case of what was checked.
pub(crate) async fn file(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
    values: &Values,
    label: &Label,
) -> Result<Submitted> {
    let case = Case {
        agent: agency::at_filing(tx, desk, ctx, &application.draft).await?,
        ..new_case(desk, ctx, (application, values), label)
    };
    let (release, person) = (&application.release, &application.facts.person);
    submission::must_pass(tx, desk, (&case, release), person, ctx.now).await?;
    drafts::touch_others(tx, &application.draft).await?;
    record(tx, desk, ctx, &case).await?;
    let filed = (application.filed_files(), application.confirmed());
    let facts = &application.facts;
    operations::start_flow(tx, desk, ctx, (&case, &application.release), facts, filed).await?;
    Ok(Submitted {
        case: case.id,
        number: case.number,
        fresh: true,
    })
}

fn confirmed(desk: &Desk, application: &Application, shown: Option<&Shown>) -> Result<()> {
    shown.map_or(Ok(()), |shown| shown::confirmed(desk, application, shown))
}

async fn earlier(desk: &Desk, case: CaseId) -> Result<Submitted> {
    desk.db
        .read((desk.clone(), case), |tx, (desk, case)| {
            Box::pin(earlier_in(tx, desk, *case))
        })
        .await
}

async fn earlier_in(tx: &mut Tx, desk: &Desk, case: CaseId) -> Result<Submitted> {
    let case = cases::load(tx, &desk.cipher, case).await?;
    Ok(Submitted {
        case: case.id,
        number: case.number,
        fresh: false,
    })
}

/// All rules over form, answers, materials and the person; every fault is told, each at its place.
pub(crate) fn check(application: &Application) -> Result<Values> {
    let refusals = application.refusals();
    if !refusals.is_empty() {
        return Err(Problem::invalid("case.not_admitted", refusals.join("\n")));
    }
    if let Some(number) = &application.open_case {
        let procedure = application.release.procedure();
        return Err(match &application.draft.agent {
            None => sole::open_already(procedure, Some(number)),
            Some(agent) => agency::open_already(agent),
        });
    }
    let (values, mut faults) = read(application);
    if let Some(values) = &values
        && application.release.has_filing_rules()
    {
        let (release, filed) = (&application.release, values.to_json());
        faults.extend(release.filing_faults(&application.facts, &filed));
    }
    let faults = application.naming_lost(&faults);
    match values {
        Some(values) if faults.is_empty() => Ok(values),
        _ => Err(Problem::fields(faults)),
    }
}

/// The form, if nothing is wrong with it, and all that is missing or wrong, in the order of the pages.
fn read(application: &Application) -> (Option<Values>, Vec<FieldError>) {
    let mut faults = unanswered(application);
    faults.extend(application.unread_fault());
    faults.extend(missing_materials(application));
    let known = known(&application.facts);
    let read = application
        .release
        .form()
        .read(&application.draft.form, &known);
    match read {
        Ok(values) => (Some(values), faults),
        Err(more) => {
            faults.extend(more);
            (None, faults)
        }
    }
}

/// What stands between an application and its filing, as far as the applicant fills it in.
pub fn unfinished(application: &Application) -> Vec<FieldError> {
    application.naming_lost(&read(application).1)
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

/// By what a case is called, and which case started it.
pub(crate) struct Label {
    number: String,
    code: String,
    parent: Option<CaseId>,
}

impl Label {
    async fn next(desk: &Desk, ctx: &Ctx) -> Result<Self> {
        let day = ctx.now.local().format("%Y%m%d").to_string();
        let sequence = desk.numbers.next(&desk.db, &format!("case:{day}")).await?;
        Self::numbered(format!("{day}{sequence:06}"), None)
    }

    /// The number of a sub-case says of which case it is.
    pub(crate) fn of_sub_case(parent: &Case, sequence: usize) -> Result<Self> {
        Self::numbered(format!("{}Z{sequence}", parent.number), Some(parent.id))
    }

    fn numbered(number: String, parent: Option<CaseId>) -> Result<Self> {
        let code = tongban_crypto::random_token().map_err(Problem::internal)?;
        let letters = code.chars().filter(char::is_ascii_alphanumeric);
        Ok(Self {
            number,
            code: letters.take(20).collect(),
            parent,
        })
    }
}

/// Where the office lies is asked of the directory: the draft's own note of it is not covered by its mark.
fn new_case(
    desk: &Desk,
    ctx: &Ctx,
    (application, values): (&Application, &Values),
    label: &Label,
) -> Case {
    let item = application.release.procedure();
    let person = &application.facts.person;
    let name = name_of(item, person);
    Case {
        id: CaseId::new(),
        number: label.number.clone(),
        code: label.code.clone(),
        item_code: item.code.clone(),
        item_name: item.name.clone(),
        release: application.release.hash().clone(),
        account: application.draft.account,
        agent: None,
        unit: application.draft.unit.clone(),
        about: application.draft.about.clone(),
        parent: label.parent,
        applicant: name.unwrap_or(&ctx.actor.name).to_owned(),
        organisation: item.organisation.clone(),
        division: (desk.catalog.organisation(&item.organisation))
            .map_or_else(String::new, |office| office.division.clone()),
        status: Status::Submitted,
        answers: application.draft.answers.clone(),
        form: values.to_json(),
        correction: None,
        submitted_at: ctx.now,
        accepted_at: None,
        due_on: None,
        closed_at: None,
        late: false,
        result: None,
        paused: None,
        waits: false,
        draft: application.draft.id,
        event_seq: 0,
        event_hash: journal::ROOT.to_owned(),
    }
}

async fn record(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: &Case) -> Result<()> {
    let entry = Entry::done(audit::SUBMITTED, "case", case.id)
        .with_detail(json!({ "number": case.number }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}
