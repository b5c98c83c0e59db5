//! Handlers of the directory's pages.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use serde::Deserialize;
use serde_json::Value as Json;
use tongban_base::{Date, Problem, date_words};
use tongban_procedures::{Audience, Catalog, Facts, Procedure, ProcedureRelease, Standing};
use tongban_ui::view::{Choice, Link};
use tongban_ui::{Answer, App, Page};

use super::views::{EndedPage, GuidePage, HomePage, ItemRow, ListPage, QuestionView};
use crate::directory::{Directory, Entry, ItemQuery};

/// How many items stand on the start page.
const OFTEN: usize = 6;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchInput {
    pub q: String,
    pub theme: String,
    pub organisation: String,
    pub family: String,
}

impl SearchInput {
    pub fn into_query(self) -> ItemQuery {
        ItemQuery {
            words: self.q.chars().take(60).collect(),
            theme: self.theme,
            organisation: self.organisation,
            family: self.family,
        }
    }
}

pub async fn show_home(State(app): State<App>, page: Page) -> Answer {
    let directory = app.service::<Directory>()?;
    let catalog = directory.catalog();
    let often = directory.find(&ItemQuery::default(), app.now().date());
    let view = HomePage {
        page: page.titled("首页"),
        themes: &catalog.pack().themes,
        often: rows(catalog, often.iter().take(OFTEN)),
    };
    Ok(Html(view.render()?).into_response())
}

pub async fn list_items(
    State(app): State<App>,
    page: Page,
    Query(input): Query<SearchInput>,
) -> Answer {
    let directory = app.service::<Directory>()?;
    let catalog = directory.catalog();
    let query = input.into_query();
    let found = directory.find(&query, app.now().date());
    let themes = catalog.pack().themes.iter();
    let offices = catalog.pack().organisations.values();
    let view = ListPage {
        page: page.titled("办事"),
        sub: format!("共 {} 项", found.len()),
        words: query.words.clone(),
        themes: themes
            .map(|t| Choice::new(&t.code, &t.title, t.code == query.theme))
            .collect(),
        offices: offices
            .map(|o| Choice::new(&o.code, &o.name, o.code == query.organisation))
            .collect(),
        rows: rows(catalog, found.iter()),
    };
    Ok(Html(view.render()?).into_response())
}

pub async fn show_guide(
    State(app): State<App>,
    page: Page,
    Path(code): Path<String>,
    Query(given): Query<HashMap<String, String>>,
) -> Answer {
    let directory = app.service::<Directory>()?;
    let catalog = directory.catalog();
    let today = app.now().date();
    let standing = catalog.standing(&code, today);
    let standing =
        standing.filter(|standing| standing.release().procedure().audience == Audience::Public);
    let release = match standing.ok_or_else(Problem::not_found)? {
        Standing::Open(release) => release,
        Standing::Ended(release, since) => return show_ended(catalog, page, &release, since),
    };
    let answers = known_answers(&release, &given);
    let facts = Facts::answers_only(answers, catalog.settings(), today);
    let entry = directory.entry(&release).ok_or_else(Problem::not_found)?;
    let item = release.procedure();
    let questions = release
        .questions(&facts)
        .into_iter()
        .map(|q| QuestionView::new(q, facts.answers.get(&q.id).and_then(Json::as_str)))
        .collect();
    let view = GuidePage {
        page: page.titled(&item.name),
        crumbs: crumbs(item),
        office: catalog.organisation(&item.organisation),
        materials: release.materials(&facts),
        questions,
        guide: &entry.guide,
        item,
    };
    Ok(Html(view.render()?).into_response())
}

/// Whoever comes by an old link hears when it ended; what had been filed goes on.
fn show_ended(catalog: &Catalog, page: Page, release: &ProcedureRelease, since: Date) -> Answer {
    let item = release.procedure();
    let view = EndedPage {
        page: page.titled(&item.name),
        crumbs: crumbs(item),
        since: date_words(since),
        office: catalog.organisation(&item.organisation),
        item,
    };
    Ok((StatusCode::GONE, Html(view.render()?)).into_response())
}

fn crumbs(item: &Procedure) -> Vec<Link> {
    vec![
        Link::new("首页", "/"),
        Link::new(&item.family_title, format!("/items?family={}", item.family)),
        Link::new(&item.short_name, ""),
    ]
}

/// Only answers that the item's questions offer.
fn known_answers(release: &ProcedureRelease, given: &HashMap<String, String>) -> Json {
    let mut answers = serde_json::Map::new();
    for question in &release.procedure().question {
        if let Some(value) = given.get(&question.id)
            && question.options.iter().any(|o| o.value == *value)
        {
            answers.insert(question.id.clone(), Json::from(value.as_str()));
        }
    }
    Json::Object(answers)
}

fn rows<'r>(
    catalog: &'r Catalog,
    entries: impl Iterator<Item = &'r Arc<Entry>>,
) -> Vec<ItemRow<'r>> {
    entries
        .map(|entry| {
            let office = &entry.release.procedure().organisation;
            ItemRow::new(entry, catalog.organisation(office))
        })
        .collect()
}
