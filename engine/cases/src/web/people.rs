//! Who does a step, on pages: the list of steps that nobody can do, and the card of a case where somebody is named.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Result};
use tongban_flows::TaskId;
use tongban_identity::StaffRecord;
use tongban_store::Cursor;
use tongban_ui::view::{Choice, Pager};
use tongban_ui::{Answer, App, Page, Visit};

use super::input::Fields;
use super::office::{asked, done};
use super::office_page::render;
use super::people_views::{PeopleCard, StuckPage, StuckView, WaitingView};
use super::sent::{Sent, Sheet, Typed};
use crate::desk::Desk;
use crate::model::CaseId;
use crate::permissions::REASSIGN;
use crate::service::operations::APPLICANT;
use crate::service::people::{Order, PeopleChange, change_people};
use crate::service::standing::{Standing, who_names};
use crate::service::stuck::stuck_tasks;
use crate::service::urge::urge;
use crate::service::view::CaseView;

const PAGE: usize = 30;

pub async fn stuck(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let cursor = Cursor::from_query(query.get("after").map(String::as_str))?;
    let rows = stuck_tasks(&desk, &ctx, cursor, PAGE).await?;
    let view = StuckPage {
        pager: Pager::of(&page.path, &rows, None),
        page: page.titled("无人可办"),
        rows: rows
            .rows
            .iter()
            .map(|row| StuckView {
                href: format!(
                    "/workbench/cases/{}?task={}#people",
                    row.case.id, row.task.id
                ),
                task: row.task.name.clone(),
                item: row.case.item_name.clone(),
                applicant: row.case.applicant.clone(),
                number: row.case.number.clone(),
                why: row.why.clone(),
                since: row.task.opened_at.date_words(),
            })
            .collect(),
    };
    Ok(Html(view.render()?).into_response())
}

pub async fn change(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let task: TaskId = fields.text("task").parse()?;
    let order = Order {
        task,
        change: PeopleChange::parse(&fields.text("change")),
        officer: fields.text("officer"),
        reason: fields.text("people-reason"),
    };
    let Err(problem) = change_people(&desk, &ctx, case, order).await else {
        return done(case);
    };
    let sent = Sent::of(Sheet::People, &fields, problem)?;
    render(&desk, &ctx, page, case, Some(task), (&asked(), Some(sent))).await
}

/// A supervisor urges whoever can do the step.
pub async fn urge_case(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let case: CaseId = id.parse()?;
    let Err(problem) = urge(&desk, &ctx, case, fields.text("urge-words")).await else {
        return done(case);
    };
    let sent = Sent::of(Sheet::Urge, &fields, problem)?;
    render(&desk, &ctx, page, case, None, (&asked(), Some(sent))).await
}

/// The steps that wait, each with who has it.
pub(super) fn waiting(desk: &Desk, standings: &[Standing]) -> Vec<WaitingView> {
    let view = |standing: &Standing| WaitingView {
        name: standing.task.name.clone(),
        who: standing.words(&desk.identity.roles()),
        stuck: standing.why.is_some(),
    };
    standings.iter().map(view).collect()
}

/// To whom an officer turns who may not name anybody himself; empty while every step has somebody.
pub(super) async fn turn_to(
    desk: &Desk,
    ctx: &Ctx,
    view: &CaseView,
    standings: &[Standing],
) -> Result<String> {
    let stuck = standings.iter().any(|standing| standing.why.is_some());
    match stuck && !may_name(ctx) {
        true => who_names(desk, &view.case).await,
        false => Ok(String::new()),
    }
}

fn may_name(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    staff.is_some_and(|staff| staff.permissions.contains(REASSIGN.0))
}

/// The card where whoever has the right names others; none for everybody else, and when no step of the office is open.
pub(super) async fn card(
    desk: &Desk,
    ctx: &Ctx,
    view: &CaseView,
    standings: &[Standing],
    (wanted, sent): (Option<TaskId>, Option<&Sent>),
) -> Result<Option<PeopleCard>> {
    if !may_name(ctx) {
        return Ok(None);
    }
    let mut own = standings.iter().filter(|s| s.task.role != APPLICANT);
    let named = standings.iter().find(|s| Some(s.task.id) == wanted);
    let stuck = own.clone().find(|s| s.why.is_some());
    let chosen = named.filter(|s| s.task.role != APPLICANT).or(stuck);
    let Some(chosen) = chosen.or_else(|| own.next()) else {
        return Ok(None);
    };
    let organisation = view.case.organisation.clone();
    let staff = desk
        .db
        .read((desk.clone(), organisation), |tx, (desk, organisation)| {
            Box::pin(desk.identity.staff_of(tx, organisation))
        })
        .await?;
    let typed = Sent::typed(sent, Sheet::People);
    Ok(Some(PeopleCard {
        task: chosen.task.id.to_string(),
        name: chosen.task.name.clone(),
        who: chosen.words(&desk.identity.roles()),
        others: others(view, standings, chosen),
        changes: changes(chosen, &typed),
        whom: match chosen.joint {
            true => "转给谁、增加谁（移除会签时不用选）",
            false => "转给谁、增加谁",
        },
        officers: officers(desk, chosen, &staff, &typed),
        open: chosen.why.is_some() || !typed.is_empty(),
        typed,
    }))
}

fn others(view: &CaseView, standings: &[Standing], chosen: &Standing) -> Vec<Choice> {
    let other = |s: &&Standing| s.task.id != chosen.task.id && s.task.role != APPLICANT;
    let link = |s: &Standing| {
        let href = format!(
            "/workbench/cases/{}?task={}#people",
            view.case.id, s.task.id
        );
        Choice::new(href, s.task.name.clone(), false)
    };
    standings.iter().filter(other).map(link).collect()
}

fn changes(chosen: &Standing, typed: &Typed) -> Vec<Choice> {
    let word = match typed.text("change") {
        "" => "hand_over",
        word => word,
    };
    let fits = |change: PeopleChange| change != PeopleChange::RemoveSigner || chosen.joint;
    PeopleChange::ALL
        .into_iter()
        .filter(|(_, change)| fits(*change))
        .map(|(name, change)| Choice::new(name, change.title(), name == word))
        .collect()
}

/// Whoever could be named: first those who have the role.
fn officers(desk: &Desk, chosen: &Standing, staff: &[StaffRecord], typed: &Typed) -> Vec<Choice> {
    let task = &chosen.task;
    let has_it = |account: &str| {
        let assignee = task.assignment.assignee.as_ref();
        assignee.is_some_and(|person| person.account == account)
    };
    let mut fit: Vec<&StaffRecord> = staff
        .iter()
        .filter(|o| o.active && o.sees(&task.division))
        .filter(|o| !has_it(&o.id.to_string()) && !chosen.barred.contains(&o.id.to_string()))
        .collect();
    fit.sort_by_key(|o| !o.roles.contains(&task.role));
    let roles = desk.identity.roles();
    let choice = |officer: &&StaffRecord| {
        let titles = officer.roles.iter().map(|r| roles.title(r));
        let titles = titles.collect::<Vec<_>>().join("、");
        let account = officer.id.to_string();
        let is_chosen = typed.text("officer") == account;
        Choice::new(account, format!("{}（{titles}）", officer.name), is_chosen)
    };
    fit.iter().map(choice).collect()
}
