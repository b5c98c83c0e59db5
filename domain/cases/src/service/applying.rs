//! Beginning an application, answering its questions, filling it in step by step.

use serde_json::{Value as Json, json};
use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result, Uuid, authorize};
use tongban_forms::{StepReading, Values};
use tongban_items::{Facts, ItemRelease};
use tongban_store::Tx;

use crate::desk::{Desk, known};
use crate::model::{Draft, DraftId, MaterialFile};
use crate::service::admission;
use crate::store::{cases, drafts, materials};
use crate::{audit, permissions};

/// A draft with what its pages show.
pub struct Application {
    pub draft: Draft,
    pub release: ItemRelease,
    pub facts: Facts,
    pub files: Vec<MaterialFile>,
    /// The number of a case of the same item that is not finished.
    pub open_case: Option<String>,
}

impl Application {
    /// Whether the account belongs to a person whose name is proven.
    pub fn is_proven(&self) -> bool {
        admission::is_proven(&self.facts)
    }

    /// Why this person cannot apply.
    pub fn refusals(&self) -> Vec<String> {
        admission::refusals(&self.release, &self.facts)
    }

    pub fn values(&self) -> Values {
        values_of(&self.draft.form)
    }
}

pub(crate) fn values_of(form: &Json) -> Values {
    form.as_object().cloned().unwrap_or_default().into()
}

/// Opens a new draft for an item, or the unfinished one that the account has for it.
pub async fn begin_application(desk: &Desk, ctx: &Ctx, item: &str) -> Result<DraftId> {
    let account = account_of(ctx)?;
    let release = desk.catalog.current(item)?;
    let existing = unfinished(desk, ctx).await?;
    if let Some(draft) = existing.iter().find(|d| d.item_code == item) {
        return Ok(draft.id);
    }
    let division = desk
        .catalog
        .organisation(&release.item().organisation)
        .map_or_else(String::new, |o| o.division.clone());
    let draft = Draft {
        id: DraftId::new(),
        account,
        item_code: item.to_owned(),
        release: release.hash().clone(),
        answers: json!({}),
        form: json!({}),
        division,
        created_at: ctx.now,
        updated_at: ctx.now,
        case_id: None,
    };
    let id = draft.id;
    desk.db
        .write(
            (desk.clone(), ctx.clone(), draft),
            |tx, (desk, ctx, draft)| {
                Box::pin(async move {
                    drafts::insert(tx, &desk.cipher, draft).await?;
                    record(tx, ctx, desk, draft.id, audit::DRAFT_SAVED).await
                })
            },
        )
        .await?;
    Ok(id)
}

pub async fn unfinished(desk: &Desk, ctx: &Ctx) -> Result<Vec<Draft>> {
    let account = account_of(ctx)?;
    desk.db
        .read((desk.clone(), account), |tx, (desk, account)| {
            Box::pin(drafts::open_of(tx, &desk.cipher, *account))
        })
        .await
}

/// The draft with everything known; someone else's is not found.
pub async fn open_application(desk: &Desk, ctx: &Ctx, id: DraftId) -> Result<Application> {
    desk.db
        .read((desk.clone(), ctx.clone(), id), |tx, (desk, ctx, id)| {
            Box::pin(open_in(tx, desk, ctx, *id))
        })
        .await
}

/// The same in a transaction that is already open.
pub(crate) async fn open_in(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    id: DraftId,
) -> Result<Application> {
    let draft = drafts::load(tx, &desk.cipher, id).await?;
    authorize(ctx, permissions::APPLY, &draft)?;
    // A draft follows the newest release until it is submitted.
    let release = desk.catalog.current(&draft.item_code)?;
    let today = ctx.now.date();
    let open = cases::open_of(tx, draft.account, id).await?;
    let same = open.iter().find(|case| case.item == draft.item_code);
    Ok(Application {
        files: materials::of_draft(tx, id).await?,
        open_case: same.map(|case| case.number.clone()),
        facts: desk.facts(tx, &draft, &release, &open, today).await?,
        draft,
        release,
    })
}

/// Saves the answers to the situation questions; answers to questions that no longer stand are dropped.
pub async fn save_answers(
    desk: &Desk,
    ctx: &Ctx,
    mut application: Application,
    given: &[(String, String)],
) -> Result<Application> {
    let mut answers = serde_json::Map::new();
    loop {
        application.facts.answers = Json::Object(answers.clone());
        let before = answers.len();
        for question in application.release.questions(&application.facts) {
            let chosen = given.iter().rev().find(|(name, _)| *name == question.id);
            if let Some((_, value)) = chosen
                && question.options.iter().any(|o| o.value == *value)
            {
                answers.insert(question.id.clone(), Json::from(value.as_str()));
            }
        }
        if answers.len() == before {
            break;
        }
    }
    application.draft.answers = Json::Object(answers);
    application.facts.answers = application.draft.answers.clone();
    save(desk, ctx, &application).await?;
    Ok(application)
}

/// Reads one step of the form on top of what is saved. Everything legible is kept, faults or not.
pub async fn save_step(
    desk: &Desk,
    ctx: &Ctx,
    mut application: Application,
    step: &str,
    input: &[(String, String)],
) -> Result<(Application, StepReading)> {
    let reading = application
        .release
        .form()
        .read_step(
            step,
            &application.values(),
            input,
            &known(&application.facts),
        )
        .map_err(Problem::fields)?;
    application.draft.form = reading.values.to_json();
    save(desk, ctx, &application).await?;
    Ok((application, reading))
}

async fn save(desk: &Desk, ctx: &Ctx, application: &Application) -> Result<()> {
    let mut draft = application.draft.clone();
    draft.release = application.release.hash().clone();
    let saved = desk
        .db
        .write(
            (desk.clone(), ctx.clone(), draft),
            |tx, (desk, ctx, draft)| Box::pin(drafts::update(tx, &desk.cipher, draft, ctx.now)),
        )
        .await?;
    if saved {
        Ok(())
    } else {
        Err(already_submitted())
    }
}

pub(crate) fn already_submitted() -> Problem {
    Problem::conflict("case.submitted_already", "这份申请已经提交，不能再改")
}

pub(crate) fn account_of(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.account.ok_or_else(Problem::unauthenticated)
}

pub(crate) async fn record(
    tx: &mut Tx,
    ctx: &Ctx,
    desk: &Desk,
    draft: DraftId,
    event: tongban_audit::AuditEvent,
) -> Result<()> {
    let entry = Entry::done(event, "draft", draft.to_string());
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}

/// Replaces the form of a draft by what a program sent; legible values are kept, rules are told later.
pub async fn save_form(
    desk: &Desk,
    ctx: &Ctx,
    mut application: Application,
    form: &Json,
) -> Result<Application> {
    let values = application
        .release
        .form()
        .read_draft(form)
        .map_err(Problem::fields)?;
    application.draft.form = values.to_json();
    save(desk, ctx, &application).await?;
    Ok(application)
}
