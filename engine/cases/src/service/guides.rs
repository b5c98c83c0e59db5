//! What is read before somebody fills in a procedure; where the procedure says so, it is confirmed before anything goes on.

use tongban_base::{Ctx, FieldError, Problem, Result, Timestamp};
use tongban_operations::{GuidePage, GuidePart};
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::event::GuideRead;
use crate::model::DraftId;
use crate::service::applying::{Application, editing, save};

/// The place of a guide that is not confirmed.
pub(crate) const PLACE: &str = "/guide";

/// Those of a procedure today.
pub(crate) async fn of(
    tx: &mut Tx,
    desk: &Desk,
    release: &ProcedureRelease,
    now: Timestamp,
) -> Result<Vec<GuidePage>> {
    let (Some(guides), Some(part)) = (&desk.brought.guides, release.part::<GuidePart>("guide"))
    else {
        return Ok(Vec::new());
    };
    guides
        .of(tx, &part.register, &release.procedure().code, now)
        .await
}

/// Those that have to be confirmed.
pub(crate) async fn to_confirm(
    tx: &mut Tx,
    desk: &Desk,
    release: &ProcedureRelease,
    now: Timestamp,
) -> Result<Vec<GuidePage>> {
    match release.part::<GuidePart>("guide") {
        Some(part) if part.confirm => of(tx, desk, release, now).await,
        Some(_) | None => Ok(Vec::new()),
    }
}

/// For the first page, where nothing has to be confirmed.
pub async fn shown(
    desk: &Desk,
    application: &Application,
    now: Timestamp,
) -> Result<Vec<GuidePage>> {
    if !application.guides.is_empty() {
        return Ok(Vec::new());
    }
    let input = (desk.clone(), application.release.clone());
    desk.db
        .read(input, move |tx, (desk, release)| {
            Box::pin(of(tx, desk, release, now))
        })
        .await
}

impl Application {
    /// Whether somebody has still to read something; of another version what was read before does not count.
    pub fn has_unread_guides(&self) -> bool {
        self.confirmed().len() < self.guides.len()
    }

    /// What was confirmed of what is out today.
    pub(crate) fn confirmed(&self) -> Vec<GuideRead> {
        let read = self.draft.guides.iter();
        let is_out = |read: &&GuideRead| {
            let mut out = self.guides.iter();
            out.any(|page| page.record == read.record && page.version == read.version)
        };
        read.filter(is_out).cloned().collect()
    }

    /// What a page shows, for whoever confirms it.
    pub fn guides_shown(&self) -> String {
        let shown = self.guides.iter();
        let shown = shown.map(|page| format!("{}:{}", page.record, page.version));
        shown.collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn unread_fault(&self) -> Option<FieldError> {
        self.has_unread_guides().then(unread)
    }
}

fn unread() -> FieldError {
    let words = "请先阅读办理指南，勾选“我已阅读并知晓”";
    FieldError::new(PLACE, "guide.unread", words)
}

/// For a page that was sent without its tick.
pub fn unticked() -> Problem {
    Problem::fields(vec![unread()])
}

/// Keeps that what a page showed was read. Errors: the guides are not those any more.
pub async fn confirm_guides(
    desk: &Desk,
    ctx: &Ctx,
    draft: DraftId,
    shown: String,
) -> Result<Application> {
    desk.write(ctx, (draft, shown), |tx, desk, ctx, (draft, shown)| {
        Box::pin(async move {
            let mut application = editing(tx, desk, ctx, *draft).await?;
            if *shown != application.guides_shown() {
                let words = "办理指南刚刚有更新，请重新阅读后再勾选";
                let fault = FieldError::new(PLACE, "guide.changed", words);
                return Err(Problem::fields(vec![fault]));
            }
            if application.has_unread_guides() {
                let read = application.guides.iter().map(|page| GuideRead {
                    record: page.record,
                    version: page.version,
                    title: page.title.clone(),
                    at: ctx.now,
                });
                application.draft.guides = read.collect();
                save(tx, desk, ctx, &mut application).await?;
            }
            Ok(application)
        })
    })
    .await
}
