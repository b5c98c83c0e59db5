//! The office's lists: the queue of a role, cases in sight, what is late and what soon will be.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use serde_json::Value as Json;
use tongban_base::{Ctx, Date, Result};
use tongban_ui::view::{Choice, Pager, Tab};
use tongban_ui::{Answer, App, Cursor, KeyPage, Page, Visit};

use super::mine::{beside, key};
use super::people_views::StepLimit;
use super::views::{CaseRow, CasesPage, GatePage, QueuePage};
use super::words::badge;
use crate::desk::Desk;
use crate::model::{Beside, Case, CaseId, Status};
use crate::paper::Paper;
use crate::service::clocked::due_of;
use crate::service::gate::closed_gate;
use crate::service::overdue::soon;
use crate::service::remake::{may_remake, overdue_papers};
use crate::service::view::list_cases;
use crate::service::work::{steps_of, work_queue};
use crate::store::cases::{CaseFilter, DueList};

const PAGE: usize = 30;

pub async fn queue(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    if let Some(gate) = closed_gate(&desk, &ctx).await? {
        let page = page.titled("开始工作以前");
        return Ok(Html(GatePage { page, gate }.render()?).into_response());
    }
    let cursor = Cursor::from_query(query.get("after").map(String::as_str))?;
    let from = Beside {
        row: cursor
            .as_ref()
            .and_then(|c| c.keys.first()?.as_str()?.parse().ok()),
        backward: cursor.as_ref().is_some_and(|c| c.backward),
    };
    let found = work_queue(&desk, &ctx, from, PAGE as i64 + 1).await?;
    let has_failed = has_failed(&desk, &ctx).await?;
    let rows = KeyPage::new(found, PAGE, cursor.as_ref(), |row| {
        vec![row.task.id.to_string().into()]
    });
    let view = QueuePage {
        pager: Pager::of(&page.path, &rows, None),
        page: page.titled("待办任务"),
        tabs: views("queue"),
        has_failed,
        rows: rows
            .rows
            .iter()
            .map(|row| CaseRow {
                // Each line leads to its own task.
                href: format!("/workbench/cases/{}?task={}", row.case.id, row.task.id),
                step: StepLimit::of(&row.task, &row.case, ctx.now.date()),
                paper: row.failed.as_ref().map_or(String::new(), failed_words),
                ..case_row(&desk, &row.case, &ctx, row.task.name.clone())
            })
            .collect(),
    };
    Ok(Html(view.render()?).into_response())
}

/// Whether papers of the office failed, for an officer who looks after them.
async fn has_failed(desk: &Desk, ctx: &Ctx) -> Result<bool> {
    if may_remake(ctx).is_err() {
        return Ok(false);
    }
    Ok(!overdue_papers(desk, ctx, None, false, 1).await?.is_empty())
}

fn failed_words(paper: &Paper) -> String {
    let words = paper.failure.as_ref().map(|failure| failure.words.as_str());
    format!("{}没有制作出来：{}", paper.title, words.unwrap_or_default())
}

fn views(current: &str) -> Vec<Tab> {
    [
        ("queue", "待我办理", "/workbench"),
        ("all", "全部办件", "/workbench/cases"),
        ("soon", "即将到期", "/workbench/cases?soon=1"),
        ("late", "超期", "/workbench/cases?late=1"),
    ]
    .into_iter()
    .map(|(name, label, href)| Tab {
        label: label.into(),
        href: href.into(),
        count: None,
        current: name == current,
    })
    .collect()
}

