//! The settings in force, for whoever answers for them: value, range, and whether the pack or an office set it; and the
//! page on which one is changed.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_audit::ReadLog;
use tongban_base::{Date, date_words};
use tongban_identity::Identity;
use tongban_packs::{Setting, SettingChange, SettingValue, setting_changes, setting_history};
use tongban_procedures::Catalog;
use tongban_ui::view::{Choice, Link, Tone};
use tongban_ui::{Answer, App, Flash, FormFaults, Page, Visit, mendable};

use crate::settings::{SettingWish, change, defined, may_change, range_words, seen};

const PATH: &str = "/workbench/settings";

#[derive(Template)]
#[template(path = "items_settings.html")]
struct SettingsPage {
    page: Page,
    /// What is wrong with the calendar soon; empty while it reaches far enough.
    calendar: String,
    may_change: bool,
    rows: Vec<SettingRow>,
}

struct SettingRow {
    code: String,
    title: String,
    value: String,
    range: String,
    help: String,
    example: bool,
    /// Empty where the pack's own value is in force.
    changed: String,
}

pub async fn show_settings(State(app): State<App>, Visit(ctx): Visit, page: Page) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let changes = app
        .db()
        .read((), |tx, ()| Box::pin(setting_changes(tx)))
        .await?;
    let values = catalog.settings();
    let rows = catalog.pack().settings.iter();
    let view = SettingsPage {
        page: page.titled("参数"),
        calendar: calendar_warning(&catalog, app.now().date()),
        may_change: may_change(&ctx).is_ok(),
        rows: rows.map(|s| row(s, &values, &changes)).collect(),
    };
    Ok(Html(view.render()?).into_response())
}

/// Dates after the end of the calendar are only likely, and whoever keeps it has to know in time.
fn calendar_warning(catalog: &Catalog, today: Date) -> String {
    let calendar = catalog.calendar();
    if !calendar.ends_soon(today) {
        return String::new();
    }
    let until = match calendar.known_until() {
        Some(day) => format!("放假安排到{}为止", date_words(day)),
        None => "系统里没有放假安排".to_owned(),
    };
    format!(
        "{until}，之后的截止日期只能标为预计，补正到期不会自动终止。请在“机构和日历”中登记新一年的放假安排，马上生效"
    )
}

fn row(setting: &Setting, values: &Json, changes: &BTreeMap<String, SettingChange>) -> SettingRow {
    let unit = &setting.unit;
    let shipped = json!(setting.default);
    let changed = changes.get(&setting.code).map(|change| {
        let words = words(&shipped, unit);
        let day = change.at.date_words();
        format!("{day}由{}修改，定义包中为{words}", change.by)
    });
    SettingRow {
        code: setting.code.clone(),
        title: setting.title.clone(),
        value: words(values.get(&setting.code).unwrap_or(&shipped), unit),
        range: range_words(setting),
        help: setting.help.clone(),
        example: setting.example,
        changed: changed.unwrap_or_default(),
    }
}

/// A value as a person reads it.
fn words(value: &Json, unit: &str) -> String {
    match value {
        Json::Bool(true) => "是".to_owned(),
        Json::Bool(false) => "否".to_owned(),
        Json::Array(list) => {
            let texts = list.iter().filter_map(Json::as_str);
            texts.collect::<Vec<_>>().join("、")
        }
        Json::String(text) => text.clone(),
        number => format!("{number} {unit}").trim().to_owned(),
    }
}

#[derive(Template)]
#[template(path = "items_setting.html")]
struct SettingPage {
    page: Page,
    crumbs: Vec<Link>,
    code: String,
    title: String,
    help: String,
    now: String,
    shipped: String,
    /// Leads to the form with the pack's value, where another is in force.
    restore: String,
    range: String,
    seen: String,
    /// For what is yes or no.
    choices: Vec<Choice>,
    /// Several texts, one in a line.
    lines: bool,
    label: String,
    mode: &'static str,
    value: String,
    reason: String,
    faults: FormFaults,
    tone: Tone,
    history: Vec<HistoryRow>,
}

struct HistoryRow {
    at: String,
    by: String,
    words: String,
    reason: String,
    /// Leads to the form with this value; empty for the one in force.
    take: String,
}

