//! Looking at a case: by its applicant, by its office, or by whoever holds the case code.

use tongban_audit::{AuditEvent, Entry};
use tongban_base::{Ctx, Kind, Problem, Result, Scope, authorize};
use tongban_procedures::{Audience, ProcedureRelease};
use tongban_store::{KeyPage, ObjectId};

use crate::clock::Clock;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::filed::FiledFile;
use crate::model::{
    Case, CaseDocument, CaseDocumentId, CaseId, CaseLine, Event, LetterStatus, MaterialFile,
    MaterialFileId,
};
use crate::paper::Paper;
use crate::service::agency::{self, Sides};
use crate::service::applicant::is_applicant;
use crate::service::clocked::clock_of;
use crate::service::counter;
use crate::service::papers;
use crate::service::reading;
use crate::service::starting;
use crate::store::case_filter::{CaseFilter, OfUnit};
use crate::store::{cases, documents, events, materials};
use crate::{audit, filed, journal, permissions};

pub struct CaseView {
    pub case: Case,
    pub release: ProcedureRelease,
    pub events: Vec<Event>,
    /// What it was filed with, and what corrections brought and took away.
    pub files: Vec<FiledFile>,
    pub documents: Vec<CaseDocument>,
    /// Letters and licences that have no file yet.
    pub unmade: Vec<Paper>,
    pub clock: Clock,
    /// The first event that does not fit the chain; none when the journal is whole.
    pub broken_at: Option<i64>,
    /// What was filled in is not what the journal says was filed.
    pub values_changed: bool,
    /// Whoever looks stands on the applicant's side, and has to do with it in the office.
    pub is_own: bool,
    pub is_of_office: bool,
    /// Whoever looks acts for the applicant, and has nothing else of him.
    pub is_acted: bool,
}

impl CaseView {
    /// A module did something for it, which may have brought the applicant a paper.
    pub fn has_outcome(&self) -> bool {
        let done = |event: &Event| matches!(event.what, Some(CaseEvent::OperationDone(_)));
        self.events.iter().any(done)
    }

    /// Something could not be made, or not yet.
    pub fn has_failed(&self) -> bool {
        self.unmade.iter().any(|paper| paper.failure.is_some())
    }

    /// The first event that this program does not know, because a newer one wrote it.
    pub fn unread_at(&self) -> Option<i64> {
        let unread = self.events.iter().find(|event| event.what.is_none());
        unread.map(|event| event.seq)
    }
}

/// A case in sight of the actor, if an officer has a task in it, a right, or a reason. Being refused is on record, and
/// so is whatever an officer reads.
pub async fn open_case(desk: &Desk, ctx: &Ctx, id: CaseId) -> Result<CaseView> {
    opened(desk, ctx, id).await.map(|(view, _)| view)
}

