//! The page on which an applicant mends what was asked for. Its files go along with what is typed, so that nothing of it
//! is lost whichever button is pressed.

use askama::Template;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, FieldError, Kind, Problem, Result};
use tongban_forms::{Keeping, Sought, StepView};
use tongban_ui::view::Link;
use tongban_ui::{Answer, App, Flash, Page, Upload, Visit, sheet};

use super::choose::offering_in;
use super::input::Fields;
use super::mine::base;
use super::place::Place;
use super::views::{MaterialView, material_view};
use super::wizard_pages::status_code;
use crate::desk::{Desk, known};
use crate::model::{CaseId, Correction, Mend};
use crate::service::agency::Sides;
use crate::service::applying::{Application, values_of};
use crate::service::correct::{
    AGREED, Mending, UNCHANGED, correction_view, remove_correction, submit_correction,
    upload_correction,
};

#[derive(Template)]
#[template(path = "case_correct.html")]
struct CorrectPage {
    page: Page,
    crumbs: Vec<Link>,
    due: String,
    opinion: String,
    wrong: Vec<(String, String)>,
    base: String,
    fields: String,
    has_fields: bool,
    /// A window hands it in: the applicant agrees.
    at_window: bool,
    agreed: bool,
    unagreed: String,
    materials: Vec<MaterialView>,
    /// By the id of its place.
    errors: Vec<(String, String)>,
}

/// What a browser sent of the page.
#[derive(Default)]
struct Sent {
    fields: Vec<(String, String)>,
    files: Vec<Upload>,
}

impl Sent {
    async fn read(app: &App, request: Request) -> std::result::Result<Self, tongban_ui::Fault> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let with_files = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
        if !with_files {
            let fields = Fields::from_request(request, &()).await?.of_form();
            let files = Vec::new();
            return Ok(Self { fields, files });
        }
        let sheet = sheet(request, app.office().upload_limit).await?;
        Ok(Self {
            fields: Fields(sheet.fields).of_form(),
            files: sheet.files,
        })
    }
}

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    correction_page((&desk, &ctx), page, id.parse()?, &[], &[]).await
}

pub async fn correct(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let sent = Sent::read(&app, request).await?;
    let by: (&Desk, &Ctx) = (&desk, &ctx);
    if let Err(fault) = keep_files(by, case, "", sent.files).await? {
        return correction_page(by, page, case, &sent.fields, &[fault]).await;
    }
    if Sought::read(&sent.fields).anew {
        return correction_page(by, page, case, &sent.fields, &[]).await;
    }
    match submit_correction(&desk, &ctx, case, &sent.fields).await {
        Ok(()) => {
            let mut answer = Redirect::to(&base(&ctx, case)).into_response();
            let words = match ctx.actor.staff.is_some() {
                true => "补正已提交，办理部门接着办；有进展会发消息告知。",
                false => "补正已提交。办理部门收到后接着办，您不用再做什么；有进展会发消息告诉您。",
            };
            Flash::done(words).tell(&mut answer, &app);
            Ok(answer)
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let faults = problem.field_errors();
            correction_page(by, page, case, &sent.fields, faults).await
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
    let by: (&Desk, &Ctx) = (&desk, &ctx);
    let outcome = async {
        let sent = Sent::read(&app, request).await.map_err(|fault| fault.0)?;
        if sent.files.is_empty() {
            let none = Problem::invalid("upload.none", "请先选择要上传的文件");
            return Ok((sent.fields, Err(fault_at(&material, &none))));
        }
        let kept = keep_files(by, case, &material, sent.files).await?;
        Ok::<_, Problem>((sent.fields, kept))
    };
    let (typed, kept) = match outcome.await {
        Ok(done) => done,
        Err(problem) if problem.kind() == Kind::TooLarge => {
            let mut answer =
                correction_page(by, page, case, &[], &[fault_at(&material, &problem)]).await?;
            *answer.status_mut() = status_code(problem.kind().status());
            return Ok(answer);
        }
        Err(problem) => return Err(problem.into()),
    };
    match kept {
        Ok(()) if typed.is_empty() => {
            let back = format!("{}/correction#f-{material}", base(&ctx, case));
            Ok(Redirect::to(&back).into_response())
        }
        Ok(()) => correction_page(by, page, case, &typed, &[]).await,
        Err(fault) => correction_page(by, page, case, &typed, &[fault]).await,
    }
}

pub async fn remove(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, file)): Path<(String, String)>,
    request: Request,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let typed = Sent::read(&app, request).await?.fields;
    remove_correction(&desk, &ctx, case, file.parse()?).await?;
    if typed.is_empty() {
        return Ok(Redirect::to(&format!("{}/correction", base(&ctx, case))).into_response());
    }
    correction_page((&desk, &ctx), page, case, &typed, &[]).await
}

/// Each file comes in the field of its material, else for the one that the address names. The inner error is told
/// beside the material.
async fn keep_files(
    (desk, ctx): (&Desk, &Ctx),
    case: CaseId,
    named: &str,
    files: Vec<Upload>,
) -> Result<std::result::Result<(), FieldError>> {
    for file in files {
        let of_field = file.field.strip_prefix(FILES);
        let material = of_field.unwrap_or(named).to_owned();
        match upload_correction(desk, ctx, case, &material, &file.name, file.content).await {
            Ok(_) => {}
            Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::TooLarge) => {
                return Ok(Err(fault_at(&material, &problem)));
            }
            Err(problem) => return Err(problem),
        }
    }
    Ok(Ok(()))
}

