//! The files of a case beside what has to be judged: one at a time, page by page, turned and enlarged; after a correction
//! the old one beside the new one. Every step is a link; with a script only the viewer changes.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{Html, IntoResponse, Redirect};
use tongban_base::{Ctx, Result, Uuid};
use tongban_documents::{FileKind, pdf_page_count};
use tongban_ui::view::Badge;
use tongban_ui::{Answer, App, Visit};

use super::views::badges;
use crate::desk::Desk;
use crate::filed::{FileState, FiledFile};
use crate::model::{CaseId, MaterialFileId};
use crate::service::view::{CaseView, material_content, open_case};
use crate::service::viewing::{turn_file, turns_of};

/// What an address says of the viewer.
#[derive(Clone, Debug, Default)]
pub struct Looking {
    /// What else the page was asked for, kept in every link.
    kept: String,
    file: Option<MaterialFileId>,
    beside: bool,
    page: usize,
    zoom: usize,
}

const ZOOMS: [&str; 4] = ["", "tb-zoom-2", "tb-zoom-3", "tb-zoom-4"];

impl Looking {
    pub fn of(query: &HashMap<String, String>) -> Self {
        let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
        let kept = ["task", "from"].iter().filter_map(|name| {
            let value = query.get(*name)?;
            let mut pair = url::form_urlencoded::Serializer::new(String::new());
            Some(pair.append_pair(name, value).finish())
        });
        Self {
            kept: kept.map(|pair| format!("{pair}&")).collect(),
            file: query.get("file").and_then(|id| id.parse().ok()),
            beside: query.contains_key("beside"),
            page: number("page").unwrap_or(1).max(1),
            zoom: number("zoom").unwrap_or(0).min(ZOOMS.len() - 1),
        }
    }
}

/// A link, and the part of the page that a script puts in place of the viewer.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub href: String,
    pub part: String,
}

pub struct ViewerFile {
    pub name: String,
    pub material: String,
    pub step: Step,
    pub current: bool,
    pub badges: Vec<Badge>,
}

/// What is seen of a file.
pub struct Sheet {
    pub title: String,
    /// The address of a picture; empty where none can be made.
    pub picture: String,
    pub download: String,
}

#[derive(Template)]
#[template(path = "office_viewer.html")]
pub struct ViewerView {
    pub csrf: String,
    pub files: Vec<ViewerFile>,
    pub sheets: Vec<Sheet>,
    pub page: usize,
    pub pages: usize,
    pub zoom: &'static str,
    pub turn: String,
    pub here: String,
    pub back: Option<Step>,
    pub on: Option<Step>,
    pub nearer: Option<Step>,
    pub farther: Option<Step>,
    pub previous: Option<Step>,
    pub next: Option<Step>,
    /// The old file beside the new one, or the new one alone again.
    pub beside: Option<Step>,
    pub is_beside: bool,
}

/// None where nothing was handed in.
pub async fn viewer(
    desk: &Desk,
    view: &CaseView,
    csrf: &str,
    looking: &Looking,
) -> Result<Option<ViewerView>> {
    let files = in_order(view);
    let chosen = files.iter().position(|f| Some(f.file.id) == looking.file);
    let at = chosen.unwrap_or(0);
    let Some(&current) = files.get(at) else {
        return Ok(None);
    };
    let turns = turns_of(desk, view.case.id).await?;
    let pages = pages_of(desk, current).await?;
    let page = looking.page.min(pages.max(1));
    let old = match current.state {
        FileState::New | FileState::OfOffice => files
            .iter()
            .copied()
            .find(|f| !f.counts() && f.file.material == current.file.material),
        FileState::Filed | FileState::Replaced | FileState::Exchanged => None,
    };
    let is_beside = looking.beside && old.is_some();
    let step = |file: &FiledFile, page: usize, zoom: usize, beside: bool| {
        let beside = if beside { "&beside=1" } else { "" };
        let query = format!(
            "{}file={}&page={page}&zoom={zoom}{beside}",
            looking.kept, file.file.id
        );
        let base = format!("/workbench/cases/{}", view.case.id);
        Step {
            href: format!("{base}?{query}#viewer"),
            part: format!("{base}/viewer?{query}"),
        }
    };
    let here = |page, zoom| step(current, page, zoom, is_beside);
    let neighbour = |at: Option<usize>| Some(step(files.get(at?)?, 1, looking.zoom, false));
    let shown = old.filter(|_| is_beside).into_iter().chain([current]);
    let base = format!("/workbench/cases/{}/files", view.case.id);
    Ok(Some(ViewerView {
        csrf: csrf.to_owned(),
        sheets: shown
            .map(|file| sheet(&base, file, (page, pages), &turns))
            .collect(),
        page,
        pages,
        zoom: ZOOMS.get(looking.zoom).copied().unwrap_or_default(),
        turn: format!("{base}/{}/turn", current.file.id),
        here: here(page, looking.zoom).part,
        back: (page > 1).then(|| here(page - 1, looking.zoom)),
        on: (page < pages).then(|| here(page + 1, looking.zoom)),
        nearer: (looking.zoom + 1 < ZOOMS.len()).then(|| here(page, looking.zoom + 1)),
        farther: (looking.zoom > 0).then(|| here(page, looking.zoom - 1)),
        previous: neighbour(at.checked_sub(1)),
        next: neighbour(Some(at + 1)),
        beside: old.map(|_| step(current, page, looking.zoom, !is_beside)),
        is_beside,
        files: files
            .iter()
            .map(|file| ViewerFile {
                name: file.file.name.clone(),
                material: material_name(view, &file.file.material),
                step: step(file, 1, looking.zoom, false),
                current: file.file.id == current.file.id,
                badges: badges(file),
            })
            .collect(),
    }))
}

