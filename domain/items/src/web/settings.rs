//! The settings in force, for whoever answers for them: value, range, and whether the pack or an office set it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse};
use serde_json::{Value as Json, json};
use tongban_base::{Date, date_words};
use tongban_packs::{Setting, SettingChange, setting_changes};
use tongban_ui::{Answer, App, Page};

use tongban_procedures::Catalog;

#[derive(Template)]
#[template(path = "items_settings.html")]
struct SettingsPage {
    page: Page,
    /// What is wrong with the calendar soon; empty while it reaches far enough.
    calendar: String,
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

pub async fn show_settings(State(app): State<App>, page: Page) -> Answer {
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
        "{until}，之后的截止日期只能标为预计，补正到期不会自动终止。请更新定义包中的 calendar.toml，重新启动后生效"
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
        range: match (setting.min, setting.max) {
            (Some(min), Some(max)) => format!("{min} 至 {max}"),
            (Some(min), None) => format!("不小于 {min}"),
            (None, Some(max)) => format!("不大于 {max}"),
            (None, None) => String::new(),
        },
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
