//! The lists: divisions and organisations step by step as a tree, roles, years; with search, pages and export.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use tongban_base::{Date, date_words, typed};
use tongban_packs::{EntryKind, EntryState, Installation};
use tongban_procedures::Catalog;
use tongban_store::Cursor;
use tongban_ui::markup::with_query;
use tongban_ui::view::{Badge, Choice, Link, Pager, Tab, Tone};
use tongban_ui::{Answer, App, Page, Visit, csv, download};

use super::{PATH, fields, kind_of, words};
use crate::list::{self, Found};
use crate::read::LEVELS;
use crate::service::may_change;

const ROWS: usize = 50;

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    under: String,
    pub after: Option<String>,
}

impl Asked {
    pub fn query(&self) -> list::Query {
        list::Query {
            words: typed::visible(&self.q),
            level: self.level.clone(),
            under: self.under.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "installation_list.html")]
struct ListPage {
    page: Page,
    tabs: Vec<Tab>,
    crumbs: Vec<Link>,
    /// What is wrong with the calendar soon.
    warning: String,
    action: String,
    under: String,
    words: String,
    levels: Vec<Choice>,
    columns: (&'static str, &'static str),
    rows: Vec<Line>,
    pager: Pager,
    /// Leads to the form for a new one; empty for whoever may not.
    add: String,
    one: &'static str,
    export: String,
}

struct Line {
    href: String,
    code: String,
    name: String,
    says: String,
    badge: Badge,
    below: usize,
    below_href: String,
}

pub(super) async fn show_first() -> Redirect {
    Redirect::to(&format!("{PATH}/{}", EntryKind::Division.code()))
}

pub(super) async fn show_list(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let kind = kind_of(&kind)?;
    let catalog = app.service::<Catalog>()?;
    let installation = catalog.installation();
    let cursor = Cursor::from_query(asked.after.as_deref())?;
    let found = list::step(&installation, kind, &asked.query());
    let total = u64::try_from(found.len()).unwrap_or_default();
    let found = list::page(found, (cursor.as_ref(), ROWS));
    let pager = Pager::of(&page.path, &found, Some(total));
    let action = format!("{PATH}/{}", kind.code());
    let (title, one) = words(kind);
    let add = match may_change(&ctx, kind).is_ok() {
        true => format!("{action}/new?under={}", asked.under),
        false => String::new(),
    };
    let view = ListPage {
        page: page.titled(title),
        tabs: tabs(kind),
        crumbs: crumbs(&installation, kind, &asked.under),
        warning: match kind {
            EntryKind::Year => warning(&installation, ctx.now.date()),
            _ => String::new(),
        },
        levels: match kind {
            EntryKind::Division => levels(&asked.level),
            _ => Vec::new(),
        },
        columns: columns(kind),
        rows: found
            .rows
            .iter()
            .map(|one| line(&installation, kind, one))
            .collect(),
        export: [
            ("q", &asked.q),
            ("level", &asked.level),
            ("under", &asked.under),
        ]
        .iter()
        .fold(format!("{action}/export"), |path, (name, value)| {
            with_query(&path, name, Some(value))
        }),
        words: asked.q,
        under: asked.under,
        action,
        pager,
        add,
        one,
    };
    Ok(Html(view.render()?).into_response())
}

fn tabs(current: EntryKind) -> Vec<Tab> {
    let tab = |kind: EntryKind| Tab {
        label: words(kind).0.to_owned(),
        href: format!("{PATH}/{}", kind.code()),
        count: None,
        current: kind == current,
    };
    EntryKind::ALL.map(tab).into()
}

fn crumbs(installation: &Installation, kind: EntryKind, under: &str) -> Vec<Link> {
    let first = Link::new(words(kind).0, format!("{PATH}/{}", kind.code()));
    if under.is_empty() {
        return Vec::new();
    }
    let above = list::above(installation, kind, under);
    let above = above.into_iter().map(|(code, name)| {
        let is_last = code == under;
        let href = format!("{PATH}/{}?under={code}", kind.code());
        Link::new(name, if is_last { String::new() } else { href })
    });
    [first].into_iter().chain(above).collect()
}

fn levels(chosen: &str) -> Vec<Choice> {
    let level = |(_, code, title): (_, &str, &str)| Choice::new(code, title, code == chosen);
    LEVELS.map(level).into()
}

fn columns(kind: EntryKind) -> (&'static str, &'static str) {
    match kind {
        EntryKind::Division => ("区划", "级别"),
        EntryKind::Organisation => ("机构", "所在区划"),
        EntryKind::Role => ("岗位", "权限"),
        EntryKind::Year => ("年份", "安排"),
    }
}

fn line(installation: &Installation, kind: EntryKind, found: &Found<'_>) -> Line {
    let badge = match found.entry.state {
        EntryState::Seeded => Badge::new("业务包", Tone::Quiet),
        EntryState::Changed => Badge::new("已维护", Tone::Ok),
        EntryState::Ended => Badge::new("已撤销", Tone::Warn),
    };
    Line {
        href: format!("{PATH}/{}/{}", kind.code(), found.code),
        code: found.code.to_owned(),
        name: list::name(kind, &found.entry.body),
        says: fields::says(installation, kind, &found.entry.body),
        badge,
        below: found.below,
        below_href: format!("{PATH}/{}?under={}", kind.code(), found.code),
    }
}

/// Dates after the end of the calendar are only likely, and whoever keeps it has to know in time.
fn warning(installation: &Installation, today: Date) -> String {
    let calendar = installation.calendar();
    if !calendar.ends_soon(today) {
        return String::new();
    }
    let until = match calendar.known_until() {
        Some(day) => format!("放假安排到{}为止", date_words(day)),
        None => "还没有放假安排".to_owned(),
    };
    format!(
        "{until}，之后的截止日期只能标为预计，补正到期不会自动终止。国务院办公厅公布以后请马上登记"
    )
}

/// The same list whole, as a table for spreadsheets.
pub(super) async fn export_list(
    State(app): State<App>,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let kind = kind_of(&kind)?;
    let catalog = app.service::<Catalog>()?;
    let installation = catalog.installation();
    let found = list::whole(&installation, kind, &asked.query());
    let heads = ["代码", "名称", "说明", "上级", "显示次序", "状态"];
    let mut table = vec![heads.map(str::to_owned).to_vec()];
    for one in &found {
        let body = &one.entry.body;
        let order = body["order"].as_i64().unwrap_or_default();
        let cells = [
            one.code.to_owned(),
            list::name(kind, body),
            fields::says(&installation, kind, body),
            body["parent"].as_str().unwrap_or_default().to_owned(),
            order.to_string(),
            if one.entry.is_ended() {
                "已撤销"
            } else {
                "在用"
            }
            .to_owned(),
        ];
        table.push(cells.to_vec());
    }
    let name = format!("{}.csv", words(kind).0);
    Ok(download(&name, "text/csv; charset=utf-8", csv(&table)))
}
