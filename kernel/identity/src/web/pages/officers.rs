//! `/workbench/staff`: the officers of one's office, with ending their logins and switching them off and on.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tongban_base::{Problem, Uuid};
use tongban_store::Cursor;
use tongban_ui::view::{Badge, Pager, Tone};
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::page;
use crate::Identity;
use crate::service::manage_staff::{
    Officer, OfficerQuery, end_officers_sessions, list_officers, switch_officer,
};
use crate::web::cookie;

pub(crate) const PATH: &str = "/workbench/staff";
const ROWS: usize = 50;

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "officers.html")]
struct OfficersPage {
    page: Page,
    words: String,
    rows: Vec<Line>,
    pager: Pager,
}

struct Line {
    officer: Officer,
    roles: String,
    badge: Badge,
}

pub(crate) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(asked): Query<Asked>,
    shell: Page,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let cursor = Cursor::from_query(asked.after.as_deref())?;
    let query = OfficerQuery {
        words: asked.q.clone(),
        at: cursor,
        limit: ROWS,
    };
    let found = list_officers(&identity, &ctx, &query).await?;
    let template = OfficersPage {
        pager: Pager::of(&shell.path, &found, None),
        page: shell.titled("工作人员"),
        words: asked.q,
        rows: found.rows.into_iter().map(line).collect(),
    };
    page(StatusCode::OK, &template)
}

fn line(officer: Officer) -> Line {
    let badge = match (officer.genuine, officer.active) {
        (false, _) => Badge::new("授权记录异常", Tone::Late),
        (true, true) => Badge::new("在用", Tone::Ok),
        (true, false) => Badge::new("已停用", Tone::Quiet),
    };
    Line {
        roles: officer.roles.join("、"),
        badge,
        officer,
    }
}

pub(crate) async fn switch_off(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    switch_officer(&identity, &ctx, officer(&id)?, false).await?;
    done(&app, "已停用，这个人的登录都已结束")
}

pub(crate) async fn switch_on(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    switch_officer(&identity, &ctx, officer(&id)?, true).await?;
    done(&app, "已启用，这个人可以登录")
}

pub(crate) async fn end_sessions(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    end_officers_sessions(&identity, &ctx, officer(&id)?).await?;
    done(&app, "这个人的登录都已结束")
}

fn officer(id: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(id).map_err(|_| Problem::not_found())
}

fn done(app: &App, words: &'static str) -> Answer {
    let mut response = cookie::see_other(PATH);
    Flash::done(words).tell(&mut response, app);
    Ok(response)
}
