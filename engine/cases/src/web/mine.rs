//! A case as its applicant sees it, and its corrections.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, Kind, Problem, Result, date_words};
use tongban_forms::ReadOptions;
use tongban_procedures::Standing;
use tongban_ui::view::{FileItem, Link};
use tongban_ui::{Answer, App, Flash, Page, Visit, download};

use super::course::{course, holder};
use super::input::Fields;
use super::paper_views::{document_item, other_items};
use super::place::Place;
use super::refused::RefusedView;
use super::views::{CasePage, file_item};
use super::words::{Reader, acting, badge, clock_view, events_view};
use crate::desk::Desk;
use crate::event::Saying;
use crate::model::{Case, CaseDocument, CaseId, LetterStatus, Status};
use crate::service::applying::values_of;
use crate::service::discard::delete_draft;
use crate::service::say::say;
use crate::service::sub_cases::related;
use crate::service::view::{CaseView, letter_content, material_content, open_case};
use crate::service::withdraw::withdraw_case;

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = open_case(&desk, &ctx, id.parse()?).await?;
    if page.is_staff() && !view.is_own && !view.is_acted {
        return Ok(Redirect::to(&format!("/workbench/cases/{id}")).into_response());
    }
    let fresh = query.contains_key("fresh");
    Ok(Html(
        case_page((&desk, &ctx), page, view, fresh, Wrong::default())
            .await?
            .render()?,
    )
    .into_response())
}

/// What one of the small forms of the page was sent with that could not be taken.
#[derive(Default)]
pub struct Wrong {
    pub reason: String,
    pub question: String,
    pub typed: String,
}

async fn case_page(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    view: CaseView,
    fresh: bool,
    wrong: Wrong,
) -> Result<CasePage> {
    let place = Place::of_officers(page.is_staff());
    let base = place.case(view.case.id);
    let at_window = place.is_workbench && view.is_acted;
    let list = match at_window {
        true => Link::new("窗口收的件", format!("{}?window=1", place.cases)),
        false => Link::new(place.title, place.cases),
    };
    let of_applicant = !place.is_workbench && !view.is_acted;
    Ok(CasePage {
        page: page.titled(&view.case.item_name),
        crumbs: vec![list, Link::new(&view.case.number, "")],
        submitted: format!("{} 提交", view.case.submitted_at.words()),
        badge: badge(&view.case.line()),
        clock: clock_view(&view.clock, ctx.now),
        events: events_view(&view.events, reader(place, &view)),
        form: form(&view)?,
        course: course(&view.case, &view.release, &view.clock),
        holder: holder(desk, &view.case),
        materials: by_material(&view, &base),
        note: format!(
            "{}，办件编号 {}，查进度：{}/c/{}",
            view.case.item_name, view.case.number, desk.public_url, view.case.code
        ),
        documents: view
            .documents
            .iter()
            .map(|d| document_item(d, &format!("{base}/documents"), false))
            .chain(other_items(&view.unmade, false))
            .collect(),
        has_failed: view.has_failed(),
        making: is_making(&view),
        refused: RefusedView::of(&view, &base),
        correcting: view.case.status == Status::Correcting,
        can_withdraw: view.case.status.can_withdraw() && !view.case.waits && !at_window,
        links: match of_applicant {
            true => links(desk, &view, &base),
            false => Vec::new(),
        },
        has_outcome: view.has_outcome() && of_applicant,
        acting: acting(view.case.agent.as_ref()),
        related: related(desk, ctx, &view).await?,
        place,
        fresh,
        at_window,
        qr: format!("/c/{}/qr.png", view.case.code),
        can_ask: (view.is_own || view.is_acted) && view.case.closed_at.is_none() && !at_window,
        wrong,
        ended: ended(desk, ctx, &view.case),
        case: view.case,
    })
}

/// Whether a paper is under way that nothing keeps from coming.
fn is_making(view: &CaseView) -> bool {
    let pending =
        |letter: &CaseDocument| letter.status == LetterStatus::Pending && letter.failure.is_none();
    view.documents.iter().any(pending) || view.unmade.iter().any(|paper| paper.failure.is_none())
}

fn reader(place: Place, view: &CaseView) -> Reader {
    match (place.is_workbench, &view.case.agent) {
        (true, _) => Reader::Unit,
        (false, Some(agent)) => Reader::ActedBy(agent.account),
        (false, None) => Reader::Applicant,
    }
}

fn form(view: &CaseView) -> Result<String> {
    let options = ReadOptions {
        mask: true,
        markable: false,
        problems: &[],
    };
    let values = values_of(&view.case.form);
    view.release.form().read_view(&values, &options).html()
}

