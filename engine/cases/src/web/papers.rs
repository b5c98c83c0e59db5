//! The page of papers that failed or have waited too long, and what can be done about each.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_store::Cursor;
use tongban_ui::view::Pager;
use tongban_ui::{Answer, App, Page, Sheet, Visit, sheet};

use super::paper_views::{PaperView, PapersPage};
use crate::desk::Desk;
use crate::paper::PaperId;
use crate::service::remake::{OtherPhoto, exchange_photo, overdue_papers, remake_paper};

const PAGE: usize = 30;
const PATH: &str = "/workbench/papers";

pub async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let cursor = Cursor::from_query(query.get("after").map(String::as_str))?;
    let view = papers(&desk, &ctx, page, cursor).await?;
    Ok(Html(view.render()?).into_response())
}

async fn papers(desk: &Desk, ctx: &Ctx, page: Page, at: Option<Cursor>) -> Result<PapersPage> {
    let rows = overdue_papers(desk, ctx, at, PAGE).await?;
    let megabytes = desk.catalog.setting_number("upload_max_mb", 20);
    Ok(PapersPage {
        pager: Pager::of(&page.path, &rows, None),
        page: page.titled("制作异常"),
        rows: rows
            .rows
            .iter()
            .map(|row| PaperView::of(&row.paper, row.case.as_ref()))
            .collect(),
        alert: String::new(),
        megabytes: u32::try_from(megabytes).unwrap_or(20),
    })
}

pub async fn remake(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(paper): Path<String>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    match remake_paper(&desk, &ctx, paper.parse()?).await {
        Ok(()) => Ok(Redirect::to(PATH).into_response()),
        Err(problem) => again(&desk, &ctx, page, problem, None).await,
    }
}

pub async fn photo(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(paper): Path<String>,
    request: Request,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let id: PaperId = paper.parse()?;
    let sent = match sheet(request, app.office().upload_limit).await {
        Ok(sent) => sent,
        Err(problem) => {
            let empty = Sheet::default();
            return again(&desk, &ctx, page, problem, Some((id.clone(), empty))).await;
        }
    };
    let file = sent.files.first();
    let photo = OtherPhoto {
        name: file.map_or(String::new(), |file| file.name.clone()),
        content: file.map_or(Vec::new(), |file| file.content.clone()),
        reason: sent.text("reason"),
    };
    match exchange_photo(&desk, &ctx, id.clone(), photo).await {
        Ok(()) => Ok(Redirect::to(PATH).into_response()),
        Err(problem) => again(&desk, &ctx, page, problem, Some((id, sent))).await,
    }
}

/// The page again, with the fault beside its field and what was typed.
async fn again(
    desk: &Desk,
    ctx: &Ctx,
    page: Page,
    problem: Problem,
    sent: Option<(PaperId, Sheet)>,
) -> Answer {
    let told = matches!(
        problem.kind(),
        Kind::Invalid | Kind::TooLarge | Kind::Conflict | Kind::Unavailable
    );
    if !told {
        return Err(problem.into());
    }
    let mut view = papers(desk, ctx, page, None).await?;
    let named = |id: &PaperId| {
        let id = id.to_string();
        move |row: &&mut PaperView| row.id == id
    };
    let row = sent
        .as_ref()
        .and_then(|(id, _)| view.rows.iter_mut().find(named(id)));
    match (row, sent.as_ref()) {
        (Some(row), Some((_, sheet))) if problem.kind() != Kind::Conflict => {
            row.reason = sheet.text("reason");
            let errors = problem.field_errors();
            let of = |name: &str| {
                let found = errors.iter().find(|error| error.pointer == name);
                found.map_or(String::new(), |error| error.message.clone())
            };
            row.reason_error = of("/reason");
            row.file_error = of("/file");
            if row.reason_error.is_empty() && row.file_error.is_empty() {
                row.file_error = problem.message().to_owned();
            }
        }
        _ => view.alert = problem.message().to_owned(),
    }
    let status = StatusCode::from_u16(problem.kind().status());
    let status = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    Ok((status, Html(view.render()?)).into_response())
}
