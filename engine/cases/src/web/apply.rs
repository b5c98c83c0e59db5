//! The wizard: one theme per page, saved at once, errors beside the field, everything shown before the end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, FieldError, Kind, Problem};
use tongban_forms::{ReadOptions, Sought, StepView, Values};
use tongban_packs::ReleaseHash;
use tongban_procedures::MaterialSource;
use tongban_ui::view::Choice;
use tongban_ui::{Answer, App, Page, Visit};

use super::choose::offering;
use super::guide::{confirm_guide, guide_page, to_guide};
use super::input::Fields;
use super::place::Place;
use super::starting::guides as guides_beside;
use super::views::{
    ConfirmPage, FormPage, MaterialView, MaterialsPage, QuestionView, QuestionsPage, material_view,
    unfiled,
};
use super::wizard::{GUIDE, is_short, neighbour, step_of, wizard_first, wizard_steps};
use crate::desk::{Desk, known};
use crate::model::DraftId;
use crate::service::applying::{
    Application, SentFrom, open_application, save_page, save_questions,
};
use crate::service::lost::LOST;
use crate::service::printing::{Unprintable, unprintable};
use crate::service::shown::{self, Shown};
use crate::service::submit::submit_confirmed;

/// The first step that is not complete yet is simply the first; people go on from there.
pub async fn resume(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let application = open_application(&desk, &ctx, id.parse()?).await?;
    let place = Place::of(&application);
    if let Some(case) = application.draft.case_id {
        return Ok(Redirect::to(&place.case(case)).into_response());
    }
    let first = match application.has_unread_guides() {
        true => GUIDE.to_owned(),
        false => wizard_first(&application),
    };
    Ok(Redirect::to(&format!("{}/{first}", place.draft(id))).into_response())
}

pub async fn show_step(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, step)): Path<(String, String)>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let application = open_application(&desk, &ctx, id.parse()?).await?;
    if let Some(case) = application.draft.case_id {
        return Ok(Redirect::to(&Place::of(&application).case(case)).into_response());
    }
    if application.has_unread_guides() && step != GUIDE {
        return Ok(to_guide(&application));
    }
    let mut page = page;
    if step == wizard_first(&application) {
        page.highlights = guides_beside(&desk, &application, ctx.now).await?;
    }
    render((&desk, &ctx), page, &application, &step, &[]).await
}

pub(super) async fn render(
    by: (&Desk, &Ctx),
    page: Page,
    application: &Application,
    step: &str,
    errors: &[FieldError],
) -> Answer {
    render_sought(by, page, (application, &Sought::default()), step, errors).await
}

/// The same for a page on which records were looked for.
async fn render_sought(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    (application, sought): (&Application, &Sought),
    step: &str,
    errors: &[FieldError],
) -> Answer {
    let offering = offering(desk, ctx, application, step, sought).await?;
    let application = offering.as_ref().unwrap_or(application);
    let page = page.titled(&application.release.procedure().name);
    let html = match step {
        GUIDE => guide_page(page, application, errors).render()?,
        "questions" => questions_page(desk, page, application, errors).render()?,
        "materials" => materials_page(page, application, errors).render()?,
        "confirm" => confirm_page(desk, page, application, errors)?.render()?,
        step => form_page(desk, page, application, step, errors)?.render()?,
    };
    let status = if errors.is_empty() { 200 } else { 422 };
    Ok((status_code(status), Html(html)).into_response())
}

pub(super) fn status_code(code: u16) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(code).unwrap_or_default()
}

pub(super) fn saved(application: &Application) -> String {
    application.draft.updated_at.clock()
}

fn questions_page(
    desk: &Desk,
    page: Page,
    application: &Application,
    errors: &[FieldError],
) -> QuestionsPage {
    let mut errors = application.naming_lost(errors);
    errors.retain(|error| error.code != LOST || error.pointer.starts_with("/answers/"));
    let errors = errors.as_slice();
    let questions = application
        .release
        .questions(&application.facts)
        .into_iter()
        .map(|q| {
            let chosen = application
                .facts
                .answers
                .get(&q.id)
                .and_then(|v| v.as_str());
            let pointer = format!("/answers/{}", q.id);
            let error = errors.iter().find(|e| e.pointer == pointer);
            QuestionView {
                id: q.id.clone(),
                text: q.text.clone(),
                help: q.help.clone(),
                error: error.map(|e| e.message.clone()).unwrap_or_default(),
                choices: q
                    .options
                    .iter()
                    .map(|o| Choice::new(&o.value, &o.label, chosen == Some(o.value.as_str())))
                    .collect(),
            }
        })
        .collect();
    QuestionsPage {
        page,
        steps: wizard_steps(application, "questions"),
        saved: saved(application),
        refusals: application.refusals(),
        notices: application.notices(),
        shown: shown::of_answers(desk, application, &application.saved_answers).text(),
        errors: renamed(errors, "/answers/"),
        questions,
    }
}

