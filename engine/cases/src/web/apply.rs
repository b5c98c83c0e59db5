//! The wizard: one theme per page, saved at once, errors beside the field, everything shown before the end.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use tongban_base::{Ctx, FieldError, Kind, Problem};
use tongban_forms::{Sought, StepReading};
use tongban_packs::ReleaseHash;
use tongban_ui::{Answer, App, Page, Visit};

use super::again::first_page;
use super::ended::{ended_page, is_over, leave_nothing};
use super::guide::{confirm_guide, to_guide};
use super::input::{Fields, Given};
use super::place::Place;
use super::starting::guides as guides_beside;
use super::wizard::{
    GUIDE, MATERIALS, REVIEW, first_open, is_short, neighbour, wizard_first, wizard_form,
};
use super::wizard_pages::{Showing, render};
use crate::desk::Desk;
use crate::model::DraftId;
use crate::service::again::fill_again;
use crate::service::applying::{
    Application, SentFrom, open_application, save_page, save_questions,
};
use crate::service::shown::Shown;
use crate::service::submit::{missing_materials, submit_confirmed};

/// Whoever comes back goes on with the first step that is not finished.
pub async fn resume(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let application = open_application(&desk, &ctx, id.parse()?).await?;
    let place = Place::of(&application);
    if let Some(case) = application.draft.case_id {
        return Ok(Redirect::to(&place.case(case)).into_response());
    }
    let first = match application.has_unread_guides() {
        true => GUIDE.to_owned(),
        false => first_open(&application),
    };
    Ok(Redirect::to(&format!("{}/{first}", place.draft(id))).into_response())
}

pub async fn show_step(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, step)): Path<(String, String)>,
    given: Given,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let application = open_application(&desk, &ctx, id.parse()?).await?;
    if let Some(case) = application.draft.case_id {
        return Ok(Redirect::to(&Place::of(&application).case(case)).into_response());
    }
    if is_over(&application, &step) {
        return ended_page(&desk, page, &application, true);
    }
    if application.has_unread_guides() && step != GUIDE {
        return Ok(to_guide(&application));
    }
    let mut page = page;
    if step == wizard_first(&application) {
        page.highlights = guides_beside(&desk, &application, ctx.now).await?;
    }
    let appeared: Vec<String> = given.list("appeared");
    let showing = Showing {
        appeared: &appeared,
        review: given.has("review"),
        ..Showing::default()
    };
    render((&desk, &ctx), page, &application, &step, showing).await
}

