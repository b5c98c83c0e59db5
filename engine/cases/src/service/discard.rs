//! Deleting an application that was never submitted: its files go with it, from the disk some hours later.

use tongban_base::{Ctx, Result};

use crate::audit;
use crate::desk::Desk;
use crate::model::DraftId;
use crate::service::agency;
use crate::service::applying::{already_submitted, record};
use crate::store::{drafts, materials};

pub async fn delete_draft(desk: &Desk, ctx: &Ctx, draft: DraftId) -> Result<()> {
    desk.write(ctx, draft, |tx, desk, ctx, draft| {
        Box::pin(async move {
            // Also a draft whose item has ended.
            let found = drafts::load(tx, &desk.cipher, *draft).await?;
            agency::authorize_draft(tx, desk, ctx, &found).await?;
            if found.case_id.is_some() {
                return Err(already_submitted());
            }
            let rows = materials::all_of_draft(tx, *draft).await?;
            drafts::delete(tx, *draft).await?;
            for file in rows.into_iter().map(|row| row.file) {
                // The same content may have been handed in elsewhere, or be older.
                if !materials::names(tx, &file.object).await? {
                    tongban_store::unrecord(tx, &file.object, file.uploaded_at).await?;
                }
            }
            record(tx, ctx, desk, *draft, audit::DRAFT_DELETED).await
        })
    })
    .await
}
