//! The papers of a case. What becomes of them is told in the transaction that records it: what
//! was made lets the flow go on, what failed is on record with its cause.

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, Result};
use tongban_documents::Failure;
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseDocument, CaseId};
use crate::paper::Paper;
use crate::service::ending::follow_end;
use crate::service::operations::{CaseOperations, instance_of};
use crate::service::variables::variables;
use crate::service::work::follow_phase;
use crate::store::{cases, documents, events};
use crate::work::Work;

/// All of a case that have no file.
pub(crate) async fn unmade(
    tx: &mut Tx,
    desk: &Desk,
    case: CaseId,
    letters: &[CaseDocument],
) -> Result<Vec<Paper>> {
    let mut all: Vec<Paper> = letters.iter().filter_map(Paper::of_letter).collect();
    for source in &desk.brought.papers {
        all.extend(source.awaited_by(tx, case).await?);
    }
    Ok(all)
}

/// How a paper stands that a module makes for a case, told in the transaction that records it.
#[derive(Clone, Debug)]
pub struct PaperNews {
    pub case: CaseId,
    pub title: String,
    pub number: String,
    /// None when it is made.
    pub failure: Option<Failure>,
}

pub async fn hear_of_paper(tx: &mut Tx, desk: &Desk, ctx: &Ctx, news: &PaperNews) -> Result<()> {
    match &news.failure {
        None => go_on(tx, desk, ctx, news.case).await,
        Some(failure) => {
            let of = (news.case, news.title.as_str(), news.number.as_str());
            failed(tx, desk, ctx, of, failure).await
        }
    }
}

/// Lets the flow of a case go on that waited for its papers, as far as they are there.
pub(crate) async fn go_on(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<()> {
    if !cases::waits(tx, case).await? {
        return Ok(());
    }
    let mut work = Work::load(tx, desk, case).await?;
    work.decided_as(&events::of_case(tx, case).await?);
    let variables = variables(tx, desk, &work.case, ctx.now).await?;
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome = tongban_flows::wake(tx, ctx, &engine, instance_of(case), &variables).await?;
    let mut work = runner.work_after(&outcome);
    follow_end(tx, desk, ctx, &mut work, &outcome).await?;
    follow_phase(tx, desk, ctx, &mut work).await?;
    work.save(tx, desk).await
}

/// Puts on record that a paper could not be made.
pub(crate) async fn failed(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (case, title, number): (CaseId, &str, &str),
    failure: &Failure,
) -> Result<()> {
    let mut work = Work::load(tx, desk, case).await?;
    let what = CaseEvent::PaperFailed {
        title: title.to_owned(),
        number: number.to_owned(),
        fault: failure.fault,
        words: failure.words.clone(),
        stopped: failure.is_final,
    };
    work.happened(desk, ctx, what);
    work.save(tx, desk).await?;
    let entry = Entry::done(audit::PAPER_FAILED, "case", case).with_detail(
        json!({ "paper": title, "fault": failure.fault, "stopped": failure.is_final }),
    );
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}

/// Puts on record that a letter could not be made; nothing when it is there or void by now.
pub(crate) async fn letter_failed(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    letter: &CaseDocument,
    failure: &Failure,
) -> Result<()> {
    if !documents::record_failure(tx, letter.id, failure).await? {
        return Ok(());
    }
    let of = (
        letter.case_id,
        letter.title.as_str(),
        letter.number.as_str(),
    );
    failed(tx, desk, ctx, of, failure).await
}
