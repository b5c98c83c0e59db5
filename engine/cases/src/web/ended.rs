//! What cannot be applied for ends at once: with the reason, the ways out, and no draft behind it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use serde_json::json;
use tongban_base::{Ctx, Result};
use tongban_procedures::Audience;
use tongban_ui::{Answer, Page};

use super::counter::COUNTER_PAGE;
use super::place::Place;
use crate::desk::Desk;
use crate::service::admission;
use crate::service::applying::Application;
use crate::service::discard::delete_draft;

/// What cannot be applied for: why, and the ways out.
#[derive(Template)]
#[template(path = "case_ended.html")]
struct EndedPage {
    page: Page,
    refusals: Vec<String>,
    /// The guide, and where another answer is given; empty where there is none.
    guide: String,
    answers: String,
    /// Who answers questions, and by which telephone.
    office: String,
    phone: String,
    /// Where a window begins anew.
    again: String,
    /// The draft, which its owner can delete; empty when none was left.
    draft: String,
    cases: &'static str,
}

/// Whether nothing more is filled in. Where only the answers stand in the way, they can be given anew; what cannot be
/// looked up just now keeps nobody from going on.
pub(super) fn is_over(application: &Application, step: &str) -> bool {
    if !application.facts.silent.is_empty() || !application.is_proven() {
        return false;
    }
    let refused = !application.refusals().is_empty();
    refused && (step != "questions" || stands_anyway(application))
}

/// Whether no other answer would help.
fn stands_anyway(application: &Application) -> bool {
    let mut facts = application.facts.clone();
    facts.answers = json!({});
    !admission::refusals(&application.release, &facts).is_empty()
}

/// An application that nothing was written into yet is not worth keeping. Whether it was kept.
pub(super) async fn leave_nothing(
    desk: &Desk,
    ctx: &Ctx,
    application: &Application,
) -> Result<bool> {
    let is_empty = application.is_untouched();
    if is_empty {
        delete_draft(desk, ctx, application.draft.id).await?;
    }
    Ok(!is_empty)
}

/// `kept`: there is a draft.
pub(super) fn ended_page(desk: &Desk, page: Page, application: &Application, kept: bool) -> Answer {
    let place = Place::of(application);
    let procedure = application.release.procedure();
    let draft = match kept {
        true => place.draft(application.draft.id),
        false => String::new(),
    };
    let guide = match procedure.audience {
        Audience::Public => format!("/items/{}", procedure.code),
        Audience::Unit | Audience::Staff | Audience::System => String::new(),
    };
    let office = desk.catalog.organisation(&procedure.organisation);
    let (office, phone) = office.map_or_else(Default::default, |office| {
        (office.name.clone(), office.phone.clone())
    });
    let view = EndedPage {
        page: page.titled(&procedure.name).at_step("现在不能办理"),
        refusals: application.refusals(),
        answers: match (stands_anyway(application), kept) {
            (true, _) => String::new(),
            (false, true) => format!("{draft}/questions"),
            (false, false) => guide.clone(),
        },
        cases: place.cases,
        again: match (place.is_workbench, guide.is_empty()) {
            (true, false) => format!("{COUNTER_PAGE}/{}", procedure.code),
            _ => String::new(),
        },
        guide,
        office,
        phone,
        draft,
    };
    let html = Html(view.render()?);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}
