//! The office's lists: cases in sight, what is late and what soon will be.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Date, Result, date_words};
use tongban_store::Cursor;
use tongban_ui::view::{Choice, Pager, Tab};
use tongban_ui::{Answer, App, Page, Visit};

use super::people_views::StepLimit;
use super::views::{CaseRow, CasesPage};
use super::words::badge;
use crate::desk::Desk;
use crate::model::{CaseLine, Status};
use crate::permissions::CONSULT;
use crate::service::clocked::due_of;
use crate::service::figures::end_of_week;
use crate::service::overdue::soon;
use crate::service::view::{handled_cases, list_cases};
use crate::service::work::steps_of;
use crate::store::case_filter::{CaseFilter, Progress, Span};

const PAGE: usize = 30;

/// Where an officer's own work stands, and what else is in sight of whoever may look.
pub(super) fn views(ctx: &Ctx, current: &str) -> Vec<Tab> {
    let staff = ctx.actor.staff.as_ref();
    let may_look = staff.is_some_and(|staff| staff.permissions.contains(CONSULT.0));
    let own = [
        ("queue", "待我办理", "/workbench"),
        ("running", "在办", "/workbench/handled?part=running"),
        ("halted", "挂起", "/workbench/handled?part=halted"),
        ("done", "已办", "/workbench/handled?part=done"),
        ("today", "今天办过", "/workbench/handled?part=today"),
    ];
    let all = [
        ("all", "全部办件", "/workbench/cases"),
        ("soon", "即将到期", "/workbench/cases?soon=1"),
        ("late", "超期", "/workbench/cases?late=1"),
        ("mended", "补正记录", "/workbench/cases?mended=1"),
    ];
    let all = all.into_iter().filter(|_| may_look);
    own.into_iter()
        .chain(all)
        .map(|(name, label, href)| Tab {
            label: label.into(),
            href: href.into(),
            count: None,
            current: name == current,
        })
        .collect()
}

/// A line with what is to be done by when; red when it is late.
pub(super) fn case_row(desk: &Desk, case: &CaseLine, ctx: &Ctx, task: String) -> CaseRow {
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
        (Some((due, period)), None) => {
            let left = desk.catalog.calendar().workdays_between(today, due.on);
            let (day, title) = (due.short_words(), period.title());
            match due.on == today {
                true => format!("今天到期（{title}）"),
                false => format!("还剩 {left} 个工作日（{title}，{day}）"),
            }
        }
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

/// Cases of which the officer has decided a step: still open, standing still, or closed.
pub async fn handled(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (part, state, sub) = match query.get("part").map_or("", String::as_str) {
        "done" => ("done", Some(Progress::Closed), "您办理过、已经办结的办件"),
        "halted" => (
            "halted",
            Some(Progress::Halted),
            "您办理过，在等补正或者特别程序的办件",
        ),
        "today" => ("today", None, "您今天作过决定的办件"),
        _ => (
            "running",
            Some(Progress::Open),
            "您办理过、还没有办结的办件",
        ),
    };
    let today = ctx.now.date();
    let words = query.get("q").cloned().unwrap_or_default();
    let filter = CaseFilter {
        words: words.clone(),
        today: Some(ctx.now.date()),
        state,
        decided_on: (part == "today").then_some((today, today)),
        at: Cursor::from_query(query.get("after").map(String::as_str))?,
        limit: PAGE,
        ..CaseFilter::default()
    };
    let cases = handled_cases(&desk, &ctx, filter).await?;
    let view = CasesPage {
        pager: Pager::of(&page.path, &cases, None),
        page: page.titled("我办理过的"),
        sub: sub.to_owned(),
        action: "/workbench/handled",
        hidden: vec![("part", part.to_owned())],
        tabs: views(&ctx, part),
        words,
        statuses: Vec::new(),
        about: String::new(),
        steps: part != "done",
        rows: rows(&desk, &ctx, &cases.rows, part != "done").await?,
    };
    Ok(Html(view.render()?).into_response())
}

/// What the list is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    Soon,
    Late,
    Week,
}

