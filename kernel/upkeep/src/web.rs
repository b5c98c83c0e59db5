//! The page of the failed jobs, for whoever has the right. No SQL, no decision.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use tongban_store::{Cursor, DeadJob};
use tongban_ui::view::Pager;
use tongban_ui::{Access, Answer, App, Page, Routes, Visit};

use crate::module::{PATH, REPEAT, REPEATED};
use crate::service::{FailedJobs, list, repeat_all, repeat_one};

const ROWS: usize = 30;

#[derive(Template)]
#[template(path = "failed_jobs.html")]
struct FailedPage {
    page: Page,
    rows: Vec<JobView>,
    pager: Pager,
}

struct JobView {
    id: String,
    name: String,
    title: String,
    cause: String,
    since: String,
}

impl JobView {
    fn of(job: &DeadJob, failed: &FailedJobs) -> Self {
        Self {
            id: job.id.clone(),
            name: job.name.clone(),
            title: failed.title(&job.name),
            cause: job.cause.clone(),
            since: job.since.words(),
        }
    }
}

pub(crate) fn routes() -> Routes {
    let right = Access::Right(REPEAT.0);
    Routes::new()
        .get(PATH, right, show)
        .post("/workbench/jobs/repeat", right, REPEATED.name, all)
        .post("/workbench/jobs/{id}/repeat", right, REPEATED.name, one)
}

async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let failed = app.service::<FailedJobs>()?;
    let cursor = Cursor::from_query(query.get("after").map(String::as_str))?;
    let rows = list(&failed, &ctx, (cursor, ROWS)).await?;
    let view = FailedPage {
        pager: Pager::of(&page.path, &rows, None),
        page: page.titled("失败的任务"),
        rows: rows
            .rows
            .iter()
            .map(|job| JobView::of(job, &failed))
            .collect(),
    };
    Ok(Html(view.render()?).into_response())
}

async fn one(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    repeat_one(&*app.service::<FailedJobs>()?, &ctx, &id).await?;
    Ok(Redirect::to(PATH).into_response())
}

#[derive(Deserialize)]
struct Kind {
    name: String,
}

async fn all(State(app): State<App>, Visit(ctx): Visit, Form(kind): Form<Kind>) -> Answer {
    repeat_all(&*app.service::<FailedJobs>()?, &ctx, &kind.name).await?;
    Ok(Redirect::to(PATH).into_response())
}
