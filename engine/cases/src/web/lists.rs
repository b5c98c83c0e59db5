//! The office's lists: the queue of a role, cases in sight, what is late and what soon will be.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Date, Result};
use tongban_store::Cursor;
use tongban_ui::view::{Choice, Pager, Tab};
use tongban_ui::{Answer, App, Page, Visit};

use super::people_views::StepLimit;
use super::views::{CaseRow, CasesPage, GatePage, QueuePage};
use super::words::badge;
use crate::desk::Desk;
use crate::model::{CaseLine, Status};
use crate::service::clocked::due_of;
use crate::service::gate::closed_gate;
use crate::service::overdue::soon;
use crate::service::remake::{may_remake, overdue_papers};
use crate::service::view::list_cases;
use crate::service::work::{steps_of, work_queue};
use crate::store::cases::CaseFilter;

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
    let rows = work_queue(&desk, &ctx, cursor, PAGE).await?;
    let has_failed = has_failed(&desk, &ctx).await?;
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
                step: StepLimit::of(&row.task, row.case.paused.as_deref(), ctx.now.date()),
                paper: row.failed.clone().unwrap_or_default(),
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
    Ok(!overdue_papers(desk, ctx, None, 1).await?.rows.is_empty())
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
fn case_row(desk: &Desk, case: &CaseLine, ctx: &Ctx, task: String) -> CaseRow {
    let today = ctx.now.date();
    let due = due_of(desk, (case.due_on, case.submitted_at)).zip(case.status.period());
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
    let is_due = due.is_some();
    let filter = CaseFilter {
        status: text("status"),
        words: text("q"),
        due,
        at: cursor,
        limit: PAGE,
        of_unit: None,
    };
    let cases = list_cases(&desk, &ctx, filter).await?;
    let view = CasesPage {
        pager: Pager::of(&page.path, &cases, None),
        page: page.titled("办件查询"),
        tabs: views(part.tab()),
        words: text("q"),
        statuses: statuses(&text("status")),
        steps: is_due,
        rows: rows(&desk, &ctx, &cases.rows, is_due).await?,
    };
    Ok(Html(view.render()?).into_response())
}

/// With the step where each case is, where that is asked for.
async fn rows(desk: &Desk, ctx: &Ctx, cases: &[CaseLine], steps: bool) -> Result<Vec<CaseRow>> {
    let ids = cases.iter().filter(|_| steps).map(|case| case.id).collect();
    let mut steps = steps_of(desk, ids).await?;
    let row = |case: &CaseLine| {
        let step = steps.remove(&case.id).unwrap_or_default();
        case_row(desk, case, ctx, step)
    };
    Ok(cases.iter().map(row).collect())
}

fn statuses(chosen: &str) -> Vec<Choice> {
    let choice =
        |status: Status| Choice::new(status.code(), status.title(), status.code() == chosen);
    Status::all().map(choice).collect()
}
