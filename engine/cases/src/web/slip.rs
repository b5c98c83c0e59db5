//! The slip that a window prints: what was taken in, for the applicant and for the folder with the paper.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse};
use tongban_base::Problem;
use tongban_ui::view::{FileItem, Link};
use tongban_ui::{Answer, App, Page, Visit};

use super::mine::by_material;
use super::place::Place;
use super::views::file_item;
use crate::desk::Desk;
use crate::event::CaseEvent;
use crate::service::view::{CaseView, open_case};

const COPIES: [&str; 2] = ["申请人留存", "随材料归档"];

#[derive(Template)]
#[template(path = "office_slip.html")]
struct SlipPage {
    page: Page,
    crumbs: Vec<Link>,
    copies: [&'static str; 2],
    number: String,
    item: String,
    applicant: String,
    received: String,
    /// When a correction came; empty where none did.
    mended: String,
    office: String,
    phone: String,
    officer: String,
    qr: String,
    /// The name of each material that came, and how many files.
    materials: Vec<(String, Vec<FileItem>)>,
}

/// Only what lies before the office now.
fn counting(
    materials: Vec<(String, Vec<FileItem>)>,
    view: &CaseView,
) -> Vec<(String, Vec<FileItem>)> {
    let gone = view.files.iter().filter(|filed| !filed.counts());
    let gone: Vec<String> = gone.map(|filed| file_item(filed, "", "").note).collect();
    let of = |(name, mut files): (String, Vec<FileItem>)| {
        files.retain(|file| !gone.contains(&file.note));
        (name, files)
    };
    materials.into_iter().map(of).collect()
}

/// Errors: not found for whoever did not take it in.
pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = open_case(&desk, &ctx, id.parse()?).await?;
    let agent = view.case.agent.as_ref().filter(|_| view.is_acted);
    let officer = agent.ok_or_else(Problem::not_found)?.name.clone();
    let place = Place::of_officers(true);
    let office = desk.catalog.organisation(&view.case.organisation);
    let (office, phone) = office.map_or_else(Default::default, |office| {
        (office.name.clone(), office.phone.clone())
    });
    let slip = SlipPage {
        crumbs: vec![
            Link::new("窗口收的件", format!("{}?window=1", place.cases)),
            Link::new(&view.case.number, place.case(&id)),
            Link::new("收件回执", ""),
        ],
        page: page.titled("收件回执"),
        copies: COPIES,
        item: view.case.item_name.clone(),
        applicant: view.case.applicant.clone(),
        received: view.case.submitted_at.words(),
        qr: format!("/c/{}/qr.png", view.case.code),
        materials: counting(by_material(&view, ""), &view),
        mended: view
            .events
            .iter()
            .rev()
            .find(|event| matches!(event.what, Some(CaseEvent::Corrected { .. })))
            .map_or_else(String::new, |event| event.at.words()),
        number: view.case.number.clone(),
        office,
        phone,
        officer,
    };
    Ok(Html(slip.render()?).into_response())
}
