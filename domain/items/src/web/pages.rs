//! Handlers of the directory's pages.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use serde::Deserialize;
use serde_json::Value as Json;
use tongban_base::{Date, Problem, Result, date_words};
use tongban_packs::Theme;
use tongban_procedures::{Audience, Catalog, Face, Facts, Offered, ProcedureRelease, Standing};
use tongban_store::Cursor;
use tongban_ui::view::{Choice, Link, Pager};
use tongban_ui::{Answer, App, Page};

use super::views::{EndedPage, GuidePage, HomePage, ItemRow, ListPage, QuestionView};
use crate::directory::{Directory, Entry, ItemQuery};
use crate::guide::Guide;
use crate::keeping::labels_of;
use crate::local_guide::{LocalGuide, Place};
use crate::store;

/// How many items stand on the start page.
const OFTEN: usize = 6;
/// More divisions than these are not offered in one list.
const MOST_PLACES: i64 = 200;
/// How many items a page of a list has.
pub(super) const ROWS: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchInput {
    pub q: String,
    pub theme: String,
    pub label: String,
    pub organisation: String,
    pub family: String,
    pub after: String,
}

impl SearchInput {
    pub fn into_query(self) -> ItemQuery {
        ItemQuery {
            words: self.q.chars().take(60).collect(),
            theme: self.theme,
            label: self.label,
            organisation: self.organisation,
            family: self.family,
        }
    }
}

pub async fn show_home(State(app): State<App>, page: Page) -> Answer {
    let directory = app.service::<Directory>()?;
    let catalog = directory.catalog();
    let today = app.now().date();
    let often = directory.page(&ItemQuery::default(), today, (None, OFTEN));
    let view = HomePage {
        page: page.titled("首页"),
        themes: &catalog.pack().themes,
        labels: directory.labels(today),
        often: rows(catalog, often.0.rows.iter()),
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
    let cursor = Cursor::from_query(Some(&input.after))?;
    let query = input.into_query();
    let today = app.now().date();
    let (found, count) = directory.page(&query, today, (cursor.as_ref(), ROWS));
    let themes = catalog.pack().themes.iter();
    let installation = catalog.installation();
    let offices = installation.organisations();
    let view = ListPage {
        pager: Pager::of(&page.path, &found, None),
        page: page.titled("办事"),
        sub: format!("共 {count} 项"),
        words: query.words.clone(),
        themes: themes
            .map(|t| Choice::new(&t.code, &t.title, t.code == query.theme))
            .collect(),
        labels: directory
            .labels(today)
            .into_iter()
            .map(|l| Choice::new(&l.code, &l.title, l.code == query.label))
            .collect(),
        offices: offices
            .map(|o| Choice::new(&o.code, &o.name, o.code == query.organisation))
            .collect(),
        rows: rows(catalog, found.rows.iter()),
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
    let public = |standing: &Standing| standing.offered().face.audience == Audience::Public;
    let standing = standing.filter(public).ok_or_else(Problem::not_found)?;
    let (offered, paused) = match standing {
        Standing::Open(offered) => (offered, String::new()),
        Standing::Paused(offered, why) => (offered, why),
        Standing::Ended(offered, since) => return show_ended(catalog, page, &offered, since),
    };
    let release = catalog.released(app.db(), &offered.hash).await?;
    let answers = known_answers(&release, &given);
    let facts = Facts::answers_only(answers, catalog.settings(), today);
    let chosen = given.get("division").map_or("", String::as_str);
    let (local, divisions) = local_guide(&app, (&code, chosen), today).await?;
    let guide = match &local {
        Some(local) => local.over(release.parts()),
        None => Guide::of(release.parts()),
    };
    let guide = guide.map_err(|_| Problem::not_found())?;
    let item = release.procedure();
    let questions = release
        .questions(&facts)
        .into_iter()
        .map(|q| QuestionView::new(q, facts.answers.get(&q.id).and_then(Json::as_str)))
        .collect();
    let view = GuidePage {
        page: page.titled(&item.name),
        crumbs: crumbs(&offered.face),
        labels: titles(catalog, &labels_of(catalog, &offered)),
        paused,
        office: catalog.organisation(
            local
                .as_ref()
                .map_or(&item.organisation, |l| &l.organisation),
        ),
        places: divisions
            .iter()
            .map(|code| place(catalog, code, chosen))
            .collect(),
        materials: release.materials(&facts),
        questions,
        guide: &guide,
        item,
    };
    Ok(Html(view.render()?).into_response())
}

/// The guide in a division, and the divisions that have one.
async fn local_guide(
    app: &App,
    (procedure, division): (&str, &str),
    today: Date,
) -> Result<(Option<LocalGuide>, Vec<String>)> {
    let place = Place {
        procedure: procedure.to_owned(),
        division: division.to_owned(),
    };
    app.db()
        .read((place, today), |tx, (place, today)| {
            Box::pin(async move {
                let of = (place.procedure.as_str(), *today);
                let divisions = store::places(tx, of, ("", MOST_PLACES)).await?;
                Ok((store::guide_on(tx, place, *today).await?, divisions))
            })
        })
        .await
}

fn place(catalog: &Catalog, code: &str, chosen: &str) -> Choice {
    let installation = catalog.installation();
    let known = installation.division(code);
    Choice::new(
        code,
        known.map_or(code, |division| division.name.as_str()),
        code == chosen,
    )
}

/// Whoever comes by an old link hears when it ended; what had been filed goes on.
fn show_ended(catalog: &Catalog, page: Page, offered: &Offered, since: Date) -> Answer {
    let item = &offered.face;
    let view = EndedPage {
        page: page.titled(&item.name),
        crumbs: crumbs(item),
        since: date_words(since),
        office: catalog.organisation(&item.organisation),
        item,
    };
    Ok((StatusCode::GONE, Html(view.render()?)).into_response())
}

fn crumbs(item: &Face) -> Vec<Link> {
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
            let office = &entry.offered.face.organisation;
            let labels = titles(catalog, &entry.guide.labels);
            ItemRow::new(entry, catalog.organisation(office).as_deref(), labels)
        })
        .collect()
}

/// The labels by their titles, in their own order.
pub(super) fn titles<'c>(catalog: &'c Catalog, codes: &[String]) -> Vec<&'c Theme> {
    let all = catalog.pack().labels.iter();
    all.filter(|label| codes.contains(&label.code)).collect()
}