/// The summary links to `f-NAME`, so the part of the pointer that names the page falls away.
fn renamed(errors: &[FieldError], prefix: &str) -> Vec<FieldError> {
    errors
        .iter()
        .map(|e| FieldError {
            pointer: e.pointer.replacen(prefix, "/", 1),
            ..e.clone()
        })
        .collect()
}

fn form_page(
    desk: &Desk,
    page: Page,
    application: &Application,
    step: &str,
    errors: &[FieldError],
) -> Result<FormPage, Problem> {
    let errors = application.naming_lost(errors);
    let errors = errors.as_slice();
    let form = application.release.form();
    let view = form
        .step_view(
            step,
            &application.values(),
            &known(&application.facts),
            errors,
        )
        .ok_or_else(Problem::not_found)?;
    Ok(FormPage {
        page,
        steps: wizard_steps(application, step),
        saved: saved(application),
        refusals: application.refusals(),
        notices: application.notices(),
        shown: shown::of_step(desk, application, step).text(),
        release: application.release.hash().0.clone(),
        title: view.title.clone(),
        fields: view.html()?,
        errors: match is_short(application) {
            true => unplaced(errors),
            false => Vec::new(),
        },
        short: is_short(application),
        seeks: seeks(&view),
        first: neighbour(application, step, false) == step,
    })
}

/// Whether something can be looked for on the page.
pub(super) fn seeks(view: &StepView) -> bool {
    let mut records = view
        .fields
        .iter()
        .filter_map(|field| field.records.as_ref());
    records.any(|records| records.searchable)
}

/// What belongs to no field of the page.
fn unplaced(errors: &[FieldError]) -> Vec<String> {
    let unplaced = errors.iter().filter(|e| e.pointer.is_empty());
    unplaced.map(|e| e.message.clone()).collect()
}

fn material_views(application: &Application, errors: &[FieldError]) -> Vec<MaterialView> {
    let base = format!(
        "{}/files",
        Place::of(application).draft(application.draft.id)
    );
    let files = unfiled(&application.files);
    application
        .release
        .materials(&application.facts)
        .into_iter()
        .filter(|m| m.source != MaterialSource::Form)
        .map(|m| material_view(m, &files, "", &base, &base, errors))
        .collect()
}

fn materials_page(page: Page, application: &Application, errors: &[FieldError]) -> MaterialsPage {
    let place = Place::of(application);
    let base = place.draft(application.draft.id);
    MaterialsPage {
        page,
        later: place.cases,
        steps: wizard_steps(application, "materials"),
        saved: saved(application),
        notices: application.notices(),
        materials: material_views(application, errors),
        errors: renamed(errors, "/materials/"),
        next: format!("{base}/confirm"),
        previous: format!("{base}/{}", neighbour(application, "materials", false)),
    }
}

fn confirm_page(
    desk: &Desk,
    page: Page,
    application: &Application,
    errors: &[FieldError],
) -> Result<ConfirmPage, Problem> {
    let errors = application.naming_lost(errors);
    let errors = errors.as_slice();
    let place = Place::of(application);
    let base = place.draft(application.draft.id);
    let form = application.release.form();
    let options = ReadOptions {
        mask: true,
        markable: false,
        problems: &[],
    };
    let questions = application.release.questions(&application.facts);
    let answers = questions
        .into_iter()
        .filter_map(|q| {
            let value = application.facts.answers.get(&q.id)?.as_str()?;
            let label = q.options.iter().find(|o| o.value == value)?.label.clone();
            Some((q.text.clone(), label))
        })
        .collect();
    let procedure = application.release.procedure();
    let limits = &procedure.limits;
    let office = desk.catalog.organisation(&procedure.organisation);
    Ok(ConfirmPage {
        page,
        office: match place.is_workbench {
            true => office.map_or_else(String::new, |office| office.name.clone()),
            false => String::new(),
        },
        steps: wizard_steps(application, "confirm"),
        saved: saved(application),
        refusals: application.refusals(),
        notices: application.changes(),
        shown: shown::of_confirmation(desk, application).text(),
        errors: errors
            .iter()
            .map(|e| {
                (
                    format!("{base}/{}", step_of(application, e)),
                    e.message.clone(),
                )
            })
            .collect(),
        answers,
        form: form
            .read_view(&handed_in(application), &options)
            .beside(errors)
            .html()?,
        materials: shown_materials(application, errors),
        unprintable: unprintable(desk, &application.release, &handed_in(application))
            .iter()
            .map(Unprintable::words)
            .collect(),
        promised: limits.promised,
        acceptance: limits.acceptance,
        previous: format!("{base}/{}", neighbour(application, "confirm", false)),
        base,
    })
}

/// What will be filed, no more and no less. An answer that is lost stands beside its field.
fn handed_in(application: &Application) -> Values {
    let form = application.release.form();
    let filed = form.as_filed(&application.values(), &known(&application.facts));
    form.offered_only(&filed)
}

/// On the last page files are looked at, not removed.
fn shown_materials(application: &Application, errors: &[FieldError]) -> Vec<MaterialView> {
    let mut materials = material_views(application, errors);
    let files = materials.iter_mut().flat_map(|m| m.files.iter_mut());
    files.for_each(|file| file.remove.clear());
    materials
}

