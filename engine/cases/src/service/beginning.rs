//! Beginning an application.

use serde_json::json;
use tongban_base::{Ctx, Result, Uuid};
use tongban_operations::About;
use tongban_procedures::Audience;
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::model::{Draft, DraftId};
use crate::service::applying::{Application, account_of, record};
use crate::service::{agency, starting};
use crate::store::{drafts, open_cases};

/// Opens a new draft for an item, or the unfinished one that the account has for it.
pub async fn begin_application(desk: &Desk, ctx: &Ctx, item: &str) -> Result<DraftId> {
    begin_about(desk, ctx, item, None).await
}

/// The same about a record of the register that the procedure names.
pub async fn begin_about(desk: &Desk, ctx: &Ctx, item: &str, of: Option<Uuid>) -> Result<DraftId> {
    begin(desk, ctx, item, (of, None)).await
}

/// The same for whoever gave this mandate. Errors: there is none in force for the item.
pub async fn begin_for(
    desk: &Desk,
    ctx: &Ctx,
    item: &str,
    mandate: Option<Uuid>,
) -> Result<DraftId> {
    begin(desk, ctx, item, (None, mandate)).await
}

pub(crate) async fn begin(
    desk: &Desk,
    ctx: &Ctx,
    item: &str,
    (of, mandate): (Option<Uuid>, Option<Uuid>),
) -> Result<DraftId> {
    let draft = new_draft(desk, ctx, item, of)?;
    desk.write(ctx, (draft, mandate), |tx, desk, ctx, (draft, mandate)| {
        Box::pin(async move {
            let draft = &agency::on_behalf(tx, desk, ctx, (draft, *mandate)).await?;
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
    (item, of, mandate): (&str, Option<Uuid>, Option<Uuid>),
    answers: &[(String, String)],
) -> Result<Option<Application>> {
    let draft = (new_draft(desk, ctx, item, of)?, mandate);
    let input = (desk.clone(), ctx.clone(), draft, answers.to_vec());
    desk.db
        .read(input, |tx, (desk, ctx, (draft, mandate), answers)| {
            Box::pin(async move {
                let draft = &agency::on_behalf(tx, desk, ctx, (draft, *mandate)).await?;
                let release = desk.catalog.release(tx, &draft.release).await?;
                let procedure = release.procedure();
                starting::may_start(tx, desk, ctx, procedure, draft.about.as_ref()).await?;
                let several = !procedure.is_one_open();
                if drafts::open_like(tx, draft, several).await?.is_some() {
                    return Ok(None);
                }
                refused_in(tx, desk, ctx, (draft, answers)).await
            })
        })
        .await
}

/// The application that would come of a draft, if the rules do not admit it with these answers. What cannot be looked up
/// just now is no reason.
pub(crate) async fn refused_in(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (draft, answers): (&Draft, &[(String, String)]),
) -> Result<Option<Application>> {
    let release = desk.catalog.release(tx, &draft.release).await?;
    let open = match release.procedure().audience {
        Audience::Public => open_cases::open_of(tx, draft.account, draft.id).await?,
        Audience::Unit | Audience::Staff | Audience::System => Vec::new(),
    };
    let (of, today) = ((&release, Some(ctx)), ctx.now.date());
    let facts = desk.facts(tx, draft, of, &open, today).await?;
    let mut application = Application::unsaved(ctx, draft.clone(), release, facts);
    application.answer(answers);
    let is_known = application.is_proven() && application.facts.silent.is_empty();
    let refused = is_known && !application.refusals().is_empty();
    Ok(refused.then_some(application))
}

pub(crate) fn new_draft(desk: &Desk, ctx: &Ctx, item: &str, of: Option<Uuid>) -> Result<Draft> {
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
        agent: None,
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

/// Those of whoever asks, and those that he fills in for others by mandates that last.
pub async fn unfinished(desk: &Desk, ctx: &Ctx) -> Result<Vec<Draft>> {
    let account = account_of(ctx)?;
    let input = (desk.clone(), ctx.clone(), account);
    desk.db
        .read(input, |tx, (desk, ctx, account)| {
            Box::pin(async move {
                let mut open = drafts::open_of(tx, &desk.cipher, *account).await?;
                let acting = agency::acting(tx, desk, ctx).await?;
                if !acting.is_empty() {
                    let mut acted = drafts::acted_by(tx, &desk.cipher, *account).await?;
                    acted.retain(|draft| agency::is_for(&acting, draft));
                    open.extend(acted);
                }
                Ok(open)
            })
        })
        .await
}