/// A line with what is to be done by when; red when it is late.
fn case_row(desk: &Desk, case: &Case, ctx: &Ctx, task: String) -> CaseRow {
    let today = ctx.now.date();
    let due = due_of(desk, case).zip(case.status.period());
    let late = due.is_some_and(|(due, _)| due.on < today);
    let note = match (due, &case.paused) {
        (_, Some(name)) => format!("暂停：{name}"),
        (Some((due, period)), None) if late => {
            let days = desk.catalog.calendar().workdays_between(due.on, today);
            let (day, title) = (due.short_words(), period.title());
            format!("已超期 {days} 个工作日（{title}，{day}）")
        }
        (Some((due, period)), None) => format!("{}截至 {}", period.title(), due.short_words()),
        (None, None) if case.status == Status::Correcting => "等待补正，不计时".to_owned(),
        (None, None) if case.closed_at.is_some() => "已办结".to_owned(),
        (None, None) => format!("{} 提交", case.submitted_at.date_words()),
    };
    CaseRow {
        href: format!("/workbench/cases/{}", case.id),
        item: case.item_name.clone(),
        applicant: case.applicant.clone(),
        number: case.number.clone(),
        badge: badge(case),
        note,
        late,
        paper: String::new(),
        soon: due.is_some_and(|(due, _)| !late && due.on <= soon(desk, today)),
        task,
        step: StepLimit::default(),
    }
}

/// What the list is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    Soon,
    Late,
}

impl Part {
    fn of(query: &HashMap<String, String>) -> Self {
        match (query.contains_key("late"), query.contains_key("soon")) {
            (true, _) => Part::Late,
            (false, true) => Part::Soon,
            (false, false) => Part::All,
        }
    }

    fn tab(self) -> &'static str {
        match self {
            Part::All => "all",
            Part::Soon => "soon",
            Part::Late => "late",
        }
    }

    /// The last days that are meant.
    fn due(self, desk: &Desk, today: Date) -> Option<(Date, Date)> {
        match self {
            Part::All => None,
            Part::Soon => Some((today, soon(desk, today))),
            Part::Late => Some((Date::default(), today.pred_opt().unwrap_or(today))),
        }
    }
}

/// The place in a list by danger.
fn due_key(case: &Case) -> Vec<Json> {
    let due = case.due_on.map(|due| due.to_string()).unwrap_or_default();
    vec![due.into(), case.id.to_string().into()]
}

fn beside_due(cursor: Option<&Cursor>) -> Beside<(Date, CaseId)> {
    let row = cursor.and_then(|cursor| {
        let due = cursor.keys.first()?.as_str()?.parse().ok()?;
        Some((due, cursor.keys.get(1)?.as_str()?.parse().ok()?))
    });
    Beside {
        row,
        backward: cursor.is_some_and(|cursor| cursor.backward),
    }
}

pub async fn list(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let cursor = Cursor::from_query(query.get("after").map(String::as_str))?;
    let part = Part::of(&query);
    let due = part.due(&desk, ctx.now.date());
    let filter = CaseFilter {
        status: text("status"),
        words: text("q"),
        beside: beside(cursor.as_ref()),
        due: due.map(|(from, to)| DueList {
            from,
            to,
            beside: beside_due(cursor.as_ref()),
        }),
        limit: PAGE as i64 + 1,
        of_unit: None,
    };
    let found = list_cases(&desk, &ctx, filter).await?;
    let of = if due.is_some() { due_key } else { key };
    let cases = KeyPage::new(found, PAGE, cursor.as_ref(), of);
    let view = CasesPage {
        pager: Pager::of(&page.path, &cases, None),
        page: page.titled("办件查询"),
        tabs: views(part.tab()),
        words: text("q"),
        statuses: statuses(&text("status")),
        steps: due.is_some(),
        rows: rows(&desk, &ctx, &cases.rows, due.is_some()).await?,
    };
    Ok(Html(view.render()?).into_response())
}

/// With the step where each case is, where that is asked for.
async fn rows(desk: &Desk, ctx: &Ctx, cases: &[Case], steps: bool) -> Result<Vec<CaseRow>> {
    let ids = cases.iter().filter(|_| steps).map(|case| case.id).collect();
    let mut steps = steps_of(desk, ids).await?;
    let row = |case: &Case| {
        let step = steps.remove(&case.id).unwrap_or_default();
        case_row(desk, case, ctx, step)
    };
    Ok(cases.iter().map(row).collect())
}

fn statuses(chosen: &str) -> Vec<Choice> {
    [
        Status::Submitted,
        Status::Correcting,
        Status::Accepted,
        Status::Granted,
        Status::Refused,
        Status::Denied,
        Status::Closed,
        Status::Withdrawn,
        Status::Lapsed,
    ]
    .into_iter()
    .map(|status| Choice::new(status.code(), status.title(), status.code() == chosen))
    .collect()
}
