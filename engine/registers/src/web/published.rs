//! Records that are read as pages, by everybody or by officers.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse};
use tongban_base::{Ctx, Problem};
use tongban_store::Cursor;
use tongban_ui::view::{Choice, Link, Pager};
use tongban_ui::{Answer, App, Page, Visit, download};

use crate::definition::{RegisterDefinition, options};
use crate::model::{FileValue, RecordId};
use crate::registers::Registers;
use crate::service::published::shown_name;
use crate::service::published::{Entry, PageQuery};

/// A line of the list.
struct Line {
    title: String,
    when: String,
    category: String,
    pinned: bool,
    href: String,
}

struct ListOf {
    page: Page,
    title: String,
    base: String,
    words: String,
    /// None where pages are not grouped, or by no fixed choice.
    categories: Option<Vec<Choice>>,
    rows: Vec<Line>,
    narrowed: bool,
    pager: Pager,
}

struct PageOf {
    page: Page,
    crumbs: Vec<Link>,
    entry: Entry,
    paragraphs: Vec<String>,
}

#[derive(Template)]
#[template(path = "published_list.html")]
struct PublicList {
    of: ListOf,
    page: Page,
}

#[derive(Template)]
#[template(path = "published_list_office.html")]
struct OfficeList {
    of: ListOf,
    page: Page,
}

#[derive(Template)]
#[template(path = "published_page.html")]
struct PublicPage {
    of: PageOf,
    page: Page,
}

#[derive(Template)]
#[template(path = "published_page_office.html")]
struct OfficePage {
    of: PageOf,
    page: Page,
}

pub(super) async fn list_public(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(path): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer {
    let of = list(&app, &ctx, page, (&path, true), asked).await?;
    let page = of.page.clone();
    Ok(Html(PublicList { of, page }.render()?).into_response())
}

pub(super) async fn list_office(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(path): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer {
    let of = list(&app, &ctx, page, (&path, false), asked).await?;
    let page = of.page.clone();
    Ok(Html(OfficeList { of, page }.render()?).into_response())
}

pub(super) async fn show_public(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((path, id)): Path<(String, String)>,
) -> Answer {
    let of = shown(&app, &ctx, page, (&path, true), &id).await?;
    let page = of.page.clone();
    Ok(Html(PublicPage { of, page }.render()?).into_response())
}

pub(super) async fn show_office(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path((path, id)): Path<(String, String)>,
) -> Answer {
    let of = shown(&app, &ctx, page, (&path, false), &id).await?;
    let page = of.page.clone();
    Ok(Html(OfficePage { of, page }.render()?).into_response())
}

pub(super) async fn file_public(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((path, id, field)): Path<(String, String, String)>,
) -> Answer {
    file(&app, &ctx, (&path, true), (&id, &field)).await
}

pub(super) async fn file_office(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((path, id, field)): Path<(String, String, String)>,
) -> Answer {
    file(&app, &ctx, (&path, false), (&id, &field)).await
}

async fn list(
    app: &App,
    ctx: &Ctx,
    page: Page,
    at: (&str, bool),
    mut asked: BTreeMap<String, String>,
) -> Result<ListOf, Problem> {
    let registers = app.service::<Registers>()?;
    let (definition, publish) = registers.published_at(ctx, at)?;
    let mut text = |name: &str| asked.remove(name).unwrap_or_default();
    let query = PageQuery {
        words: text("q").chars().take(60).collect(),
        category: text("category"),
        cursor: Cursor::from_query(Some(&text("after")))?,
    };
    let of = (definition, publish);
    let found = registers.list_pages(of.0, &query, ctx.now.date()).await?;
    let base = publish.base();
    Ok(ListOf {
        pager: Pager::of(&page.path, &found, None),
        categories: categories(definition, publish.category(), &query.category),
        rows: found.rows.iter().map(|entry| line(&base, entry)).collect(),
        narrowed: !query.words.trim().is_empty() || !query.category.is_empty(),
        title: definition.title.clone(),
        page: page.titled(definition.title.clone()),
        words: query.words,
        base,
    })
}

fn categories(
    definition: &RegisterDefinition,
    field: Option<&str>,
    chosen: &str,
) -> Option<Vec<Choice>> {
    let options = options(definition.field(field?)?);
    let choices = options.iter();
    let choices = choices.map(|o| Choice::new(&o.value, &o.title, o.value == chosen));
    (!options.is_empty()).then(|| choices.collect())
}

fn line(base: &str, entry: &Entry) -> Line {
    Line {
        title: entry.title.clone(),
        when: entry.when(),
        category: entry.category.1.clone(),
        pinned: entry.pinned,
        href: format!("{base}/{}", entry.id),
    }
}

async fn shown(
    app: &App,
    ctx: &Ctx,
    page: Page,
    at: (&str, bool),
    id: &str,
) -> Result<PageOf, Problem> {
    let registers = app.service::<Registers>()?;
    let of = registers.published_at(ctx, at)?;
    let id: RecordId = id.parse()?;
    let entry = registers.page_of(of.0, id, ctx.now.date()).await?;
    let (definition, publish) = of;
    Ok(PageOf {
        page: page.titled(entry.title.clone()),
        crumbs: vec![
            Link::new(definition.title.clone(), publish.base()),
            Link::new(entry.title.clone(), ""),
        ],
        paragraphs: entry.paragraphs(),
        entry,
    })
}

async fn file(app: &App, ctx: &Ctx, at: (&str, bool), (id, field): (&str, &str)) -> Answer {
    let registers = app.service::<Registers>()?;
    let of = registers.published_at(ctx, at)?;
    let id: RecordId = id.parse()?;
    let entry = registers.page_of(of.0, id, ctx.now.date()).await?;
    let file = entry.files.get(field).and_then(FileValue::of);
    let file = file.ok_or_else(Problem::not_found)?;
    let content = registers.content(&file).await?;
    let name = shown_name(of.0, field, &file);
    Ok(download(&name, &file.media_type, content))
}
