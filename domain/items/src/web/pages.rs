//! Handlers of the directory's pages.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use serde::Deserialize;
use serde_json::Value as Json;
use tongban_base::{Ctx, Date, Problem, Result, date_words};
use tongban_cases::{Usual, UsualTimes};
use tongban_packs::{FoundPage, Theme};
use tongban_procedures::{Audience, Catalog, Face, Facts, Offered, ProcedureRelease, Standing};
use tongban_store::Cursor;
use tongban_ui::view::{Choice, Link, Pager};
use tongban_ui::{Answer, App, Page, Visit, own_groups};

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

pub async fn show_home(State(app): State<App>, Visit(ctx): Visit, page: Page) -> Answer {
    let directory = app.service::<Directory>()?;
    let catalog = directory.catalog();
    let today = app.now().date();
    let usual = usual(&app, &ctx).await;
    let often = often(&directory, &usual, today);
    let mut often = rows(catalog, often.iter());
    for row in &mut often {
        row.really = really(&usual, &row.code);
    }
    let view = HomePage {
        measured: often.iter().any(|row| row.really.is_some()),
        often,
        page: page.titled("首页"),
        themes: &catalog.pack().themes,
        labels: directory.labels(today),
        own: own_groups(&app, &ctx).await,
    };
    Ok(Html(view.render()?).into_response())
}

/// What was decided lately; a page does without it when it cannot be had.
async fn usual(app: &App, ctx: &Ctx) -> Arc<Vec<Usual>> {
    let Ok(times) = app.service::<UsualTimes>() else {
        return Arc::default();
    };
    times.all(ctx).await.unwrap_or_else(|problem| {
        tracing::warn!(%problem, "how long it takes could not be counted");
        Arc::default()
    })
}

fn really(usual: &[Usual], item: &str) -> Option<u32> {
    let found = usual.iter().find(|usual| usual.item == item);
    found.map(|usual| usual.days)
}

/// What people do most, filled up with what comes first in the directory.
fn often(directory: &Directory, usual: &[Usual], today: Date) -> Vec<Arc<Entry>> {
    let most = usual.iter().take(OFTEN);
    let mut often: Vec<Arc<Entry>> = most
        .filter_map(|usual| directory.entry_of(&usual.item, today))
        .collect();
    let (first, _) = directory.page(&ItemQuery::default(), today, (None, OFTEN * 2));
    let is_there = |entry: &Arc<Entry>, often: &[Arc<Entry>]| {
        often.iter().any(|o| o.offered.code == entry.offered.code)
    };
    for entry in first.rows {
        if often.len() < OFTEN && !is_there(&entry, &often) {
            often.push(entry);
        }
    }
    often
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
    let pages = match cursor {
        None => known_pages(&app, &directory, &query.words),
        Some(_) => Vec::new(),
    };
    let themes = catalog.pack().themes.iter();
    let installation = catalog.installation();
    let offices = installation.organisations();
    let view = ListPage {
        pager: Pager::of(&page.path, &found, None),
        page: page.titled("办事"),
        sub: match (count, pages.is_empty()) {
            (0, false) => String::new(),
            (count, _) => format!("共 {count} 项"),
        },
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
        pages,
        rows: rows(catalog, found.rows.iter()),
    };
    Ok(Html(view.render()?).into_response())
}

/// Those that this house has, of the pages that fit what was typed.
pub(super) fn known_pages<'d>(
    app: &App,
    directory: &'d Directory,
    words: &str,
) -> Vec<&'d FoundPage> {
    let pages = directory.pages(words, app.now().date()).into_iter();
    pages.filter(|page| app.serves(&page.path)).collect()
}

pub async fn show_guide(
    State(app): State<App>,
    Visit(ctx): Visit,
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
        really: really(&usual(&app, &ctx).await, &code),
        printed: date_words(today),
        address: format!("{}/items/{code}", app.site().public_url),
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
        answers: answers_query(&facts.answers),
        materials: release.materials(&facts),
        questions,
        guide: &guide,
        item,
    };
    Ok(Html(view.render()?).into_response())
}

/// The answers as an address carries them, so that nobody is asked twice.
fn answers_query(answers: &Json) -> String {
    let given = answers.as_object().into_iter().flatten();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(given.filter_map(|(id, value)| Some((id, value.as_str()?))));
    match query.finish() {
        query if query.is_empty() => query,
        query => format!("?{query}"),
    }
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
