//! The progress page behind the QR code.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{Html, IntoResponse};
use tongban_base::{Kind, Problem};
use tongban_ui::view::{Badge, Clock, Event};
use tongban_ui::{Answer, App, Page, Visit};

use tongban_ui::filters;

use super::course::{CourseStep, Holder, course, holder};
use super::words::{Reader, badge, clock_view, events_view};
use crate::desk::Desk;
use crate::service::view::track_case;

#[derive(Template)]
#[template(path = "case_track.html")]
struct TrackPage {
    page: Page,
    course: Vec<CourseStep>,
    holder: Option<Holder>,
    number: String,
    item: String,
    badge: Badge,
    clock: Clock,
    events: Vec<Event>,
}

pub async fn track(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = track_case(&desk, &ctx, &code).await.map_err(of_no_use)?;
    let shown = TrackPage {
        course: course(&view.case, &view.release, &view.clock),
        holder: holder(&desk, &view.case),
        page: page.titled("办理进度"),
        number: view.case.number.clone(),
        item: view.case.item_name.clone(),
        badge: badge(&view.case.line()),
        clock: clock_view(&view.clock, ctx.now),
        events: events_view(&view.events, Reader::Applicant)
            .into_iter()
            .map(|event| tongban_ui::view::Event {
                text: String::new(),
                ..event
            })
            .collect(),
    };
    Ok(Html(shown.render()?).into_response())
}

/// A code that was changed, cut off or thought up tells nothing of any case.
fn of_no_use(problem: Problem) -> Problem {
    match problem.kind() {
        Kind::NotFound => {
            let words = "无效码：这个二维码不完整、被改动过，或者已经失效。请重新扫受理回执上的办件码；也可以凭办件编号查办理进度";
            Problem::new(Kind::NotFound, "case.code_invalid", words)
        }
        _ => problem,
    }
}

pub async fn qr(State(app): State<App>, Visit(ctx): Visit, Path(code): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    track_case(&desk, &ctx, &code).await?;
    let picture = tongban_documents::qr_png(&format!("{}/c/{code}", desk.public_url))
        .map_err(Problem::from)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], picture).into_response())
}

/// The address of a guide, to be scanned from a screen or a print.
pub async fn item_qr(State(app): State<App>, Path(code): Path<String>) -> Answer {
    let desk = app.service::<Desk>()?;
    let known = desk.catalog.standing(&code, app.now().date());
    if known.is_none() {
        return Err(Problem::not_found().into());
    }
    let picture = tongban_documents::qr_png(&format!("{}/items/{code}", desk.public_url))
        .map_err(Problem::from)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], picture).into_response())
}
