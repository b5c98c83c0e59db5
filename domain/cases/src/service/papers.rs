//! The papers of a case: letters and the licence. What becomes of them is told in the transaction that records it: what
//! was made lets the flow go on, what failed is on record with its cause.

use std::fmt;
use std::str::FromStr;

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{Ctx, Problem, Result, Timestamp};
use tongban_documents::Failure;
use tongban_licences::{CaseNews, LicenceId, LicencePaper, PaperNews};
use tongban_store::Tx;

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseDocument, CaseDocumentId, CaseId};
use crate::service::operations::{CaseOperations, instance_of, variables};
use crate::service::work::{follow_end, follow_phase};
use crate::store::{cases, documents, events};
use crate::work::Work;

/// What a paper is called in addresses: `letter-ID` or `licence-ID-VERSION`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperId {
    Letter(CaseDocumentId),
    Licence(LicenceId, i64),
}

impl fmt::Display for PaperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter(id) => write!(f, "letter-{id}"),
            Self::Licence(id, version) => write!(f, "licence-{id}-{version}"),
        }
    }
}

impl FromStr for PaperId {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(id) = text.strip_prefix("letter-") {
            return Ok(Self::Letter(id.parse()?));
        }
        let rest = text.strip_prefix("licence-");
        let (id, version) = rest
            .and_then(|rest| rest.rsplit_once('-'))
            .ok_or_else(Problem::not_found)?;
        let version = version.parse().map_err(|_| Problem::not_found())?;
        Ok(Self::Licence(id.parse()?, version))
    }
}

/// A letter or licence that has no file yet.
#[derive(Clone, Debug)]
pub struct Paper {
    pub id: PaperId,
    pub title: String,
    pub number: String,
    /// None for a licence that no case waits for.
    pub case: Option<CaseId>,
    pub asked_at: Timestamp,
    pub failure: Option<Failure>,
    /// Somebody's picture is on it.
    pub has_photo: bool,
}

impl Paper {
    /// None when the letter is made or void.
    pub fn of_letter(letter: &CaseDocument) -> Option<Self> {
        Some(Self {
            id: PaperId::Letter(letter.id),
            title: letter.title.clone(),
            number: letter.number.clone(),
            case: Some(letter.case_id),
            asked_at: letter.asked_at?,
            failure: letter.failure.clone(),
            has_photo: false,
        })
    }
}

impl From<LicencePaper> for Paper {
    fn from(paper: LicencePaper) -> Self {
        Self {
            id: PaperId::Licence(paper.licence, paper.version),
            title: paper.title,
            number: paper.number,
            case: paper.case_id.and_then(|id| id.parse().ok()),
            asked_at: paper.asked_at,
            failure: paper.failure,
            has_photo: paper.has_photo,
        }
    }
}

/// All of a case that have no file.
pub(crate) async fn unmade(
    tx: &mut Tx,
    desk: &Desk,
    case: CaseId,
    letters: &[CaseDocument],
) -> Result<Vec<Paper>> {
    let licences = desk.licences.awaited_by(tx, &case.to_string()).await?;
    let letters = letters.iter().filter_map(Paper::of_letter);
    Ok(letters
        .chain(licences.into_iter().map(Paper::from))
        .collect())
}

/// A paper of a case that could not be made, if there is one.
pub(crate) async fn failed_of(tx: &mut Tx, desk: &Desk, case: CaseId) -> Result<Option<Paper>> {
    let letters = documents::awaited(tx, &desk.cipher, case).await?;
    let all = unmade(tx, desk, case, &letters).await?;
    Ok(all.into_iter().find(|paper| paper.failure.is_some()))
}

/// How cases hear of the files of their licences; the wiring offers it as a service.
pub fn case_news(desk: &Desk) -> CaseNews {
    let desk = desk.clone();
    CaseNews(Box::new(move |tx, ctx, news| {
        let desk = desk.clone();
        Box::pin(async move { hear(tx, &desk, ctx, news).await })
    }))
}

async fn hear(tx: &mut Tx, desk: &Desk, ctx: &Ctx, news: PaperNews) -> Result<()> {
    let case: CaseId = news.case_id.parse()?;
    match news.failure {
        None => go_on(tx, desk, ctx, case).await,
        Some(failure) => failed(tx, desk, ctx, (case, &news.title, &news.number), &failure).await,
    }
}

/// Lets the flow of a case go on that waited for its papers, as far as they are there.
pub(crate) async fn go_on(tx: &mut Tx, desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<()> {
    if !cases::waits(tx, case).await? {
        return Ok(());
    }
    let mut work = Work::load(tx, desk, case).await?;
    work.opinion = decided_with(tx, case).await?;
    let variables = variables(desk, &work.case);
    let release = work.release.clone();
    let runner = CaseOperations::of(tx, desk, work).await?;
    let engine = runner.engine(&release);
    let outcome = tongban_flows::wake(tx, ctx, &engine, instance_of(case), &variables).await?;
    let mut work = runner.work_after(&outcome);
    follow_end(tx, desk, ctx, &mut work, &outcome).await?;
    follow_phase(tx, desk, ctx, &mut work).await?;
    work.save(tx, desk).await
}

/// What the officer said with the decision whose papers are there now.
async fn decided_with(tx: &mut Tx, case: CaseId) -> Result<String> {
    let journal = events::of_case(tx, case).await?;
    let said = journal
        .into_iter()
        .rev()
        .find_map(|event| match event.what {
            Some(CaseEvent::TaskCompleted { opinion, .. }) => Some(opinion),
            _ => None,
        });
    Ok(said.unwrap_or_default())
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