/// A value to begin with.
#[derive(Deserialize)]
pub struct Begun {
    value: Option<String>,
}

#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    value: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    seen: String,
}

pub async fn show_setting(
    State(app): State<App>,
    page: Page,
    Path(code): Path<String>,
    Query(begun): Query<Begun>,
) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let now = present(&catalog, defined(&catalog, &code)?);
    let sent = Sent {
        value: begun.value.unwrap_or_else(|| typed_as(&now)),
        reason: String::new(),
        seen: seen(&now),
    };
    render(&app, page, (&code, sent), Default::default()).await
}

pub async fn change_setting(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
    Form(mut sent): Form<Sent>,
) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let identity = app.service::<Identity>()?;
    let reads = app.service::<ReadLog>()?;
    let wish = SettingWish {
        code: code.clone(),
        value: sent.value.clone(),
        reason: sent.reason.clone(),
        seen: sent.seen.clone(),
    };
    let keyed = (&*identity, reads.key());
    match change((app.db(), &catalog), keyed, &ctx, wish).await {
        Ok(()) => {
            let mut response = Redirect::to(&format!("{PATH}/{code}")).into_response();
            Flash::done("已修改，马上生效").tell(&mut response, &app);
            Ok(response)
        }
        Err(problem) => {
            let told = mendable(problem)?;
            catalog.refresh(app.db(), ctx.now.date()).await?;
            sent.seen = seen(&present(&catalog, defined(&catalog, &code)?));
            render(&app, page, (&code, sent), told).await
        }
    }
}

fn present(catalog: &Catalog, setting: &Setting) -> Json {
    let values = catalog.settings();
    let value = values.get(&setting.code).cloned();
    value.unwrap_or_else(|| json!(setting.default))
}

/// A value as one types it.
fn typed_as(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(list) => {
            let texts = list.iter().filter_map(Json::as_str);
            texts.collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

async fn render(
    app: &App,
    page: Page,
    (code, sent): (&str, Sent),
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let catalog = app.service::<Catalog>()?;
    let setting = defined(&catalog, code)?;
    let input = code.to_owned();
    let history = app
        .db()
        .read(input, |tx, code| Box::pin(setting_history(tx, code)));
    let (now, shipped) = (present(&catalog, setting), json!(setting.default));
    let line = |change: &SettingChange| history_row(setting, &now, change);
    let is_flag = matches!(setting.default, SettingValue::Flag(_));
    let choice = |value: &str, label| Choice::new(value, label, sent.value == value);
    let choices = match is_flag {
        true => vec![choice("true", "是"), choice("false", "否")],
        false => Vec::new(),
    };
    let view = SettingPage {
        page: page.titled(&setting.title),
        crumbs: vec![
            Link::new("参数", PATH),
            Link::new(setting.title.clone(), ""),
        ],
        code: code.to_owned(),
        title: setting.title.clone(),
        help: setting.help.clone(),
        now: words(&now, &setting.unit),
        shipped: words(&shipped, &setting.unit),
        restore: taken(setting, &now, &shipped),
        range: range_words(setting),
        seen: sent.seen,
        choices,
        lines: matches!(setting.default, SettingValue::Texts(_)),
        label: match setting.unit.is_empty() {
            true => "改为".to_owned(),
            false => format!("改为（{}）", setting.unit),
        },
        mode: match setting.default {
            SettingValue::Number(_) => "numeric",
            _ => "text",
        },
        value: sent.value,
        reason: sent.reason,
        faults,
        tone: Tone::Late,
        history: history.await?.iter().map(line).collect(),
    };
    Ok((status, Html(view.render()?)).into_response())
}

fn history_row(setting: &Setting, now: &Json, change: &SettingChange) -> HistoryRow {
    HistoryRow {
        at: change.at.words(),
        by: change.by.clone(),
        words: words(&change.value, &setting.unit),
        reason: change.reason.clone(),
        take: taken(setting, now, &change.value),
    }
}

/// The address of the form with this value; empty for the one in force.
fn taken(setting: &Setting, now: &Json, value: &Json) -> String {
    if value == now {
        return String::new();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("value", &typed_as(value))
        .finish();
    format!("{PATH}/{}?{query}", setting.code)
}