impl Part {
    fn of(query: &HashMap<String, String>) -> Self {
        let parts = [
            ("late", Part::Late),
            ("soon", Part::Soon),
            ("week", Part::Week),
        ];
        let found = parts.iter().find(|(name, _)| query.contains_key(*name));
        found.map_or(Part::All, |(_, part)| *part)
    }

    fn tab(self) -> &'static str {
        match self {
            Part::All | Part::Week => "all",
            Part::Soon => "soon",
            Part::Late => "late",
        }
    }

    /// The last days that are meant.
    fn due(self, desk: &Desk, today: Date) -> Option<(Date, Date)> {
        match self {
            Part::All => None,
            Part::Soon => Some((today, soon(desk, today))),
            Part::Week => Some((today, end_of_week(today))),
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
    let mended = query.contains_key("mended");
    let filter = CaseFilter {
        status: text("status"),
        words: text("q"),
        today: Some(ctx.now.date()),
        due,
        item: text("item"),
        office: text("office"),
        span: span(&query),
        late: query.contains_key("over"),
        mended,
        state: (text("state") == "open").then_some(Progress::Open),
        at: cursor,
        limit: PAGE,
        ..CaseFilter::default()
    };
    let cases = list_cases(&desk, &ctx, filter).await?;
    let view = CasesPage {
        pager: Pager::of(&page.path, &cases, None),
        page: page.titled("办件查询"),
        sub: "本单位范围内的办件".to_owned(),
        action: "/workbench/cases",
        hidden: kept(&query),
        about: about(&desk, &query, ctx.now.date()),
        tabs: views(&ctx, if mended { "mended" } else { part.tab() }),
        words: text("q"),
        statuses: statuses(&text("status")),
        steps: is_due,
        rows: rows(&desk, &ctx, &cases.rows, is_due).await?,
    };
    Ok(Html(view.render()?).into_response())
}

/// What a figure has asked for, kept while words and status are changed.
const KEPT: [&str; 8] = [
    "item", "office", "span", "from", "to", "over", "state", "week",
];

fn kept(query: &HashMap<String, String>) -> Vec<(&'static str, String)> {
    let kept = KEPT.iter().chain(&["late", "soon", "mended"]);
    let kept = kept.filter_map(|name| Some((*name, query.get(*name)?.clone())));
    kept.collect()
}

/// What happened in a span of days: in addresses, and in words.
const SPANS: [(&str, Span, &str); 3] = [
    ("filed", Span::Filed, "提交"),
    ("accepted", Span::Accepted, "受理"),
    ("closed", Span::Closed, "办结"),
];

/// What a figure that led here has asked for, in words; empty where nothing was.
fn about(desk: &Desk, query: &HashMap<String, String>, today: Date) -> String {
    let text = |name: &str| query.get(name).map_or("", String::as_str);
    let mut words = Vec::new();
    if !text("item").is_empty() {
        let standing = desk.catalog.standing(text("item"), today);
        let name = standing.map(|standing| standing.offered().face.name.clone());
        words.push(name.unwrap_or_else(|| text("item").to_owned()));
    }
    if !text("office").is_empty() {
        let office = desk.catalog.organisation(text("office"));
        words.push(office.map_or_else(|| text("office").to_owned(), |o| o.name.clone()));
    }
    if let Some((what, from, to)) = span(query) {
        let titled = SPANS.iter().find(|(_, span, _)| *span == what);
        let title = titled.map_or("", |(_, _, title)| *title);
        words.push(match from == to {
            true => format!("{}{title}", date_words(from)),
            false => format!("{}至{}{title}", date_words(from), date_words(to)),
        });
    }
    for (name, title) in [("over", "逾期办结"), ("week", "本周到期")] {
        if query.contains_key(name) {
            words.push(title.to_owned());
        }
    }
    if text("state") == "open" {
        words.push("在办".to_owned());
    }
    words.join("，")
}

fn span(query: &HashMap<String, String>) -> Option<(Span, Date, Date)> {
    let named = query.get("span")?;
    let (_, what, _) = SPANS.iter().find(|(name, _, _)| name == named)?;
    let day = |name: &str| query.get(name)?.parse().ok();
    Some((*what, day("from")?, day("to")?))
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