/// The files of each material, in the order of the procedure; what it does not know any more comes last.
pub(super) fn by_material(view: &CaseView, base: &str) -> Vec<(String, Vec<FileItem>)> {
    let known = view.release.procedure().material.iter();
    let mut groups: Vec<(&str, &str, Vec<FileItem>)> = known
        .map(|m| (m.code.as_str(), m.name.as_str(), Vec::new()))
        .collect();
    for file in &view.files {
        let item = file_item(file, &format!("{base}/files"), "");
        let code = file.file.material.as_str();
        match groups.iter_mut().find(|(known, ..)| *known == code) {
            Some((_, _, files)) => files.push(item),
            None => groups.push((code, "其他材料", vec![item])),
        }
    }
    let filled = groups.into_iter().filter(|(_, _, files)| !files.is_empty());
    filled
        .map(|(_, name, files)| (name.to_owned(), files))
        .collect()
}

/// What modules offer for a case that is answered.
fn links(desk: &Desk, view: &CaseView, base: &str) -> Vec<Link> {
    let parts = view.release.parts();
    let offered = desk
        .brought
        .links
        .iter()
        .filter(|link| view.case.status.is_answered() && parts.get(link.part).is_some());
    offered
        .map(|link| Link::new(link.title, format!("{base}/{}", link.path)))
        .collect()
}

/// Since when nobody can apply any more, while this case is still worked on.
fn ended(desk: &Desk, ctx: &Ctx, case: &Case) -> String {
    match desk.catalog.standing(&case.item_code, ctx.now.date()) {
        Some(Standing::Ended(_, since)) if case.closed_at.is_none() => date_words(since),
        Some(Standing::Ended(..) | Standing::Open(_) | Standing::Paused(..)) | None => {
            String::new()
        }
    }
}

pub async fn withdraw(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    match withdraw_case(&desk, &ctx, case, fields.text("reason")).await {
        Ok(()) => Ok(Redirect::to(&base(&ctx, case)).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let words = problem
                .field_errors()
                .first()
                .map_or_else(|| problem.message().to_owned(), |e| e.message.clone());
            let view = open_case(&desk, &ctx, case).await?;
            let wrong = Wrong {
                reason: words.clone(),
                ..Wrong::default()
            };
            let html = case_page((&desk, &ctx), page, view, false, wrong)
                .await?
                .render()?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The applicant asks whoever has the case.
pub async fn ask(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let typed = fields.text("said");
    let problem = match say(&desk, &ctx, case, Saying::Question, typed.clone()).await {
        Ok(()) => {
            let mut answer = Redirect::to(&base(&ctx, case)).into_response();
            Flash::done("问题已经记入办件，经办人员办理时会看到，答复会以消息告知您；着急的请拨打办理部门电话").tell(&mut answer, &app);
            return Ok(answer);
        }
        Err(problem) => problem,
    };
    let status = match problem.kind() {
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Conflict => StatusCode::CONFLICT,
        _ => return Err(problem.into()),
    };
    let first = problem.field_errors().first();
    let wrong = Wrong {
        question: first.map_or(problem.message(), |e| &e.message).to_owned(),
        typed,
        ..Wrong::default()
    };
    let view = open_case(&desk, &ctx, case).await?;
    let shown = case_page((&desk, &ctx), page, view, false, wrong).await?;
    Ok((status, Html(shown.render()?)).into_response())
}

/// The case in the pages of whoever asks.
pub(super) fn base(ctx: &Ctx, case: CaseId) -> String {
    Place::of_officers(ctx.actor.staff.is_some()).case(case)
}

pub async fn discard(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    delete_draft(&desk, &ctx, id.parse()?).await?;
    let place = Place::of_officers(ctx.actor.staff.is_some());
    Ok(Redirect::to(place.cases).into_response())
}

pub async fn document(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    letter(&desk, &ctx, id.parse()?, &file).await
}

/// `ID.pdf` or `ID.ofd`.
pub(super) async fn letter(desk: &Desk, ctx: &Ctx, case: CaseId, file: &str) -> Answer {
    let (id, ending) = file.rsplit_once('.').ok_or_else(Problem::not_found)?;
    let ofd = match ending {
        "ofd" => true,
        "pdf" => false,
        _ => return Err(Problem::not_found().into()),
    };
    let (document, content) = letter_content(desk, ctx, case, id.parse()?, ofd).await?;
    let kind = if ofd {
        "application/ofd"
    } else {
        "application/pdf"
    };
    Ok(download(
        &format!("{}.{ending}", document.title),
        kind,
        content,
    ))
}

pub async fn file(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (file, content) = material_content(&desk, &ctx, id.parse()?, file.parse()?).await?;
    Ok(download(&file.name, &file.media_type, content))
}
