//! `GET /workbench/audit`

use askama::Template;
use axum::extract::{Query as UrlQuery, State};
use axum::response::{Html, IntoResponse};
use serde_json::Value as Json;
use tongban_ui::view::{Badge, Choice, Pager, Tone};
use tongban_ui::{Answer, App, Page, Visit, csv, download};

use super::query::Query;
use crate::model::{AuditCatalogue, AuditEntry, Outcome};

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    query: Query,
    events: Vec<Choice>,
    outcomes: Vec<Choice>,
    lines: Vec<Line>,
    pager: Pager,
    export: String,
}

struct Line {
    when: String,
    who: String,
    address: String,
    event: String,
    subject: String,
    subject_id: String,
    outcome: Badge,
    before: String,
    after: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    shell: Page,
    UrlQuery(query): UrlQuery<Query>,
) -> Answer {
    let found = query.page(&app, &ctx).await?;
    let catalogue = app.service::<AuditCatalogue>().unwrap_or_default();
    let pager = Pager::of(&shell.path, &found, None);
    let choices = catalogue.events().iter();
    let template = AuditPage {
        events: choices
            .map(|event| Choice::new(event.name, event.title, event.name == query.event))
            .collect(),
        outcomes: vec![Choice::new(
            Outcome::Refused.code(),
            "只看被拒的",
            query.outcome == Outcome::Refused.code(),
        )],
        lines: found
            .rows
            .into_iter()
            .map(|entry| line(&catalogue, entry))
            .collect(),
        page: shell.titled("审计日志"),
        export: query.address("/workbench/audit/export"),
        query,
        pager,
    };
    Ok(Html(template.render()?).into_response())
}

/// So many entries are taken away at once.
const MOST: usize = 20_000;

/// What the page shows as a table to take away.
pub(super) async fn export(
    State(app): State<App>,
    Visit(ctx): Visit,
    UrlQuery(query): UrlQuery<Query>,
) -> Answer {
    let catalogue = app.service::<AuditCatalogue>().unwrap_or_default();
    let heads = [
        "时间",
        "操作人",
        "操作人账号",
        "事件",
        "结果",
        "对象",
        "对象编号",
        "变更前",
        "内容",
        "网络地址",
    ];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for entry in query.all(&app, &ctx, MOST).await? {
        let account = entry.actor_id.map_or_else(String::new, |id| id.to_string());
        let line = line(&catalogue, entry);
        rows.push(vec![
            line.when,
            line.who,
            account,
            line.event,
            line.outcome.word,
            line.subject,
            line.subject_id,
            line.before,
            line.after,
            line.address,
        ]);
    }
    if rows.len() > MOST {
        let words = format!("只列出最近的 {MOST} 条，更早的请加上条件再导出");
        rows.push(vec![words]);
    }
    let name = format!("审计日志 {}.csv", ctx.now.date());
    Ok(download(&name, "text/csv; charset=utf-8", csv(&rows)))
}

fn line(catalogue: &AuditCatalogue, entry: AuditEntry) -> Line {
    let tone = match entry.outcome {
        Outcome::Done => Tone::Quiet,
        Outcome::Refused => Tone::Late,
    };
    let (before, after) = change(&entry.detail);
    Line {
        when: entry.at.words(),
        who: entry.actor_name,
        address: entry.address,
        event: catalogue.title(&entry.event).to_owned(),
        subject: catalogue.subject_title(&entry.subject_kind).to_owned(),
        subject_id: entry.subject_id,
        outcome: Badge::new(entry.outcome.title(), tone),
        before,
        after,
    }
}

/// Old and new where there are both, else the rest as it is.
fn change(detail: &Json) -> (String, String) {
    let words = |value: &Json| match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (old, new) = (detail.get("old"), detail.get("new"));
    let reason = detail.get("reason").map(words).unwrap_or_default();
    match (old, new, reason.is_empty()) {
        (None, None, true) => (String::new(), words(detail)),
        (None, None, false) => (String::new(), reason),
        (old, new, _) => {
            let with_reason = [new.map(words).unwrap_or_default(), reason];
            let told = with_reason.iter().filter(|text| !text.is_empty());
            let told: Vec<&str> = told.map(String::as_str).collect();
            (old.map(words).unwrap_or_default(), told.join("；"))
        }
    }
}
