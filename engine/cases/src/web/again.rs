//! What was handed in and filled in once, offered and taken over.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use tongban_ui::{Answer, App, Flash, Visit};

use super::input::Fields;
use super::place::Place;
use super::views::MaterialView;
use crate::desk::Desk;
use crate::service::again::{EarlierCase, EarlierFile, fill_again, use_again};
use crate::service::applying::Application;

/// At each material its files.
pub(super) fn offer_again(materials: &mut [MaterialView], earlier: &[EarlierFile]) {
    for material in materials {
        let its = earlier
            .iter()
            .filter(|one| one.file.material == material.code);
        material.earlier = its.map(offered).collect();
    }
}

fn offered(one: &EarlierFile) -> (String, String) {
    let day = one.file.uploaded_at.date_words();
    let old = if one.is_old {
        "，已满一年，请核对是否还有效"
    } else {
        ""
    };
    let words = format!("{}（{day}交，办件 {}{old}）", one.file.name, one.number);
    (one.file.id.to_string(), words)
}

/// Where it is sent, which case, and what the button says.
pub(super) fn offer_form(
    application: &Application,
    case: &EarlierCase,
) -> (String, String, String) {
    let draft = Place::of(application).draft(application.draft.id);
    let words = format!(
        "这件事办成过（{}提交，办件 {}）。可以先按那次的内容填好，再改有变化的地方。",
        case.filed.date_words(),
        case.number
    );
    (format!("{draft}/again"), case.id.to_string(), words)
}

pub async fn file(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, material)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let draft = Place::of_officers(ctx.actor.staff.is_some()).draft(&id);
    let back = Redirect::to(&format!("{draft}/materials#f-{material}"));
    let file = fields.text("file").parse()?;
    let mut answer = back.into_response();
    if let Err(problem) = use_again(&desk, &ctx, id.parse()?, (&material, file)).await {
        let mendable = !problem.field_errors().is_empty();
        let words = match problem.field_errors().first() {
            Some(fault) => fault.message.clone(),
            None => problem.message().to_owned(),
        };
        if !mendable {
            return Err(problem.into());
        }
        Flash::warning(words).tell(&mut answer, &app);
    }
    Ok(answer)
}

pub async fn form(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    fill_again(&desk, &ctx, id.parse()?, fields.text("case").parse()?).await?;
    let draft = Place::of_officers(ctx.actor.staff.is_some()).draft(&id);
    Ok(Redirect::to(&draft).into_response())
}
