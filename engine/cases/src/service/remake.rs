//! Papers that failed or have waited too long: the list for whoever looks after them, making them again, and putting
//! another photo on a licence. Asking twice asks once: it is judged in the transaction that writes.

use std::sync::Arc;

use serde_json::json;
use tongban_audit::Entry;
use tongban_base::{ActorKind, Ctx, FieldError, Problem, Result, Scope, Timestamp, authorize};
use tongban_procedures::MaterialUse;
use tongban_store::{Cursor, KeyPage, StoredObject, Tx};

use crate::audit;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::model::{CaseId, FileVerdict, MaterialFile, MaterialFileId};
use crate::paper::{Overdue, Paper, PaperId, PaperSource};
use crate::permissions::REMAKE;
use crate::service::inspection::judge;
use crate::service::produce::ProduceLetter;
use crate::store::{cases, documents, materials};
use crate::work::Work;

/// A paper is made within seconds; what takes longer has got stuck.
const LATE_MINUTES: i64 = 10;
const LONGEST_REASON: usize = 200;

/// A paper of the list, with the case by its number.
pub struct PaperRow {
    pub paper: Paper,
    pub case: Option<(CaseId, String)>,
}

fn late(now: Timestamp) -> Timestamp {
    now.plus_minutes(-LATE_MINUTES)
}

/// What failed or has waited too long in sight of the actor, the longest first, beside a row of the list.
pub async fn overdue_papers(
    desk: &Desk,
    ctx: &Ctx,
    at: Option<Cursor>,
    limit: usize,
) -> Result<KeyPage<PaperRow>> {
    may_remake(ctx)?;
    let what = ("queue", "papers".to_owned());
    (desk.reads.note(ctx, audit::LISTED, what, "查看制作异常")).await?;
    let wanted = Overdue {
        late: late(ctx.now),
        at: at.clone(),
        // One more than is shown tells whether the list goes on.
        limit: limit + 1,
    };
    let input = (desk.clone(), Scope::of(&ctx.actor), wanted);
    let found = desk.db.read(input, |tx, (desk, scope, wanted)| {
        Box::pin(list(tx, desk, scope, wanted))
    });
    Ok(KeyPage::new(found.await?, limit, at.as_ref(), |row| {
        let (at, key) = key(&row.paper);
        vec![at.0.into(), key.into()]
    }))
}

/// Lists of one order become one.
async fn list(tx: &mut Tx, desk: &Desk, scope: &Scope, wanted: &Overdue) -> Result<Vec<PaperRow>> {
    let letters = documents::overdue(tx, &desk.cipher, scope, wanted).await?;
    let mut papers: Vec<Paper> = letters.iter().filter_map(Paper::of_letter).collect();
    for source in &desk.brought.papers {
        papers.extend(source.overdue(tx, scope, wanted).await?);
    }
    papers.sort_by_key(key);
    if wanted.at.as_ref().is_some_and(|at| at.backward) {
        papers.reverse();
    }
    papers.truncate(wanted.limit);
    let mut rows = Vec::with_capacity(papers.len());
    for paper in papers {
        let case = match paper.case {
            Some(id) => Some((id, cases::load(tx, &desk.cipher, id).await?.number)),
            None => None,
        };
        rows.push(PaperRow { paper, case });
    }
    Ok(rows)
}

/// By this the list is ordered.
fn key(paper: &Paper) -> (Timestamp, String) {
    (paper.asked_at, paper.key.clone())
}

pub(crate) fn may_remake(ctx: &Ctx) -> Result<()> {
    let staff = ctx.actor.staff.as_ref();
    match staff.is_some_and(|staff| staff.permissions.contains(REMAKE.0)) {
        true => Ok(()),
        false if ctx.actor.kind == ActorKind::Anonymous => Err(Problem::unauthenticated()),
        false => Err(Problem::forbidden()),
    }
}

/// Has a paper made again. What is made, or on its way, is left alone.
pub async fn remake_paper(desk: &Desk, ctx: &Ctx, paper: PaperId) -> Result<()> {
    let done = desk
        .write(ctx, paper.clone(), |tx, desk, ctx, paper| {
            Box::pin(remake(tx, desk, ctx, paper))
        })
        .await;
    refused(desk, ctx, audit::PAPER_REMADE, &paper, done).await
}

async fn refused(
    desk: &Desk,
    ctx: &Ctx,
    event: tongban_audit::AuditEvent,
    paper: &PaperId,
    done: Result<()>,
) -> Result<()> {
    use tongban_base::Kind;
    if let Err(problem) = &done
        && matches!(problem.kind(), Kind::NotFound | Kind::Forbidden)
    {
        let entry = Entry::refused(event, "paper", paper, problem.code());
        tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
    }
    done
}

async fn remake(tx: &mut Tx, desk: &Desk, ctx: &Ctx, paper: &PaperId) -> Result<()> {
    let (case, title, number) = match paper {
        PaperId::Letter(id) => {
            let letter = documents::load(tx, &desk.cipher, *id).await?;
            let case = cases::load(tx, &desk.cipher, letter.case_id).await?;
            authorize(ctx, REMAKE, &case)?;
            if !documents::ask_again(tx, *id, (late(ctx.now), ctx.now)).await? {
                return Ok(());
            }
            let job = ProduceLetter {
                case: case.id,
                document: *id,
            };
            tx.run_again(&job, ctx.now).await?;
            (Some(case.id), letter.title, letter.number)
        }
        PaperId::Other { kind, id } => {
            let source = desk.brought.paper_source(kind)?;
            let paper = source.awaited(tx, ctx, REMAKE, id).await?;
            if !source.make_again(tx, ctx, id, late(ctx.now)).await? {
                return Ok(());
            }
            (paper.case, paper.title, paper.number)
        }
    };
    if let Some(case) = case {
        let mut work = Work::load(tx, desk, case).await?;
        work.happened(desk, ctx, CaseEvent::PaperRemade { title, number });
        work.save(tx, desk).await?;
    }
    let entry = Entry::done(audit::PAPER_REMADE, "paper", paper);
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await
}

