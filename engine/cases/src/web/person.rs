//! The person behind a case, on the officer's page: numbers in full for whoever says why, other cases, what restricts him;
//! and what is said to him and of him beside the steps.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, FieldError, Problem, Result};
use tongban_ui::view::{Badge, Link};
use tongban_ui::{Answer, App, Page, Visit};

use super::input::Fields;
use super::office::{asked, done};
use super::office_page::render;
use super::sent::{Sent, Sheet};
use super::words::badge;
use crate::desk::Desk;
use crate::event::Saying;
use crate::model::CaseId;
use crate::service::person::{Numbers, Why, behind, reveal};
use crate::service::say::{say, unanswered};
use crate::service::view::CaseView;

/// What is shown of the person.
#[derive(Default)]
pub struct PersonBox {
    /// Where numbers are asked for in full.
    pub action: String,
    pub csrf: String,
    pub name: String,
    pub others: Vec<(Link, Badge)>,
    pub more: bool,
    pub restrictions: Vec<String>,
    /// What registers hold of him for this procedure.
    pub held: Vec<(String, String)>,
    /// What he has asked and nobody has answered: when, and the words.
    pub question: Option<(String, String)>,
    pub numbers: Option<Numbers>,
}

#[derive(Template)]
#[template(path = "office_person_part.html")]
struct PersonPart {
    person: PersonBox,
}

#[derive(Template)]
#[template(path = "office_person_page.html")]
struct PersonPage {
    page: Page,
    back: Link,
    person: PersonBox,
}

pub(super) async fn person_box(desk: &Desk, ctx: &Ctx, view: &CaseView) -> Result<PersonBox> {
    let known = behind(desk, ctx, view).await?;
    let others = known.others.iter().map(|case| {
        let words = format!("{}（{}）", case.item_name, case.number);
        let href = format!("/workbench/cases/{}", case.id);
        (Link::new(words, href), badge(case))
    });
    let question = unanswered(&view.events).and_then(|event| {
        let words = event.what.as_ref()?.said()?.to_owned();
        Some((event.at.words(), words))
    });
    Ok(PersonBox {
        action: format!("/workbench/cases/{}/reveal", view.case.id),
        csrf: String::new(),
        name: view.case.applicant.clone(),
        others: others.collect(),
        more: known.more,
        restrictions: known.restrictions,
        held: known.held,
        question,
        numbers: None,
    })
}

/// In place of the box where a script asks, else on a page of its own: nothing of it stays in an address.
pub async fn show_numbers(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let why = fields.text("why");
    let why = Why::ALL.into_iter().find(|known| known.code() == why);
    let why = why.ok_or_else(|| {
        let fault = FieldError::new("/why", "required", "请选择为什么要看完整号码");
        Problem::fields(vec![fault])
    })?;
    let (view, numbers) = reveal(&desk, &ctx, case, why).await?;
    let person = PersonBox {
        csrf: page.csrf.clone(),
        numbers: Some(numbers),
        ..person_box(&desk, &ctx, &view).await?
    };
    if headers.contains_key("hx-request") {
        return Ok(Html(PersonPart { person }.render()?).into_response());
    }
    let back = Link::new(&view.case.number, format!("/workbench/cases/{case}"));
    let page = page.titled("申请人的完整号码");
    let shown = PersonPage { page, back, person };
    Ok(Html(shown.render()?).into_response())
}

pub async fn say_of_office(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let outcome = match kind_of(&fields.text("kind")) {
        Ok(kind) => say(&desk, &ctx, case, kind, fields.text("said")).await,
        Err(problem) => Err(problem),
    };
    let Err(problem) = outcome else {
        return done(case);
    };
    let sent = Sent::of(Sheet::Say, &fields, problem)?;
    render(&desk, &ctx, page, case, None, (&asked(), Some(sent))).await
}

fn kind_of(code: &str) -> Result<Saying> {
    let known = Saying::OF_OFFICE
        .into_iter()
        .find(|kind| kind.code() == code);
    known.ok_or_else(|| {
        let fault = FieldError::new("/kind", "required", "请选择记给谁看");
        Problem::fields(vec![fault])
    })
}
