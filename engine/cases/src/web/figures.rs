//! The page of whoever supervises: figures of the office by item, office or day, each leading to its rows, and a table of
//! them to take away.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use chrono::Datelike;
use tongban_base::{Ctx, Date, FieldError, Problem};
use tongban_ui::view::{Choice, Figure};
use tongban_ui::{Answer, App, Page, Visit, csv, download};

use crate::desk::Desk;
use crate::permissions::CONSULT;
use crate::service::figures::{Figures, Line, figures, note_exported};
use crate::store::figures::{By, day_of};

const PATH: &str = "/workbench/figures";
const LIST: &str = "/workbench/cases";
/// Longer than any period that is reported.
const MOST_DAYS: i64 = 3 * 366;

#[derive(Template)]
#[template(path = "office_figures.html")]
struct FiguresPage {
    page: Page,
    errors: Vec<FieldError>,
    /// As they were typed, where they are none.
    from: String,
    to: String,
    by: Vec<Choice>,
    head: &'static str,
    sums: Vec<Figure>,
    /// Days have no column for what is open now.
    has_now: bool,
    rows: Vec<Row>,
    officers: Vec<crate::service::figures::Officer>,
    export: String,
}

struct Row {
    name: String,
    cells: Vec<Cell>,
}

struct Cell {
    head: &'static str,
    number: i64,
    /// Empty where nothing is to be seen, or may be.
    href: String,
    late: bool,
}

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let asked = Asked::of(&query, ctx.now.date());
    let found = figures(&desk, &ctx, asked.by, (asked.from, asked.to)).await?;
    let leads = may_open(&ctx);
    let has_now = found.by != By::Day;
    let view = FiguresPage {
        errors: asked.errors.clone(),
        from: typed(&query, "from", asked.from),
        to: typed(&query, "to", asked.to),
        by: BY
            .iter()
            .map(|(code, by, title)| Choice::new(*code, *title, *by == found.by))
            .collect(),
        head: asked.title(),
        sums: sums(&found, leads),
        rows: found
            .lines
            .iter()
            .map(|line| Row {
                name: line.name.clone(),
                cells: cells(&found, line, leads),
            })
            .collect(),
        has_now,
        officers: found.officers.clone(),
        export: format!(
            "{PATH}/export?by={}&from={}&to={}",
            asked.code(),
            found.from,
            found.to
        ),
        page: page.titled("办件统计"),
    };
    Ok(Html(view.render()?).into_response())
}

fn typed(query: &HashMap<String, String>, name: &str, otherwise: Date) -> String {
    let text = query.get(name).map(|text| text.trim());
    match text {
        None | Some("") => otherwise.to_string(),
        Some(text) => text.to_owned(),
    }
}

/// The same table as a file.
pub async fn export(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let asked = Asked::of(&query, ctx.now.date());
    if let Some(fault) = asked.errors.first() {
        return Err(Problem::fields(vec![fault.clone()]).into());
    }
    let found = figures(&desk, &ctx, asked.by, (asked.from, asked.to)).await?;
    let mut rows = vec![head(&found, asked.title())];
    let mut total = found.total.clone();
    "合计".clone_into(&mut total.name);
    for line in found.lines.iter().chain([&total]) {
        let numbers = cells(&found, line, false);
        let numbers = numbers.iter().map(|cell| cell.number.to_string());
        rows.push([line.name.clone()].into_iter().chain(numbers).collect());
    }
    note_exported(&desk, &ctx, &found).await?;
    let name = format!("办件统计 {}至{}.csv", found.from, found.to);
    Ok(download(&name, "text/csv; charset=utf-8", csv(&rows)))
}

fn head(found: &Figures, first: &str) -> Vec<String> {
    let names = cells(found, &found.total, false);
    let names = names.iter().map(|cell| cell.head.to_owned());
    [first.to_owned()].into_iter().chain(names).collect()
}

fn may_open(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    staff.is_some_and(|staff| staff.permissions.contains(CONSULT.0))
}

const BY: [(&str, By, &str); 3] = [
    ("item", By::Item, "事项"),
    ("office", By::Office, "办理机构"),
    ("day", By::Day, "日期"),
];