/// What an officer reads is on record, and what whoever acts for the applicant does.
async fn note(
    desk: &Desk,
    ctx: &Ctx,
    view: &CaseView,
    ((event, kind, id), purpose): ((AuditEvent, &'static str, String), &str),
) -> Result<()> {
    match (view.is_acted, ctx.actor.account) {
        (true, Some(agent)) if ctx.actor.staff.is_none() => {
            let what = (event, kind, id);
            desk.reads.note_by(ctx, agent, what, purpose).await
        }
        _ => desk.reads.note(ctx, event, (kind, id), purpose).await,
    }
}

/// With the purpose for which an officer reads it, or whoever acts for the applicant.
async fn opened(desk: &Desk, ctx: &Ctx, id: CaseId) -> Result<(CaseView, String)> {
    let mut view = load(desk, ctx, id).await?;
    view.is_own = is_applicant(ctx, &view.case, view.release.procedure());
    let purpose = match &ctx.actor.staff {
        Some(_) => of_officer(desk, ctx, &mut view).await,
        None => of_citizen(desk, ctx, &mut view).await,
    };
    match purpose {
        Ok(purpose) => {
            let what = (audit::OPENED, "case", id.to_string());
            note(desk, ctx, &view, (what, &purpose)).await?;
            Ok((view, purpose))
        }
        Err(problem) => {
            let entry = Entry::refused(audit::OPENED, "case", id, problem.code());
            tongban_audit::note_refused(&desk.db, ctx, &desk.audit_key, entry).await?;
            Err(problem)
        }
    }
}

async fn of_citizen(desk: &Desk, ctx: &Ctx, view: &mut CaseView) -> Result<String> {
    view.is_acted = Sides::of_case(&view.case).are_acted_by(ctx);
    if !view.is_acted {
        return authorize(ctx, permissions::READ, &view.case).map(|_| String::new());
    }
    let input = (desk.clone(), ctx.clone(), view.case.clone());
    let read = desk.db.read(input, |tx, (desk, ctx, case)| {
        Box::pin(agency::must_last(tx, desk, ctx, Sides::of_case(case)))
    });
    read.await.map(|()| "受申请人委托代办".to_owned())
}

/// What he filed himself an officer reads as its applicant; what his unit filed too, unless he has to do with it in the
/// office.
async fn of_officer(desk: &Desk, ctx: &Ctx, view: &mut CaseView) -> Result<String> {
    view.is_acted = Sides::of_case(&view.case).are_acted_by(ctx);
    let filed_himself = ctx.actor.account == Some(view.case.account);
    let office = match reading::visible(ctx, &view.case) {
        _ if filed_himself => Err(Problem::forbidden()),
        Ok(()) => reading::purpose(desk, ctx, &view.case, &view.events).await,
        Err(problem) => Err(problem),
    };
    view.is_of_office = office.is_ok();
    match office {
        Err(_) if view.is_own => Ok("本人或者本单位发起的办件".to_owned()),
        Err(_) if view.is_acted => Ok("本单位窗口收的件".to_owned()),
        office => office,
    }
}

/// Progress for whoever holds the case code; the page shows no personal data.
pub async fn track_case(desk: &Desk, ctx: &Ctx, code: &str) -> Result<CaseView> {
    let id = desk
        .db
        .read((desk.clone(), code.to_owned()), |tx, (desk, code)| {
            Box::pin(async move { Ok(cases::by_code(tx, &desk.cipher, code).await?.id) })
        })
        .await?;
    let view = load(desk, ctx, id).await?;
    match view.release.procedure().audience {
        Audience::Public => Ok(view),
        // What offices do among themselves is nobody else's.
        Audience::Unit | Audience::Staff | Audience::System => Err(Problem::not_found()),
    }
}

async fn load(desk: &Desk, ctx: &Ctx, id: CaseId) -> Result<CaseView> {
    let (case, events, files, documents, unmade, release) = desk
        .db
        .read((desk.clone(), id), |tx, (desk, id)| {
            Box::pin(async move {
                let case = cases::load(tx, &desk.cipher, *id).await?;
                let events = events::of_case(tx, *id).await?;
                let rows = match filed::needs_rows(&events) {
                    true => materials::of_draft(tx, case.draft).await?,
                    false => Vec::new(),
                };
                let files = filed::files(&events, &rows);
                let documents = documents::of_case(tx, &desk.cipher, *id).await?;
                let unmade = papers::unmade(tx, desk, *id, &documents).await?;
                let release = desk.catalog.release(tx, &case.release).await?;
                Ok((case, events, files, documents, unmade, release))
            })
        })
        .await?;
    let clock = clock_of(desk, &release, &events, ctx.now);
    let broken_at = {
        let head = (case.event_seq, case.event_hash.as_str());
        journal::broken(&desk.journal_key, &id.to_string(), &events, head)
    };
    let values_changed = filed::values(&events).is_some_and(|filed| {
        filed != filed::digest(&desk.journal_key, id, &case.answers, &case.form)
    });
    Ok(CaseView {
        values_changed,
        is_own: false,
        is_of_office: false,
        is_acted: false,
        case,
        release,
        events,
        files,
        documents,
        unmade,
        clock,
        broken_at,
    })
}

pub async fn list_cases(desk: &Desk, ctx: &Ctx, filter: CaseFilter) -> Result<KeyPage<CaseLine>> {
    if let Some(staff) = &ctx.actor.staff {
        if !staff.permissions.contains(permissions::CONSULT.0) {
            return Err(Problem::forbidden());
        }
        let office = ("organisation", staff.organisation.clone());
        desk.reads
            .note(ctx, audit::LISTED, office, "查询办件")
            .await?;
        desk.reads
            .note_sought(ctx, "办件查询", &filter.words)
            .await?;
    }
    let input = (desk.clone(), ctx.clone(), filter);
    desk.db
        .read(input, |tx, (desk, ctx, filter)| {
            Box::pin(async move {
                let filter = CaseFilter {
                    acting: agency::acting(tx, desk, ctx).await?,
                    ..filter.clone()
                };
                cases::list(tx, &desk.cipher, &Scope::of(&ctx.actor), &filter).await
            })
        })
        .await
}

/// One line of a list; none out of sight.
pub async fn list_line(desk: &Desk, ctx: &Ctx, case: CaseId) -> Result<Option<CaseLine>> {
    let input = (desk.clone(), case);
    let found = desk.db.read(input, |tx, (desk, case)| {
        Box::pin(cases::load(tx, &desk.cipher, *case))
    });
    let found = found.await?;
    Ok(reading::visible(ctx, &found).is_ok().then(|| found.line()))
}

/// Cases in sight of which the officer has decided a step.
pub async fn handled_cases(
    desk: &Desk,
    ctx: &Ctx,
    filter: CaseFilter,
) -> Result<KeyPage<CaseLine>> {
    let (Some(account), Some(staff)) = (ctx.actor.account, &ctx.actor.staff) else {
        return Err(Problem::forbidden());
    };
    let office = ("organisation", staff.organisation.clone());
    desk.reads
        .note(ctx, audit::LISTED, office, "办理过的办件")
        .await?;
    let filter = CaseFilter {
        decided_by: Some(account),
        ..filter
    };
    let input = (desk.clone(), Scope::of(&ctx.actor), filter);
    desk.db
        .read(input, |tx, (desk, scope, filter)| {
            Box::pin(cases::list(tx, &desk.cipher, scope, filter))
        })
        .await
}

/// Whose cases an officer lists as an applicant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Own,
    Unit,
    /// What he took in at a window.
    Window,
}

/// What an officer has filed, or what his unit has.
pub async fn own_cases(
    desk: &Desk,
    ctx: &Ctx,
    whose: Whose,
    mut filter: CaseFilter,
) -> Result<KeyPage<CaseLine>> {
    let (Some(account), Some(staff)) = (ctx.actor.account, &ctx.actor.staff) else {
        return Err(Problem::forbidden());
    };
    let unit = OfUnit {
        organisation: staff.organisation.clone(),
        items: starting::of_unit(desk, ctx),
    };
    if whose == Whose::Window {
        // A colleague may have come from another office: what he took in there stays there.
        filter.office.clone_from(&staff.organisation);
        let office = ("organisation", staff.organisation.clone());
        desk.reads
            .note(ctx, audit::LISTED, office, "窗口收的件")
            .await?;
    }
    let filter = CaseFilter {
        of_unit: (whose == Whose::Unit).then_some(unit),
        ..filter
    };
    let input = (desk.clone(), ctx.clone(), (Scope::Own(account), filter));
    let read = desk
        .db
        .read(input, move |tx, (desk, ctx, (scope, filter))| {
            Box::pin(async move {
                let agents = match whose {
                    Whose::Window => Some(counter::colleagues(tx, desk, ctx).await?),
                    Whose::Own | Whose::Unit => None,
                };
                let filter = CaseFilter {
                    agents,
                    ..filter.clone()
                };
                cases::list(tx, &desk.cipher, scope, &filter).await
            })
        });
    read.await
}

/// The bytes of a handed-in file, for whoever may see its case.
pub async fn material_content(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    file: MaterialFileId,
) -> Result<(MaterialFile, Vec<u8>)> {
    let (view, purpose) = opened(desk, ctx, case).await?;
    let mut files = view.files.iter().map(|filed| &filed.file);
    let file = files.find(|f| f.id == file).cloned();
    let file = file.ok_or_else(Problem::not_found)?;
    let what = (audit::FILE_OPENED, "file", file.id.to_string());
    note(desk, ctx, &view, (what, &purpose)).await?;
    let content = desk.objects.get(&file.object).await?;
    Ok((file, content))
}

/// A letter as PDF or OFD.
pub async fn letter_content(
    desk: &Desk,
    ctx: &Ctx,
    case: CaseId,
    document: CaseDocumentId,
    ofd: bool,
) -> Result<(CaseDocument, Vec<u8>)> {
    let (view, purpose) = opened(desk, ctx, case).await?;
    let found = view.documents.iter().find(|d| d.id == document);
    let document = found.cloned().ok_or_else(Problem::not_found)?;
    let what = (audit::LETTER_OPENED, "letter", document.id.to_string());
    note(desk, ctx, &view, (what, &purpose)).await?;
    let object: Option<&ObjectId> = if ofd {
        document.ofd.as_ref()
    } else {
        document.pdf.as_ref()
    };
    let object = object.ok_or_else(|| {
        let words = match document.failure {
            _ if document.status == LetterStatus::Void => "这份文书已经作废，不再制作",
            None => "文书正在制作，请稍后刷新再下载",
            Some(_) => "文书制作遇到问题，我们正在处理，请过些时候再来下载",
        };
        Problem::new(Kind::Conflict, "document.pending", words)
    })?;
    let content = desk.objects.get(object).await?;
    Ok((document, content))
}
