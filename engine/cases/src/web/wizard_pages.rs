//! What the pages of the wizard show.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, FieldError, Problem};
use tongban_forms::{ReadOptions, Sought, StepView, Values};
use tongban_procedures::MaterialSource;
use tongban_ui::view::Choice;
use tongban_ui::{Answer, Page};

use super::again::{offer_again, offer_form};
use super::choose::offering;
use super::guide::guide_page;
use super::place::Place;
use super::views::{
    ConfirmPage, FormPage, MaterialView, MaterialsPage, QuestionView, QuestionsPage, material_view,
    unfiled,
};
use super::wizard::{
    GUIDE, MATERIALS, REVIEW, is_short, neighbour, step_of, title_of, wizard_form, wizard_steps,
};
use super::words::acting;
use crate::desk::{Desk, known};
use crate::service::again::{earlier_case, earlier_files};
use crate::service::applying::Application;
use crate::service::lost::LOST;
use crate::service::printing::{Unprintable, unprintable};
use crate::service::shown;

/// What a page says beside what is saved.
#[derive(Default)]
pub(super) struct Showing<'a> {
    pub errors: &'a [FieldError],
    /// Fields that the answers have just brought to light.
    pub appeared: &'a [String],
    /// Whoever changes something here came from the last page.
    pub review: bool,
    pub sought: Sought,
}

impl<'a> Showing<'a> {
    pub fn of_faults(errors: &'a [FieldError]) -> Self {
        Self {
            errors,
            ..Self::default()
        }
    }

    pub fn in_review(mut self, review: bool) -> Self {
        self.review = review;
        self
    }
}

pub(super) async fn render(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    application: &Application,
    step: &str,
    showing: Showing<'_>,
) -> Answer {
    let offering = offering(desk, ctx, application, step, &showing.sought).await?;
    let application = offering.as_ref().unwrap_or(application);
    let errors = showing.errors;
    let page = page
        .titled(&application.release.procedure().name)
        .at_step(title_of(application, step))
        .with_faults(!errors.is_empty());
    let html = match step {
        GUIDE => guide_page(page, application, errors).render()?,
        "questions" => questions_page(desk, page, application, &showing).render()?,
        MATERIALS => {
            let earlier = earlier_files(desk, application).await?;
            let mut page = materials_page(page, application, &showing);
            let base = Place::of(application).draft(application.draft.id);
            offer_again(&mut page.materials, &earlier, &format!("{base}/papers"));
            page.render()?
        }
        "confirm" => confirm_page(desk, page, application, errors)?.render()?,
        step => {
            let mut page = form_page(desk, page, application, step, &showing)?;
            if step == wizard_form(application) {
                let earlier = earlier_case(desk, application).await?;
                page.earlier = earlier.as_ref().map(offer_form);
            }
            page.render()?
        }
    };
    let status = if errors.is_empty() { 200 } else { 422 };
    Ok((status_code(status), Html(html)).into_response())
}

pub(super) fn status_code(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or_default()
}

pub(super) fn saved(application: &Application) -> String {
    application.draft.updated_at.clock()
}

/// The name of the hidden field that leads back to the last page; empty where nothing does.
fn review_name(showing: &Showing<'_>) -> &'static str {
    if showing.review { REVIEW } else { "" }
}

fn questions_page(
    desk: &Desk,
    page: Page,
    application: &Application,
    showing: &Showing<'_>,
) -> QuestionsPage {
    let mut errors = application.naming_lost(showing.errors);
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
        acting: acting(application.draft.agent.as_ref()),
        saved: saved(application),
        refusals: application.refusals(),
        notices: application.notices(),
        shown: shown::of_answers(desk, application, &application.saved_answers).text(),
        errors: renamed(errors, "/answers/"),
        review: review_name(showing),
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
    showing: &Showing<'_>,
) -> Result<FormPage, Problem> {
    let errors = application.naming_lost(showing.errors);
    let errors = errors.as_slice();
    let form = application.release.form();
    let view = form
        .step_view(
            step,
            &application.values(),
            &known(&application.facts),
            errors,
        )
        .ok_or_else(Problem::not_found)?
        .with_appeared(showing.appeared);
    Ok(FormPage {
        page,
        steps: wizard_steps(application, step),
        acting: acting(application.draft.agent.as_ref()),
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
        earlier: None,
        review: review_name(showing),
    })
}

/// Whether something can be looked for on the page.
fn seeks(view: &StepView) -> bool {
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
    let draft = Place::of(application).draft(application.draft.id);
    // The address to which files are sent is no page.
    let (base, papers) = (format!("{draft}/files"), format!("{draft}/papers"));
    let files = unfiled(&application.files);
    application
        .release
        .materials(&application.facts)
        .into_iter()
        .filter(|m| m.source != MaterialSource::Form)
        .map(|m| material_view(m, &files, &papers, &base, &base, errors))
        .collect()
}

fn materials_page(page: Page, application: &Application, showing: &Showing<'_>) -> MaterialsPage {
    let errors = showing.errors;
    let place = Place::of(application);
    let base = place.draft(application.draft.id);
    MaterialsPage {
        page,
        later: place.cases,
        steps: wizard_steps(application, MATERIALS),
        acting: acting(application.draft.agent.as_ref()),
        saved: saved(application),
        notices: application.notices(),
        materials: material_views(application, errors),
        errors: renamed(errors, "/materials/"),
        review: review_name(showing),
        action: format!("{base}/{MATERIALS}"),
        previous: format!("{base}/{}", neighbour(application, MATERIALS, false)),
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
    let procedure = application.release.procedure();
    let limits = &procedure.limits;
    let office = desk.catalog.organisation(&procedure.organisation);
    Ok(ConfirmPage {
        page,
        office: match application.draft.unit.is_some() {
            true => office.map_or_else(String::new, |office| office.name.clone()),
            false => String::new(),
        },
        steps: wizard_steps(application, "confirm"),
        acting: acting(application.draft.agent.as_ref()),
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
        answers: answered(application),
        form: form
            .read_view(&handed_in(application), &options)
            .beside(errors)
            .with_changes(|step| change_at(application, &base, step))
            .html()?,
        materials: shown_materials(application, errors),
        unprintable: unprintable(desk, &application.release, &handed_in(application))
            .iter()
            .map(Unprintable::words)
            .collect(),
        promised: limits.promised,
        acceptance: limits.acceptance,
        change_answers: change_at(application, &base, "questions").unwrap_or_default(),
        change_materials: change_at(application, &base, MATERIALS).unwrap_or_default(),
        previous: format!("{base}/{}", neighbour(application, "confirm", false)),
        base,
    })
}

/// The questions and what was answered, in words.
fn answered(application: &Application) -> Vec<(String, String)> {
    let questions = application.release.questions(&application.facts);
    questions
        .into_iter()
        .filter_map(|q| {
            let value = application.facts.answers.get(&q.id)?.as_str()?;
            let label = q.options.iter().find(|o| o.value == value)?.label.clone();
            Some((q.text.clone(), label))
        })
        .collect()
}

/// Where a part of the last page is changed, and leads back from; none where nothing can be.
fn change_at(application: &Application, base: &str, step: &str) -> Option<String> {
    let steps = super::wizard::names(application);
    let has = steps.iter().any(|(id, _)| id == step);
    has.then(|| format!("{base}/{step}?review=1"))
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
