//! `/workbench/staff/{id}/roles`: which roles an officer has, given and taken by whoever manages the office.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use tongban_base::{Kind, Problem, Uuid};
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::{officers, page};
use crate::Identity;
use crate::service::assign_roles::assign_as_seen;
use crate::service::manage_staff::{OfficerRoles, roles_of_officer};
use crate::web::cookie;

#[derive(Template)]
#[template(path = "officer_roles.html")]
struct RolesPage {
    page: Page,
    action: String,
    officer: OfficerRoles,
    lines: Vec<Line>,
    /// The roles as they stood when the page was made.
    seen: String,
    fault: String,
}

struct Line {
    code: String,
    title: String,
    may_change: bool,
    is_chosen: bool,
}

pub(crate) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    shell: Page,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let officer = roles_of_officer(&identity, &ctx, officer_of(&id)?).await?;
    let chosen = officer.has.clone();
    page(StatusCode::OK, &view(shell, &id, officer, &chosen, ""))
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    shell: Page,
    Form(sent): Form<Vec<(String, String)>>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let of = officer_of(&id)?;
    let named = |field: &str| -> Vec<&str> {
        let fields = sent.iter().filter(|(name, _)| name == field);
        fields.map(|(_, value)| value.as_str()).collect()
    };
    let seen: BTreeSet<String> = named("seen")
        .into_iter()
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect();
    let chosen: BTreeSet<String> = named("role").into_iter().map(str::to_owned).collect();
    match assign_as_seen(&identity, &ctx, of, (chosen.clone(), Some(seen))).await {
        Ok(()) => {
            let mut response = cookie::see_other(officers::PATH);
            Flash::done("岗位已保存，从这个人的下一次点击起生效").tell(&mut response, &app);
            Ok(response)
        }
        Err(problem) if matches!(problem.kind(), Kind::Conflict | Kind::Forbidden) => {
            let status = StatusCode::from_u16(problem.kind().status());
            let status = status.unwrap_or(StatusCode::CONFLICT);
            let officer = roles_of_officer(&identity, &ctx, of).await?;
            let view = view(shell, &id, officer, &chosen, problem.message());
            page(status, &view)
        }
        Err(problem) => Err(problem.into()),
    }
}

fn view(
    shell: Page,
    id: &str,
    officer: OfficerRoles,
    chosen: &BTreeSet<String>,
    fault: &str,
) -> RolesPage {
    let lines = officer.all.iter().map(|(code, title, may_give)| Line {
        code: code.clone(),
        title: title.clone(),
        may_change: !officer.is_own && (*may_give || officer.has.contains(code)),
        is_chosen: chosen.contains(code),
    });
    RolesPage {
        page: shell.titled("岗位"),
        action: format!("{}/{id}/roles", officers::PATH),
        lines: lines.collect(),
        seen: officer.has.iter().cloned().collect::<Vec<_>>().join(" "),
        fault: fault.to_owned(),
        officer,
    }
}

fn officer_of(id: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(id).map_err(|_| Problem::not_found())
}
