//! The page of the wizard that is read and confirmed before anything else.

use axum::response::{IntoResponse, Redirect, Response};
use tongban_base::{Ctx, FieldError, Kind};
use tongban_ui::{Answer, Page};

use super::apply::{Onward, go_on, told};
use super::input::Fields;
use super::place::Place;
use super::views::GuidesPage;
use super::wizard::{GUIDE, wizard_steps};
use super::wizard_pages::{Showing, render, saved};
use super::words::acting;
use crate::desk::Desk;
use crate::model::DraftId;
use crate::service::applying::{Application, open_application};
use crate::service::guides::{confirm_guides, unticked};

pub(super) fn guide_page(
    page: Page,
    application: &Application,
    errors: &[FieldError],
) -> GuidesPage {
    GuidesPage {
        page,
        steps: wizard_steps(application, GUIDE),
        acting: acting(application.draft.agent.as_ref()),
        saved: saved(application),
        refusals: application.refusals(),
        shown: application.guides_shown(),
        guides: application.guides.clone(),
        confirmed: !application.has_unread_guides(),
        error: (errors.first()).map_or_else(String::new, |error| error.message.clone()),
    }
}

pub(super) fn to_guide(application: &Application) -> Response {
    let draft = Place::of(application).draft(application.draft.id);
    Redirect::to(&format!("{draft}/{GUIDE}")).into_response()
}

pub(super) async fn confirm_guide(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    draft: DraftId,
    fields: &Fields,
) -> Answer {
    if fields.text("go") == "save" {
        let place = Place::of_officers(page.is_staff());
        return Ok(Redirect::to(place.cases).into_response());
    }
    let confirmed = match fields.text("guide_read").is_empty() {
        false => confirm_guides(desk, ctx, draft, fields.text("_guides")).await,
        true => Err(unticked()),
    };
    match confirmed {
        Ok(application) => {
            let on = Onward::next();
            go_on((desk, ctx), page, &application, (GUIDE, &on), &[]).await
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let application = open_application(desk, ctx, draft).await?;
            let faults = told(&problem);
            let showing = Showing::of_faults(&faults);
            render((desk, ctx), page, &application, GUIDE, showing).await
        }
        Err(problem) => Err(problem.into()),
    }
}