pub async fn save_step(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, step)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let draft: DraftId = id.parse()?;
    if step == GUIDE {
        return confirm_guide(&desk, &ctx, page, draft, &fields).await;
    }
    if step == "confirm" {
        return submit(&desk, &ctx, page, draft, &fields).await;
    }
    let from = sent_from(&fields);
    let (sent, go) = (fields.of_form(), fields.text("go"));
    if step == "questions" {
        let own: Vec<_> = sent
            .into_iter()
            .filter(|(name, _)| !name.starts_with('_'))
            .collect();
        let (saved, crossed) = save_questions(&desk, &ctx, draft, &own, from.shown).await?;
        if !crossed.is_empty() {
            return render((&desk, &ctx), page, &saved, &step, &crossed).await;
        }
        let errors = unanswered(&saved);
        return go_on((&desk, &ctx), page, &saved, &step, &go, &errors).await;
    }
    let saved = save_page(&desk, &ctx, draft, &step, &sent, from).await?;
    let (application, reading) = (saved.application, saved.reading);
    let sought = Sought::read(&sent);
    if sought.anew && !saved.show_again && !matches!(go.as_str(), "save" | "back") {
        return render_sought((&desk, &ctx), page, (&application, &sought), &step, &[]).await;
    }
    let goes_on = matches!(go.as_str(), "next" | "submit");
    let appeared = reading.errors.is_empty() && !reading.appeared.is_empty() && goes_on;
    if saved.show_again || appeared {
        // A newer form may not have the step any more.
        let step = match application.release.form().step(&step) {
            Some(_) => step,
            None => wizard_form(&application),
        };
        return render((&desk, &ctx), page, &application, &step, &reading.errors).await;
    }
    if application.has_unread_guides() && go != "save" {
        return Ok(to_guide(&application));
    }
    if go == "submit" && is_short(&application) && reading.errors.is_empty() {
        return submit_short(&desk, &ctx, page, application, &step).await;
    }
    let by: (&Desk, &Ctx) = (&desk, &ctx);
    go_on(by, page, &application, &step, &go, &reading.errors).await
}

/// What is said on one page is filed from there.
async fn submit_short(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    application: Application,
    step: &str,
) -> Answer {
    match submit_confirmed(desk, ctx, application.draft.id, None).await {
        Ok(done) => {
            let case = Place::of(&application).case(done.case);
            Ok(Redirect::to(&format!("{case}?fresh=1")).into_response())
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            render((desk, ctx), page, &application, step, &told(&problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}

pub(super) fn told(problem: &Problem) -> Vec<FieldError> {
    match problem.field_errors() {
        [] => vec![FieldError::new("", problem.code(), problem.message())],
        errors => errors.to_vec(),
    }
}

/// What the hidden fields of a page say of it.
fn sent_from(fields: &Fields) -> SentFrom {
    SentFrom {
        shown: Shown::read(&fields.text("_shown")),
        release: Some(fields.text("_release"))
            .filter(|hash| !hash.is_empty())
            .map(ReleaseHash),
        put_aside: !matches!(fields.text("go").as_str(), "next" | "submit"),
    }
}

fn wizard_form(application: &Application) -> String {
    let steps = application.release.form().steps();
    steps
        .first()
        .map_or_else(|| wizard_first(application), |step| step.id.clone())
}

fn unanswered(application: &Application) -> Vec<FieldError> {
    application
        .release
        .questions(&application.facts)
        .into_iter()
        .filter(|q| application.facts.answers.get(&q.id).is_none())
        .map(|q| {
            FieldError::new(
                format!("/answers/{}", q.id),
                "required",
                format!("请选择：{}", q.text),
            )
        })
        .collect()
}

pub(super) async fn go_on(
    by: (&Desk, &Ctx),
    page: Page,
    application: &Application,
    step: &str,
    go: &str,
    errors: &[FieldError],
) -> Answer {
    let place = Place::of(application);
    let base = place.draft(application.draft.id);
    let to = |path: String| Ok(Redirect::to(&path).into_response());
    match go {
        "save" => to(place.cases.into()),
        "back" => to(format!("{base}/{}", neighbour(application, step, false))),
        _ if errors.is_empty() => to(format!("{base}/{}", neighbour(application, step, true))),
        _ => render(by, page, application, step, errors).await,
    }
}

async fn submit(desk: &Desk, ctx: &Ctx, page: Page, draft: DraftId, fields: &Fields) -> Answer {
    let shown = Shown::read(&fields.text("_shown"));
    match submit_confirmed(desk, ctx, draft, shown).await {
        Ok(done) => {
            let case = Place::of_officers(page.is_staff()).case(done.case);
            Ok(Redirect::to(&format!("{case}?fresh=1")).into_response())
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let application = open_application(desk, ctx, draft).await?;
            render((desk, ctx), page, &application, "confirm", &told(&problem)).await
        }
        Err(problem) => Err(problem.into()),
    }
}
