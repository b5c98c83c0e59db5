//! Beginning an application.

use serde_json::json;
use tongban_base::{Ctx, Result, Uuid};
use tongban_operations::About;
use tongban_procedures::Audience;

use crate::audit;
use crate::desk::Desk;
use crate::model::{Draft, DraftId};
use crate::service::applying::{Application, account_of, record};
use crate::service::starting;
use crate::store::{drafts, open_cases};

/// Opens a new draft for an item, or the unfinished one that the account has for it.
pub async fn begin_application(desk: &Desk, ctx: &Ctx, item: &str) -> Result<DraftId> {
    begin_about(desk, ctx, item, None).await
}

/// The same about a record of the register that the procedure names.
pub async fn begin_about(desk: &Desk, ctx: &Ctx, item: &str, of: Option<Uuid>) -> Result<DraftId> {
    let draft = new_draft(desk, ctx, item, of)?;
    desk.write(ctx, draft, |tx, desk, ctx, draft| {
        Box::pin(async move {
            let release = desk.catalog.release(tx, &draft.release).await?;
            let procedure = release.procedure();
            starting::may_start(tx, desk, ctx, procedure, draft.about.as_ref()).await?;
            let several = !procedure.is_one_open();
            if let Some(open) = drafts::open_like(tx, draft, several).await? {
                return Ok(open);
            }
            drafts::insert(tx, &desk.cipher, draft, several)?;
            record(tx, ctx, desk, draft.id, audit::DRAFT_SAVED).await?;
            Ok(draft.id)
        })
    })
    .await
}

/// The application as it would be begun, if the rules do not admit it with these answers: then nothing is begun. What
/// cannot be looked up just now, or was begun before, is no reason.
pub async fn refused_beforehand(
    desk: &Desk,
    ctx: &Ctx,
    (item, of): (&str, Option<Uuid>),
    answers: &[(String, String)],
) -> Result<Option<Application>> {
    let draft = new_draft(desk, ctx, item, of)?;
    let input = (desk.clone(), ctx.clone(), draft, answers.to_vec());
    desk.db
        .read(input, |tx, (desk, ctx, draft, answers)| {
            Box::pin(async move {
                let release = desk.catalog.release(tx, &draft.release).await?;
                let procedure = release.procedure();
                starting::may_start(tx, desk, ctx, procedure, draft.about.as_ref()).await?;
                let several = !procedure.is_one_open();
                if drafts::open_like(tx, draft, several).await?.is_some() {
                    return Ok(None);
                }
                let open = match procedure.audience {
                    Audience::Public => open_cases::open_of(tx, draft.account, draft.id).await?,
                    Audience::Unit | Audience::Staff | Audience::System => Vec::new(),
                };
                let (of, today) = ((&release, Some(ctx)), ctx.now.date());
                let facts = desk.facts(tx, draft, of, &open, today).await?;
                let mut application = Application::unsaved(draft.clone(), release, facts);
                application.answer(answers);
                let is_known = application.is_proven() && application.facts.silent.is_empty();
                let refused = is_known && !application.refusals().is_empty();
                Ok(refused.then_some(application))
            })
        })
        .await
}

fn new_draft(desk: &Desk, ctx: &Ctx, item: &str, of: Option<Uuid>) -> Result<Draft> {
    let account = account_of(ctx)?;
    let offered = desk.catalog.offered(item, ctx.now.date())?;
    let register = offered.face.about.clone().unwrap_or_default();
    let staff = ctx.actor.staff.as_ref();
    let division = desk
        .catalog
        .organisation(&offered.face.organisation)
        .map_or_else(String::new, |o| o.division.clone());
    Ok(Draft {
        id: DraftId::new(),
        account,
        unit: staff.map(|staff| staff.organisation.clone()),
        about: of.map(|record| About { register, record }),
        item_code: item.to_owned(),
        release: offered.hash.clone(),
        answers: json!({}),
        form: json!({}),
        guides: Vec::new(),
        division,
        created_at: ctx.now,
        updated_at: ctx.now,
        version: 0,
        case_id: None,
    })
}

pub async fn unfinished(desk: &Desk, ctx: &Ctx) -> Result<Vec<Draft>> {
    let account = account_of(ctx)?;
    desk.db
        .read((desk.clone(), account), |tx, (desk, account)| {
            Box::pin(drafts::open_of(tx, &desk.cipher, *account))
        })
        .await
}