/// What the page was asked for; without days, this month so far.
struct Asked {
    by: By,
    from: Date,
    to: Date,
    errors: Vec<FieldError>,
}

impl Asked {
    fn of(query: &HashMap<String, String>, today: Date) -> Self {
        let mut errors = Vec::new();
        let mut day = |name: &str, otherwise: Date| match query.get(name).map(|text| text.trim()) {
            None | Some("") => otherwise,
            Some(text) => text.parse().unwrap_or_else(|_| {
                let words = "日期应为年-月-日，例如 2026-11-01";
                errors.push(FieldError::new(format!("/{name}"), "format", words));
                otherwise
            }),
        };
        let first = today.with_day(1).unwrap_or(today);
        let (from, to) = (day("from", first), day("to", today));
        if from > to {
            let words = "开始日期不能晚于结束日期";
            errors.push(FieldError::new("/from", "range", words));
        } else if (to - from).num_days() > MOST_DAYS {
            let words = "一次最多统计三年，请缩短期间";
            errors.push(FieldError::new("/from", "range", words));
        }
        let (from, to) = match errors.is_empty() {
            true => (from, to),
            false => (first, today),
        };
        let word = query.get("by").map_or("", String::as_str);
        let by = BY.iter().find(|(code, _, _)| *code == word);
        Self {
            by: by.map_or(By::Item, |(_, by, _)| *by),
            from,
            to,
            errors,
        }
    }

    fn row(&self) -> (&'static str, &'static str) {
        let found = BY.iter().find(|(_, by, _)| *by == self.by);
        found.map_or(("item", "事项"), |(code, _, title)| (code, title))
    }

    fn code(&self) -> &'static str {
        self.row().0
    }

    fn title(&self) -> &'static str {
        self.row().1
    }
}

/// Which rows a figure counts, as the list of cases is asked for them.
fn asked_of(found: &Figures, line: &Line) -> (String, (Date, Date)) {
    let days = (found.from, found.to);
    if line.key.is_empty() {
        return (String::new(), days);
    }
    match found.by {
        By::Item => (format!("&item={}", line.key), days),
        By::Office => (format!("&office={}", line.key), days),
        By::Day => {
            let day = day_of(&line.key).unwrap_or(found.from);
            (String::new(), (day, day))
        }
    }
}

fn cells(found: &Figures, line: &Line, leads: bool) -> Vec<Cell> {
    let (of, (from, to)) = asked_of(found, line);
    let cell = |head: &'static str, number: i64, which: String, late: bool| Cell {
        head,
        number,
        href: match leads && number > 0 {
            true => format!("{LIST}?{which}{of}"),
            false => String::new(),
        },
        late: late && number > 0,
    };
    let span = |what: &str, more: &str| format!("span={what}&from={from}&to={to}{more}");
    let mut cells = vec![
        cell("收件", line.filed, span("filed", ""), false),
        cell("受理", line.accepted, span("accepted", ""), false),
        cell("办结", line.closed, span("closed", ""), false),
        cell(
            "逾期办结",
            line.closed_late,
            span("closed", "&over=1"),
            true,
        ),
    ];
    if found.by != By::Day {
        cells.extend([
            cell("在办", line.open, "state=open".to_owned(), false),
            cell("已超期", line.late, "late=1".to_owned(), true),
            cell("本周到期", line.this_week, "week=1".to_owned(), false),
        ]);
    }
    cells
}

fn sums(found: &Figures, leads: bool) -> Vec<Figure> {
    let definition = |head: &str| match head {
        "收件" => "期间内提交的办件",
        "受理" => "期间内受理的办件，视为受理的也算",
        "办结" => "期间内办结的办件，撤回、逾期未补正终止的也算",
        "逾期办结" => "期间内办结、办结时已经过了期限的办件",
        "在办" => "现在还没有办结的办件，和期间无关",
        "已超期" => "在办、今天已经过了期限的办件；暂停计时的不算",
        _ => "在办、期限在今天到本周日之间的办件",
    };
    cells(found, &found.total, leads)
        .into_iter()
        .map(|cell| Figure {
            name: cell.head.to_owned(),
            value: cell.number.to_string(),
            unit: "件".to_owned(),
            trend: String::new(),
            definition: definition(cell.head).to_owned(),
            href: cell.href,
        })
        .collect()
}
