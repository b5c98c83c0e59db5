//! The applicant's own cases, corrections, and the progress page behind the QR code.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, Date, FieldError, Kind, Problem, Result, date_words};
use tongban_forms::{ReadOptions, Sought, StepView};
use tongban_procedures::Standing;
use tongban_store::Cursor;
use tongban_ui::view::{Link, Pager, Tab};
use tongban_ui::{Answer, App, Page, Visit, download, uploads};

use super::apply::seeks;
use super::choose::offering_in;
use super::input::Fields;
use super::paper_views::{document_item, other_items};
use super::people_views::StepLimit;
use super::place::Place;
use super::views::{CasePage, CaseRow, CorrectPage, MinePage, file_item, material_view};
use super::words::{Reader, badge, clock_view, events_view};
use crate::desk::{Desk, known};
use crate::model::{Case, CaseId, CaseLine, Correction, Draft, Status};
use crate::service::applying::{Application, values_of};
use crate::service::beginning::unfinished;
use crate::service::correct::{
    correction_view, remove_correction, submit_correction, upload_correction,
};
use crate::service::discard::delete_draft;
use crate::service::sub_cases::related;
use crate::service::view::{
    CaseView, letter_content, list_cases, material_content, open_case, own_cases,
};
use crate::service::withdraw::withdraw_case;
use crate::store::case_filter::CaseFilter;

const PAGE: usize = 20;

pub async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let filter = CaseFilter {
        at: Cursor::from_query(query.get("after").map(String::as_str))?,
        limit: PAGE,
        ..CaseFilter::default()
    };
    let place = Place::of_officers(page.is_staff());
    let of_unit = place.is_workbench && query.contains_key("unit");
    let cases = match place.is_workbench {
        true => own_cases(&desk, &ctx, of_unit, filter).await?,
        false => list_cases(&desk, &ctx, filter).await?,
    };
    let drafts = match of_unit {
        true => Vec::new(),
        false => unfinished(&desk, &ctx).await?,
    };
    let today = ctx.now.date();
    let drafts = drafts
        .iter()
        .map(|draft| draft_link(&desk, place, draft, today));
    let view = MinePage {
        pager: Pager::of(&page.path, &cases, None),
        drafts: drafts.collect(),
        page: page.titled(place.title),
        tabs: tabs(place, of_unit),
        place,
        rows: cases.rows.iter().map(row).collect(),
    };
    Ok(Html(view.render()?).into_response())
}

fn tabs(place: Place, of_unit: bool) -> Vec<Tab> {
    if !place.is_workbench {
        return Vec::new();
    }
    let lists = [("我发起的", "", false), ("本单位办件", "?unit=1", true)];
    let tab = |(label, query, current): (&str, &str, bool)| Tab {
        label: label.to_owned(),
        href: format!("{}{query}", place.cases),
        count: None,
        current: current == of_unit,
    };
    lists.into_iter().map(tab).collect()
}

/// Whose item has ended says so: it can only be deleted.
fn draft_link(desk: &Desk, place: Place, draft: &Draft, today: Date) -> Link {
    let (name, note) = match desk.catalog.standing(&draft.item_code, today) {
        Some(Standing::Open(offered)) => (offered.face.name.clone(), String::new()),
        Some(Standing::Ended(offered, since)) => {
            let note = format!("，该事项自{}起不再受理", date_words(since));
            (offered.face.name.clone(), note)
        }
        Some(Standing::Paused(offered, _)) => {
            (offered.face.name.clone(), "，该事项现在暂停受理".to_owned())
        }
        None => (draft.item_code.clone(), String::new()),
    };
    let saved = draft.updated_at.words();
    Link::new(
        format!("{name}（{saved} 保存{note}）"),
        place.draft(draft.id),
    )
}