/// Before the code of a material in the name of its file field.
const FILES: &str = "_file.";

fn fault_at(material: &str, problem: &Problem) -> FieldError {
    let place = format!("/materials/{material}");
    FieldError::new(place, problem.code(), problem.message())
}

async fn correction_page(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    case: CaseId,
    input: &[(String, String)],
    errors: &[FieldError],
) -> Answer {
    let sought = Sought::read(input);
    let mending = correction_view(desk, ctx, case, input).await?;
    let (application, correction) = (&mending.application, &mending.correction);
    let steps = application.release.form().steps().iter();
    let all: Vec<String> = steps.flat_map(|step| step.fields.clone()).collect();
    let offering = offering_in(desk, ctx, application, &all, &sought).await?;
    let application = offering.as_ref().unwrap_or(application);
    let place = Place::of(application);
    let base = format!("{}/correction", place.case(case));
    let fields = correction_fields(application, &mending, input, errors);
    let html = CorrectPage {
        page: page.titled("补正材料").with_faults(!errors.is_empty()),
        crumbs: vec![
            Link::new(place.title, place.cases),
            Link::new(&mending.case.number, place.case(case)),
            Link::new("补正", ""),
        ],
        due: correction.page_words(),
        opinion: correction.opinion.clone(),
        wrong: wrong(correction),
        has_fields: !correction.fields.is_empty(),
        at_window: Sides::of_case(&mending.case).are_at_window(ctx),
        agreed: input.iter().any(|(name, _)| name == AGREED),
        unagreed: errors
            .iter()
            .find(|error| error.pointer.strip_prefix('/') == Some(AGREED))
            .map_or_else(String::new, |error| error.message.clone()),
        materials: materials(application, &mending, (&base, input), errors),
        errors: placed(errors),
        fields: StepView {
            errors: Vec::new(),
            ..fields
        }
        .html()?,
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

/// Each fault with the id of its place on this page: one summary for materials and fields.
fn placed(errors: &[FieldError]) -> Vec<(String, String)> {
    let place = |error: &FieldError| match error.pointer.strip_prefix("/materials/") {
        Some(code) => format!("#f-{code}"),
        None if error.pointer.is_empty() => String::new(),
        None => format!("#field-{}", error.pointer.trim_start_matches('/')),
    };
    let placed = errors.iter();
    let mut placed: Vec<(String, String)> = placed
        .map(|error| (place(error), error.message.clone()))
        .collect();
    // As they stand on the page: materials first.
    placed.sort_by_key(|(place, _)| !place.starts_with("#f-"));
    placed
}

fn materials(
    application: &Application,
    mending: &Mending,
    (base, input): (&str, &[(String, String)]),
    errors: &[FieldError],
) -> Vec<MaterialView> {
    let files = mending.files();
    let asked = |code: &str| {
        let mut asked = mending.correction.materials.iter();
        asked.find(|mend| mend.place == code)
    };
    let all = application.release.procedure().material.iter();
    all.filter_map(|material| Some((material, asked(&material.code)?)))
        .map(|(material, mend)| {
            let place = format!("/materials/{}", material.code);
            MaterialView {
                mark: mend.problem.clone(),
                keeping: keeping(&place, input, errors),
                ..material_view(material, &files, "", base, base, errors)
            }
        })
        .collect()
}

/// What the page asks about something that was left as it was: it was told once, or is answered already.
fn keeping(place: &str, input: &[(String, String)], errors: &[FieldError]) -> Option<Keeping> {
    let told = errors
        .iter()
        .any(|error| error.pointer == place && error.code == UNCHANGED);
    let keeping = Keeping::read(place, input);
    (told || keeping.confirmed).then_some(keeping)
}

/// The asked fields, and those that depend on them, as one page.
fn correction_fields(
    application: &Application,
    mending: &Mending,
    input: &[(String, String)],
    errors: &[FieldError],
) -> StepView {
    let form = application.release.form();
    let before = values_of(&mending.case.form);
    let known = known(&application.facts);
    let asked = &mending.correction.fields;
    let names: Vec<String> = asked.iter().map(|m| m.place.clone()).collect();
    let open = form.correction_fields(&before, &names, &known);
    let open: Vec<&str> = open.iter().map(|f| f.name.as_str()).collect();
    let shown = match form.read_draft(input) {
        Ok(typed) if !input.is_empty() => before.without(&open).over(&typed),
        Ok(_) | Err(_) => before,
    };
    let mut view = form.fields_view(&open, &shown, &known, errors);
    for field in &mut view.fields {
        let mark = asked.iter().find(|mend: &&Mend| mend.place == field.name);
        field.mark = mark.map(|mend| mend.problem.clone());
        let place = format!("/{}", field.name);
        field.keeping = mark.and_then(|_| keeping(&place, input, errors));
    }
    view
}

fn wrong(correction: &Correction) -> Vec<(String, String)> {
    let all = correction.fields.iter().chain(&correction.materials);
    all.map(|m| (m.title.clone(), m.problem.clone())).collect()
}
