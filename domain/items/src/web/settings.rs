//! The settings in force, for whoever answers for them: value, range, and whether the pack or an office set it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse};
use serde_json::{Value as Json, json};
use tongban_packs::{Setting, SettingChange, setting_changes};
use tongban_ui::{Answer, App, Page};

use crate::Catalog;

#[derive(Template)]
#[template(path = "items_settings.html")]
struct SettingsPage {
    page: Page,
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
        rows: rows.map(|s| row(s, &values, &changes)).collect(),
    };
    Ok(Html(view.render()?).into_response())
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