fn row(case: &CaseLine) -> CaseRow {
    CaseRow {
        href: Place::of_officers(case.unit.is_some()).case(case.id),
        item: case.item_name.clone(),
        applicant: case.applicant.clone(),
        number: case.number.clone(),
        badge: badge(case),
        note: case.submitted_at.date_words(),
        late: false,
        soon: false,
        task: String::new(),
        step: StepLimit::default(),
        paper: String::new(),
    }
}

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = open_case(&desk, &ctx, id.parse()?).await?;
    if page.is_staff() && !view.is_own {
        return Ok(Redirect::to(&format!("/workbench/cases/{id}")).into_response());
    }
    let fresh = query.contains_key("fresh");
    Ok(Html(
        case_page((&desk, &ctx), page, view, fresh, "")
            .await?
            .render()?,
    )
    .into_response())
}

async fn case_page(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    view: CaseView,
    fresh: bool,
    reason_error: &str,
) -> Result<CasePage> {
    let options = ReadOptions {
        mask: true,
        markable: false,
        problems: &[],
    };
    let place = Place::of_officers(page.is_staff());
    let base = place.case(view.case.id);
    let reader = match place.is_workbench {
        true => Reader::Unit,
        false => Reader::Applicant,
    };
    let form = view
        .release
        .form()
        .read_view(&values_of(&view.case.form), &options)
        .html()?;
    Ok(CasePage {
        page: page.titled(&view.case.item_name),
        crumbs: vec![
            Link::new(place.title, place.cases),
            Link::new(&view.case.number, ""),
        ],
        submitted: format!("{} 提交", view.case.submitted_at.words()),
        badge: badge(&view.case.line()),
        clock: clock_view(&view.clock, ctx.now),
        events: events_view(&view.events, reader),
        form,
        materials: view
            .files
            .iter()
            .map(|f| file_item(f, &format!("{base}/files"), ""))
            .collect(),
        documents: view
            .documents
            .iter()
            .map(|d| document_item(d, &format!("{base}/documents"), false))
            .chain(other_items(&view.unmade, false))
            .collect(),
        has_failed: view.has_failed(),
        correcting: view.case.status == Status::Correcting,
        can_withdraw: view.case.status.can_withdraw() && !view.case.waits,
        links: match place.is_workbench {
            true => Vec::new(),
            false => links(desk, &view, &base),
        },
        has_outcome: view.has_outcome() && !place.is_workbench,
        related: related(desk, ctx, &view).await?,
        place,
        fresh,
        qr: format!("/c/{}/qr.png", view.case.code),
        reason_error: reason_error.to_owned(),
        ended: ended(desk, ctx, &view.case),
        case: view.case,
    })
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
                .map_or(problem.message(), |e| &e.message);
            let view = open_case(&desk, &ctx, case).await?;
            let html = case_page((&desk, &ctx), page, view, false, words)
                .await?
                .render()?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The case in the pages of whoever asks.
fn base(ctx: &Ctx, case: CaseId) -> String {
    Place::of_officers(ctx.actor.staff.is_some()).case(case)
}

pub async fn show_correction(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    correction_page(
        (&desk, &ctx),
        page,
        id.parse()?,
        (&[], &Sought::default()),
        &[],
    )
    .await
}

async fn correction_page(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    case: CaseId,
    (input, sought): (&[(String, String)], &Sought),
    errors: &[FieldError],
) -> Answer {
    let mending = correction_view(desk, ctx, case, input).await?;
    let (application, correction) = (&mending.application, &mending.correction);
    let steps = application.release.form().steps().iter();
    let all: Vec<String> = steps.flat_map(|step| step.fields.clone()).collect();
    let offering = offering_in(desk, ctx, application, &all, sought).await?;
    let application = offering.as_ref().unwrap_or(application);
    let place = Place::of_case(&mending.case);
    let base = format!("{}/correction", place.case(case));
    let asked: Vec<String> = correction.fields.iter().map(|m| m.place.clone()).collect();
    let fields = correction_fields(application, &mending.case.form, &asked, input, errors);
    let files = mending.files();
    let html = CorrectPage {
        page: page.titled("补正材料"),
        crumbs: vec![
            Link::new(place.title, place.cases),
            Link::new(&mending.case.number, place.case(case)),
            Link::new("补正", ""),
        ],
        due: correction.page_words(),
        opinion: correction.opinion.clone(),
        wrong: wrong(correction),
        has_fields: !asked.is_empty(),
        seeks: seeks(&fields),
        fields: fields.html()?,
        materials: application
            .release
            .procedure()
            .material
            .iter()
            .filter(|m| correction.materials.iter().any(|mend| mend.place == m.code))
            .map(|m| material_view(m, &files, "", &base, &base, errors))
            .collect(),
        errors: errors.to_vec(),
        base,
    }
    .render()?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok((status, Html(html)).into_response())
}

/// The asked fields, and those that depend on them, as one page.
fn correction_fields(
    application: &Application,
    before: &serde_json::Value,
    asked: &[String],
    input: &[(String, String)],
    errors: &[FieldError],
) -> StepView {
    let form = application.release.form();
    let mut shown = values_of(before).into_json();
    let typed = form
        .read_draft(input)
        .map(|v| v.into_json())
        .unwrap_or_default();
    if let (Some(shown), Some(typed)) = (shown.as_object_mut(), typed.as_object()) {
        shown.extend(typed.clone());
    }
    let known = known(&application.facts);
    let open: Vec<&str> = form
        .correction_fields(&values_of(before), asked, &known)
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    let mut all = StepView {
        id: "correction".into(),
        title: "补正".into(),
        help: None,
        fields: Vec::new(),
        errors: Vec::new(),
    };
    for step in form.steps() {
        if let Some(view) = form.step_view(&step.id, &values_of(&shown), &known, errors) {
            all.fields.extend(
                view.fields
                    .into_iter()
                    .filter(|f| open.contains(&f.name.as_str())),
            );
            all.errors.extend(view.errors);
        }
    }
    all
}

fn wrong(correction: &Correction) -> Vec<(String, String)> {
    let all = correction.fields.iter().chain(&correction.materials);
    all.map(|m| (m.title.clone(), m.problem.clone())).collect()
}

pub async fn correct(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let input = fields.of_form();
    let sought = Sought::read(&input);
    if sought.anew {
        return correction_page((&desk, &ctx), page, case, (&input, &sought), &[]).await;
    }
    match submit_correction(&desk, &ctx, case, &input).await {
        Ok(()) => Ok(Redirect::to(&base(&ctx, case)).into_response()),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let sent = (input.as_slice(), &sought);
            correction_page((&desk, &ctx), page, case, sent, problem.field_errors()).await
        }
        Err(problem) => Err(problem.into()),
    }
}

pub async fn upload(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, material)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let outcome = async {
        for file in uploads(request, app.office().upload_limit).await? {
            upload_correction(&desk, &ctx, case, &material, &file.name, file.content).await?;
        }
        Ok::<(), Problem>(())
    }
    .await;
    match outcome {
        Ok(()) => Ok(Redirect::to(&format!("{}/correction", base(&ctx, case))).into_response()),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::TooLarge) => {
            let error = FieldError::new(
                format!("/materials/{material}"),
                problem.code(),
                problem.message(),
            );
            let nothing = (&[][..], &Sought::default());
            let errors = [error];
            let shown = correction_page((&desk, &ctx), page, case, nothing, &errors);
            let mut answer = shown.await?;
            *answer.status_mut() =
                StatusCode::from_u16(problem.kind().status()).unwrap_or(answer.status());
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

pub async fn discard(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    delete_draft(&desk, &ctx, id.parse()?).await?;
    let place = Place::of_officers(ctx.actor.staff.is_some());
    Ok(Redirect::to(place.cases).into_response())
}

pub async fn remove(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    remove_correction(&desk, &ctx, case, file.parse()?).await?;
    Ok(Redirect::to(&format!("{}/correction", base(&ctx, case))).into_response())
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