/// As the materials stand in the procedure; what does not count any more stands last.
fn in_order(view: &CaseView) -> Vec<&FiledFile> {
    let materials = &view.release.procedure().material;
    let place = |file: &&FiledFile| {
        let mut all = materials.iter();
        let at = all.position(|m| m.code == file.file.material);
        (!file.counts(), at.unwrap_or(usize::MAX))
    };
    let mut files: Vec<&FiledFile> = view.files.iter().collect();
    files.sort_by_key(place);
    files
}

fn material_name(view: &CaseView, code: &str) -> String {
    let mut materials = view.release.procedure().material.iter();
    let found = materials.find(|material| material.code == code);
    found.map_or_else(String::new, |material| material.name.clone())
}

fn kind_of(file: &FiledFile) -> Option<FileKind> {
    let mut kinds = FileKind::ALL.into_iter();
    kinds.find(|kind| kind.media_type() == file.file.media_type)
}

/// None where the house can draw no page of it.
async fn pages_of(desk: &Desk, file: &FiledFile) -> Result<usize> {
    match kind_of(file) {
        Some(FileKind::Jpg | FileKind::Png) => Ok(1),
        Some(FileKind::Ofd) | None => Ok(0),
        Some(FileKind::Pdf) => {
            let content = desk.objects.get(&file.file.object).await?;
            let counted = desk.typesetter.at_a_seat(|| pdf_page_count(content)).await;
            Ok(counted.ok().flatten().unwrap_or(0))
        }
    }
}

fn sheet(
    base: &str,
    file: &FiledFile,
    (page, pages): (usize, usize),
    turns: &HashMap<Uuid, u8>,
) -> Sheet {
    let id = file.file.id;
    let turns = turns.get(&id.0).copied().unwrap_or(0);
    let is_shown = pages > 0 && !matches!(kind_of(file), Some(FileKind::Ofd) | None);
    Sheet {
        title: file.file.name.clone(),
        picture: match is_shown {
            true => format!("{base}/{id}/pages/{page}?turns={turns}"),
            false => String::new(),
        },
        download: format!("{base}/{id}"),
    }
}

/// The viewer alone.
pub async fn part(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: tongban_ui::Page,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let view = open_case(&desk, &ctx, id.parse()?).await?;
    let shown = viewer(&desk, &view, &page.csrf, &Looking::of(&query)).await?;
    let html = shown.map(|shown| shown.render()).transpose()?;
    Ok(Html(html.unwrap_or_default()).into_response())
}

/// One page of a file as a picture; a picture that stands as it came is given as it came.
pub async fn picture(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file, page)): Path<(String, String, usize)>,
    Query(query): Query<HashMap<String, String>>,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let turns = query.get("turns").and_then(|text| text.parse().ok());
    let (file, content) = material_content(&desk, &ctx, id.parse()?, file.parse()?).await?;
    let mut kinds = FileKind::ALL.into_iter();
    let kind = kinds.find(|kind| kind.media_type() == file.media_type);
    let kind = kind.unwrap_or(FileKind::Ofd);
    let turns: u8 = turns.unwrap_or(0) % 4;
    let as_it_came = turns == 0 && matches!(kind, FileKind::Jpg | FileKind::Png);
    let (kind, drawn) = match as_it_came {
        true => (kind, content),
        false => {
            let at = (page.saturating_sub(1), turns);
            (
                FileKind::Png,
                desk.typesetter.sheet(kind, content, at).await?,
            )
        }
    };
    let headers: [(HeaderName, &str); 1] = [(CONTENT_TYPE, kind.media_type())];
    Ok((headers, drawn).into_response())
}

/// Turns a file for everybody who reads it after.
pub async fn turn(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path((id, file)): Path<(String, String)>,
    fields: super::input::Fields,
) -> Answer {
    let desk = app.service::<Desk>()?;
    let (case, file): (CaseId, MaterialFileId) = (id.parse()?, file.parse()?);
    turn_file(&desk, &ctx, case, file).await?;
    Ok(Redirect::to(&back_to(&ctx, case, &fields.text("here"))).into_response())
}

/// Only to the viewer of this case, or to its page where no script runs.
fn back_to(_: &Ctx, case: CaseId, here: &str) -> String {
    let part = format!("/workbench/cases/{case}/viewer?");
    match here.strip_prefix(&part) {
        Some(query) => format!("/workbench/cases/{case}?{query}#viewer"),
        None => format!("/workbench/cases/{case}"),
    }
}
