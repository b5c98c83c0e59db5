//! Beginning an application.

use serde_json::json;
use tongban_base::{Ctx, Result, Uuid};
use tongban_operations::About;

use crate::audit;
use crate::desk::Desk;
use crate::model::{Draft, DraftId};
use crate::service::applying::{account_of, record};
use crate::service::starting;
use crate::store::drafts;

/// Opens a new draft for an item, or the unfinished one that the account has for it.
pub async fn begin_application(desk: &Desk, ctx: &Ctx, item: &str) -> Result<DraftId> {
    begin_about(desk, ctx, item, None).await
}

/// The same about a record of the register that the procedure names.
pub async fn begin_about(desk: &Desk, ctx: &Ctx, item: &str, of: Option<Uuid>) -> Result<DraftId> {
    let account = account_of(ctx)?;
    let offered = desk.catalog.offered(item, ctx.now.date())?;
    let register = offered.face.about.clone().unwrap_or_default();
    let staff = ctx.actor.staff.as_ref();
    let division = desk
        .catalog
        .organisation(&offered.face.organisation)
        .map_or_else(String::new, |o| o.division.clone());
    let draft = Draft {
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
    };
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

pub async fn unfinished(desk: &Desk, ctx: &Ctx) -> Result<Vec<Draft>> {
    let account = account_of(ctx)?;
    desk.db
        .read((desk.clone(), account), |tx, (desk, account)| {
            Box::pin(drafts::open_of(tx, &desk.cipher, *account))
        })
        .await
}
