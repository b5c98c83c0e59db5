//! What is late: the hourly look marks and reports it, once per case, and ends what was given up.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_base::{Ctx, Result, Scope};
use tongban_store::Job;

use crate::desk::Desk;
use crate::model::CaseId;
use crate::service::lapse::end_lapsed;
use crate::service::telling::tell_office;
use crate::store::cases::{self, CaseFilter};
use crate::store::events;
use crate::work::Work;

const PAGE: i64 = 200;

/// Looks for overdue cases; asks itself again for the next hour.
#[derive(Debug, Serialize, Deserialize)]
pub struct LookForOverdue {}

impl Job for LookForOverdue {
    const NAME: &'static str = "cases.look_for_overdue";
    fn ordering_key(&self) -> Option<String> {
        Some(Self::NAME.into())
    }
}

/// All that the look does.
pub async fn look(desk: &Desk, ctx: &Ctx) -> Result<()> {
    end_lapsed(desk, ctx).await?;
    report_overdue(desk, ctx).await.map(|_| ())
}

/// Reports each overdue case once; gives how many were new.
pub async fn report_overdue(desk: &Desk, ctx: &Ctx) -> Result<usize> {
    let mut before = None;
    let mut reported = 0;
    loop {
        let filter = CaseFilter {
            status: String::new(),
            words: String::new(),
            overdue_on: Some(ctx.now.date()),
            before,
            limit: PAGE,
        };
        let late = desk
            .db
            .read((desk.clone(), filter), |tx, (desk, filter)| {
                Box::pin(cases::list(tx, &desk.cipher, &Scope::Everything, filter))
            })
            .await?;
        let Some(last) = late.last() else {
            return Ok(reported);
        };
        before = Some((last.submitted_at, last.id));
        for case in late.iter().filter(|c| c.paused.is_none()) {
            reported += usize::from(report(desk, ctx, case.id).await?);
        }
    }
}

async fn report(desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<bool> {
    desk.db
        .write(
            (desk.clone(), ctx.clone(), case),
            |tx, (desk, ctx, case)| {
                Box::pin(async move {
                    let journal = events::of_case(tx, *case).await?;
                    if journal.iter().any(|e| e.kind == "case.overdue") {
                        return Ok(false);
                    }
                    let mut work = Work::load(tx, desk, *case).await?;
                    let due = work.case.due_on.map(|d| d.to_string());
                    work.happened(desk, ctx, "case.overdue", json!({ "due_on": due }));
                    work.save(tx, desk).await?;
                    tell_office(tx, desk, ctx, &work, "case.overdue").await?;
                    Ok(true)
                })
            },
        )
        .await
}
