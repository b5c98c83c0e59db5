//! What was handed in and filled in once, offered and taken over.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use tongban_base::date_words;
use tongban_ui::view::Link;
use tongban_ui::{Answer, App, Flash, Visit};

use super::input::Fields;
use super::place::Place;
use super::views::MaterialView;
use crate::desk::Desk;
use crate::service::again::{EarlierCase, EarlierFiles, use_again};
use crate::service::applying::Application;

/// What an earlier case offers for a material.
pub struct EarlierView {
    pub case: String,
    pub words: String,
    /// Each file, to be looked at.
    pub files: Vec<Link>,
}

/// At each material its files. `base`: where files of the draft are looked at.
pub(super) fn offer_again(materials: &mut [MaterialView], earlier: &[EarlierFiles], base: &str) {
    for material in materials {
        let its = earlier.iter().filter(|one| one.material == material.code);
        material.earlier = its.map(|one| offered(one, base)).collect();
    }
}

fn offered(one: &EarlierFiles, base: &str) -> EarlierView {
    let days = one.files.iter().map(|file| file.uploaded_at.date());
    let day = days.min().map_or_else(String::new, date_words);
    let old = if one.is_old {
        "，已满一年，请核对是否还有效"
    } else {
        ""
    };
    let files = one.files.iter();
    let files = files.map(|file| Link::new(&file.name, format!("{base}/{}", file.id)));
    EarlierView {
        case: one.case.to_string(),
        words: format!("{day}交，办件 {}{old}", one.number),
        files: files.collect(),
    }
}

/// Which case, and what the offer says.
pub(super) fn offer_form(case: &EarlierCase) -> (String, String) {
    let words = format!(
        "这件事办成过（{}提交，办件 {}）。可以先按那次的内容填空着的地方，再一页一页核对；日期、情况说明和承诺要重新填。",
        case.filed.date_words(),
        case.number
    );
    (case.id.to_string(), words)
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
    let case = fields.text("case").parse()?;
    let mut answer = back.into_response();
    if let Err(problem) = use_again(&desk, &ctx, id.parse()?, (&material, case)).await {
        match problem.field_errors().first() {
            Some(fault) => Flash::warning(fault.message.clone()).tell(&mut answer, &app),
            None => return Err(problem.into()),
        }
    }
    Ok(answer)
}

/// The first page of the form, to be looked through from there.
pub(super) fn first_page(application: &Application, first: &str) -> Redirect {
    let draft = Place::of(application).draft(application.draft.id);
    Redirect::to(&format!("{draft}/{first}"))
}