pub async fn save_step(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((id, step)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (draft, by): (DraftId, _) = (id.parse()?, (&*desk, &ctx));
    let on = Onward::of(&fields);
    match step.as_str() {
        GUIDE => confirm_guide(&desk, &ctx, page, draft, &fields).await,
        "confirm" => submit(&desk, &ctx, page, draft, &fields).await,
        "questions" => answer_questions(by, page, draft, (&fields, &on)).await,
        MATERIALS => {
            let application = open_application(&desk, &ctx, draft).await?;
            let faults = missing_materials(&application);
            go_on(by, page, &application, (&step, &on), &faults).await
        }
        step => save_form_step(by, page, (draft, step), (&fields, &on)).await,
    }
}

/// Where whoever sent a page wants to go.
pub(super) struct Onward {
    pub go: String,
    /// He came from the last page, to change something, and goes back there.
    pub review: bool,
}

impl Onward {
    pub fn next() -> Self {
        Self {
            go: "next".to_owned(),
            review: false,
        }
    }

    fn of(fields: &Fields) -> Self {
        Self {
            go: fields.text("go"),
            review: !fields.text(REVIEW).is_empty(),
        }
    }
}

async fn answer_questions(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    draft: DraftId,
    (fields, on): (&Fields, &Onward),
) -> Answer {
    let mut own = fields.of_form();
    own.retain(|(name, _)| !name.starts_with('_'));
    let shown = sent_from(fields).shown;
    let (saved, crossed) = save_questions(desk, ctx, draft, &own, shown).await?;
    let step = "questions";
    if !crossed.is_empty() {
        let showing = Showing::of_faults(&crossed).in_review(on.review);
        return render((desk, ctx), page, &saved, step, showing).await;
    }
    if on.go != "save" && !saved.refusals().is_empty() && saved.facts.silent.is_empty() {
        let kept = leave_nothing(desk, ctx, &saved).await?;
        return ended_page(desk, page, &saved, kept);
    }
    let errors = unanswered(&saved);
    go_on((desk, ctx), page, &saved, (step, on), &errors).await
}

async fn save_form_step(
    (desk, ctx): (&Desk, &Ctx),
    page: Page,
    (draft, step): (DraftId, &str),
    (fields, on): (&Fields, &Onward),
) -> Answer {
    let sent = fields.of_form();
    let saved = save_page(desk, ctx, draft, step, &sent, sent_from(fields)).await?;
    let (application, reading) = (saved.application, saved.reading);
    let sought = Sought::read(&sent);
    let go = on.go.as_str();
    let showing = Showing {
        errors: &reading.errors,
        appeared: &reading.appeared,
        review: on.review,
        sought: Sought::default(),
    };
    if sought.anew && !saved.show_again && !matches!(go, "save" | "back") {
        let showing = Showing {
            errors: &[],
            sought,
            ..showing
        };
        return render((desk, ctx), page, &application, step, showing).await;
    }
    let goes_on = matches!(go, "next" | "submit");
    if goes_on && !saved.show_again && reading.errors.is_empty() && !reading.appeared.is_empty() {
        return Ok(to_appeared(&application, step, &reading, on));
    }
    if saved.show_again || (goes_on && !reading.errors.is_empty()) {
        // A newer form may not have the step any more.
        let step = match application.release.form().step(step) {
            Some(_) => step.to_owned(),
            None => wizard_form(&application),
        };
        return render((desk, ctx), page, &application, &step, showing).await;
    }
    if go == "again" {
        let case = fields.text("_again").parse()?;
        let filled = fill_again(desk, ctx, draft, case).await?;
        return Ok(first_page(&filled, &wizard_form(&filled)).into_response());
    }
    if application.has_unread_guides() && go != "save" {
        return Ok(to_guide(&application));
    }
    if go == "submit" && is_short(&application) && reading.errors.is_empty() {
        return submit_short(desk, ctx, page, application, step).await;
    }
    go_on((desk, ctx), page, &application, (step, on), &reading.errors).await
}

/// The page once more, at the first field that the answers on it brought to light.
fn to_appeared(
    application: &Application,
    step: &str,
    reading: &StepReading,
    on: &Onward,
) -> axum::response::Response {
    let base = Place::of(application).draft(application.draft.id);
    let fields = application.release.form().step(step);
    let fields = fields.map_or(&[][..], |step| &step.fields);
    let first = fields.iter().find(|name| reading.appeared.contains(name));
    let review = if on.review { "&review=1" } else { "" };
    let names: String =
        url::form_urlencoded::byte_serialize(reading.appeared.join(",").as_bytes()).collect();
    let anchor = first.map_or("", String::as_str);
    Redirect::to(&format!(
        "{base}/{step}?appeared={names}{review}#field-{anchor}"
    ))
    .into_response()
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
            let faults = told(&problem);
            let showing = Showing::of_faults(&faults);
            render((desk, ctx), page, &application, step, showing).await
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
    (step, on): (&str, &Onward),
    errors: &[FieldError],
) -> Answer {
    let place = Place::of(application);
    let base = place.draft(application.draft.id);
    let to = |path: String| Ok(Redirect::to(&path).into_response());
    match on.go.as_str() {
        "save" => to(place.cases.into()),
        "back" => to(format!("{base}/{}", neighbour(application, step, false))),
        _ if !errors.is_empty() => {
            let showing = Showing::of_faults(errors).in_review(on.review);
            render(by, page, application, step, showing).await
        }
        // Another answer may call for more than was asked before.
        _ if on.review => to(format!("{base}/{}", first_open(application))),
        _ => to(format!("{base}/{}", neighbour(application, step, true))),
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
            let faults = told(&problem);
            let showing = Showing::of_faults(&faults);
            render((desk, ctx), page, &application, "confirm", showing).await
        }
        Err(problem) => Err(problem.into()),
    }
}
