//! What a decision would do, found by making it and taking it back in the same transaction: the letters as they will be,
//! and where the case goes on. Nothing of it stays.

use std::sync::{Arc, Mutex, PoisonError};

use tongban_base::{Ctx, Problem, Result};
use tongban_documents::Pages;
use tongban_flows::TaskId;
use tongban_procedures::ProcedureRelease;
use tongban_store::Tx;

use crate::desk::Desk;
use crate::letters;
use crate::model::{Case, CaseDocument};
use crate::service::operations::{APPLICANT, instance_of};
use crate::service::produce;
use crate::service::work::{Decision, complete};
use crate::store::{cases, documents};

/// What a decision would bring.
pub struct Rehearsal {
    pub letters: Vec<LetterPreview>,
    /// The steps that would be open then; none when the case ends.
    pub next: Vec<String>,
}

/// A letter as it will be, without seal; its number is given with the decision.
pub struct LetterPreview {
    pub title: String,
    /// The words of all pages, for whoever does not see pictures.
    pub words: String,
    /// A PNG for each page.
    pub pages: Vec<Vec<u8>>,
}

/// So many dots for a point: sharp enough to read at the width of a page.
const DOTS: f32 = 1.25;

struct Played {
    case: Case,
    release: ProcedureRelease,
    letters: Vec<CaseDocument>,
    next: Vec<String>,
}

/// The play was only to be seen: it is taken back.
const OVER: &str = "case.rehearsed";

/// Errors: whatever the decision itself would be refused with.
pub async fn rehearse(
    desk: &Desk,
    ctx: &Ctx,
    task: TaskId,
    decision: Decision,
) -> Result<Rehearsal> {
    let seen: Arc<Mutex<Option<Played>>> = Arc::default();
    let input = (task, decision, Arc::clone(&seen));
    let outcome: Result<()> = desk
        .write(ctx, input, |tx, desk, ctx, (task, decision, seen)| {
            Box::pin(async move {
                let played = play(tx, desk, ctx, *task, decision).await?;
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(played);
                Err(Problem::conflict(OVER, "只是预演，没有作出决定"))
            })
        })
        .await;
    match outcome {
        Err(problem) if problem.code() != OVER => return Err(problem),
        Ok(()) | Err(_) => {}
    }
    let played = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let played = played.ok_or_else(|| Problem::internal("a rehearsal showed nothing"))?;
    let mut letters = Vec::new();
    for letter in &played.letters {
        letters.push(preview(desk, &played.release, letter).await?);
    }
    Ok(Rehearsal {
        letters,
        next: match played.case.closed_at {
            Some(_) => Vec::new(),
            None => played.next,
        },
    })
}

async fn play(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    task: TaskId,
    decision: &Decision,
) -> Result<Played> {
    let subject = tongban_flows::task(tx, task).await?.subject.parse()?;
    let before = documents::of_case(tx, &desk.cipher, subject).await?;
    let id = complete(tx, desk, ctx, task, decision).await?;
    tx.flush().await?;
    let mut letters = documents::of_case(tx, &desk.cipher, id).await?;
    letters.retain(|letter| !before.iter().any(|known| known.id == letter.id));
    let case = cases::load(tx, &desk.cipher, id).await?;
    let release = desk.catalog.release(tx, &case.release).await?;
    let step = |task: tongban_flows::Task| match task.role == APPLICANT {
        true => "申请人补正".to_owned(),
        false => task.name,
    };
    let open = tongban_flows::tasks_of_instance(tx, instance_of(id)).await?;
    let next = open.into_iter().map(step).collect();
    Ok(Played {
        case,
        release,
        letters,
        next,
    })
}

async fn preview(
    desk: &Desk,
    release: &ProcedureRelease,
    document: &CaseDocument,
) -> Result<LetterPreview> {
    let letter = letters::letter(release.folder(), &document.template)?;
    let template = produce::template(release.folder(), &letter.template)?;
    let (typesetter, data) = (desk.typesetter.clone(), document.data.clone());
    let setter = typesetter.clone();
    let drawn = typesetter
        .at_a_seat(move || {
            let pages: Pages = setter.typeset(&template, &data)?;
            let pictures = (0..pages.count()).map(|page| pages.to_png(page, DOTS));
            let pictures: std::result::Result<Vec<_>, _> = pictures.collect();
            Ok::<_, Problem>((pages.words(), pictures?))
        })
        .await
        .map_err(Problem::internal)?;
    let (words, pages) = drawn?;
    Ok(LetterPreview {
        title: letter.title,
        words,
        pages,
    })
}