/// What the office hands in instead of a picture that cannot be drawn.
pub struct OtherPhoto {
    pub name: String,
    pub content: Vec<u8>,
    pub reason: String,
}

/// Puts another photo on a licence whose picture cannot be drawn, and has it made again. The file goes the way of every
/// upload; the case keeps who exchanged it and why.
pub async fn exchange_photo(
    desk: &Desk,
    ctx: &Ctx,
    paper: PaperId,
    photo: OtherPhoto,
) -> Result<()> {
    let done = exchange(desk, ctx, &paper, photo).await;
    refused(desk, ctx, audit::PHOTO_EXCHANGED, &paper, done).await
}

async fn exchange(desk: &Desk, ctx: &Ctx, paper: &PaperId, photo: OtherPhoto) -> Result<()> {
    let reason = reason(&photo.reason)?;
    let looked = (desk.clone(), ctx.clone(), paper.clone());
    let material = desk
        .db
        .read(looked, |tx, (desk, ctx, paper)| {
            Box::pin(async move {
                let (work, ..) = open(tx, desk, ctx, paper).await?;
                let mut materials = work.release.procedure().material.iter();
                let found = materials.find(|m| m.used_as == Some(MaterialUse::Photo));
                found.cloned().ok_or_else(Problem::not_found)
            })
        })
        .await?;
    let judged = judge(desk, &material, &photo.name, photo.content, ctx.now)
        .await
        .map_err(beside_the_field)?;
    let size = i64::try_from(judged.content.len()).unwrap_or(i64::MAX);
    let object = desk
        .objects
        .keep(judged.content, judged.kind.media_type())
        .await?;
    let named = (material.code, judged.name, judged.verdict, size);
    let input = (paper.clone(), object, named, reason);
    desk.write(
        ctx,
        input,
        |tx, desk, ctx, (paper, object, named, reason)| {
            Box::pin(put_on(tx, desk, ctx, paper, (object, named), reason))
        },
    )
    .await
}

/// The case of a paper that the actor may have made again, and who makes it under which name.
async fn open<'p>(
    tx: &mut Tx,
    desk: &'p Desk,
    ctx: &Ctx,
    paper: &'p PaperId,
) -> Result<(Work, &'p Arc<dyn PaperSource>, &'p str)> {
    let PaperId::Other { kind, id } = paper else {
        return Err(Problem::not_found());
    };
    let source = desk.brought.paper_source(kind)?;
    let found = source.awaited(tx, ctx, REMAKE, id).await?;
    let case = found.case.ok_or_else(Problem::not_found)?;
    Ok((Work::load(tx, desk, case).await?, source, id))
}

type Named = (String, String, Option<FileVerdict>, i64);

async fn put_on(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    paper: &PaperId,
    (object, (material, name, verdict, size)): (&StoredObject, &Named),
    reason: &str,
) -> Result<()> {
    let (mut work, source, id) = open(tx, desk, ctx, paper).await?;
    if !object.media_type.starts_with("image/") {
        return Err(not_a_picture());
    }
    if !source.exchange_photo(tx, id, object).await? {
        let words = "这张证照现在不需要换照片，可能已经由同事换过，请刷新后再看";
        return Err(Problem::conflict("paper.no_exchange", words));
    }
    object.record(tx, ctx.now);
    let file = MaterialFile {
        id: MaterialFileId::new(),
        material: material.clone(),
        object: object.id.clone(),
        name: name.clone(),
        media_type: object.media_type.clone(),
        size: *size,
        uploaded_at: ctx.now,
        verdict: verdict.clone(),
        origin: None,
    };
    materials::insert(tx, work.case.draft, &file)?;
    let reason = reason.to_owned();
    work.happened(desk, ctx, CaseEvent::PhotoExchanged { file, reason });
    let case = work.case.id;
    work.save(tx, desk).await?;
    let entry =
        Entry::done(audit::PHOTO_EXCHANGED, "paper", paper).with_detail(json!({ "case": case }));
    tongban_audit::record(tx, ctx, &desk.audit_key, entry).await?;
    remake(tx, desk, ctx, paper).await
}

fn reason(text: &str) -> Result<String> {
    let words = match text.trim() {
        "" => "请写明为什么换照片、照片从哪里来，会记在办件里",
        text if text.chars().count() > LONGEST_REASON => "最多 200 个字，请缩短",
        text => return Ok(text.to_owned()),
    };
    let field = FieldError::new("/reason", "required", words);
    Err(Problem::fields(vec![field]))
}

fn not_a_picture() -> Problem {
    let words = "照片应为 JPG 或者 PNG 图片，请重新选择";
    Problem::fields(vec![FieldError::new("/file", "upload.format", words)])
}

/// Where the page has one field for the file.
fn beside_the_field(problem: Problem) -> Problem {
    let field = FieldError::new("/file", problem.code().to_owned(), problem.message());
    problem.with_field(field)
}
