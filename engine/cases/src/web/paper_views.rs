//! What pages show of papers: those that are there, those being made, those that failed.

use askama::Template;
use tongban_documents::{Failure, Fault};
use tongban_ui::Page;
use tongban_ui::view::{Badge, FileItem, Pager, Tone};

use crate::model::{CaseDocument, CaseId, LetterStatus};
use crate::paper::{Paper, PaperId};

/// A letter in a list. What went wrong with its making is for the office (`inside`) only.
pub fn document_item(document: &CaseDocument, base: &str, inside: bool) -> FileItem {
    let number = &document.number;
    let (href, note) = match document.status {
        LetterStatus::Ready => (format!("{base}/{}.pdf", document.id), number.clone()),
        LetterStatus::Void => (String::new(), format!("{number}　已作废")),
        LetterStatus::Pending | LetterStatus::Failed => {
            let words = making_words(document.failure.as_ref(), inside);
            (String::new(), format!("{number}　{words}"))
        }
    };
    FileItem {
        name: document.title.clone(),
        note,
        href,
        ..FileItem::default()
    }
}

/// Papers of modules that are not there yet, behind the letters of a case.
pub fn other_items(unmade: &[Paper], inside: bool) -> Vec<FileItem> {
    let others = unmade
        .iter()
        .filter(|paper| matches!(paper.id, PaperId::Other { .. }));
    let item = |paper: &Paper| FileItem {
        name: paper.title.clone(),
        note: format!(
            "{}　{}",
            paper.number,
            making_words(paper.failure.as_ref(), inside)
        ),
        ..FileItem::default()
    };
    others.map(item).collect()
}

fn making_words(failure: Option<&Failure>, inside: bool) -> String {
    match (failure, inside) {
        (None, _) => "正在制作，请稍等".to_owned(),
        (Some(_), false) => "制作遇到问题，我们正在处理".to_owned(),
        (Some(failure), true) if failure.is_final => format!("没有制作出来（{}）", failure.words),
        (Some(failure), true) => format!("没有制作出来，稍后自动重试（{}）", failure.words),
    }
}

/// A paper that failed or has waited too long, with what to do about it.
pub struct PaperView {
    pub id: String,
    pub title: String,
    pub number: String,
    /// Address and number of its case; empty for a licence that no case waits for.
    pub case_href: String,
    pub case_number: String,
    pub badge: Badge,
    pub words: String,
    pub advice: &'static str,
    pub since: String,
    /// Another photo may be handed in.
    pub wants_photo: bool,
    pub reason: String,
    pub file_error: String,
    pub reason_error: String,
}

impl PaperView {
    pub fn of(paper: &Paper, case: Option<&(CaseId, String)>) -> Self {
        let failure = paper.failure.as_ref();
        let lasting = failure.filter(|failure| failure.is_final);
        Self {
            id: paper.id.to_string(),
            title: paper.title.clone(),
            number: paper.number.clone(),
            case_href: case.map_or(String::new(), |(id, _)| format!("/workbench/cases/{id}")),
            case_number: case.map_or(String::new(), |(_, number)| number.clone()),
            badge: match (failure, lasting) {
                (_, Some(_)) => Badge::new("没有制作出来", Tone::Late),
                (Some(_), None) => Badge::new("稍后自动重试", Tone::Warn),
                (None, None) => Badge::new("等得太久", Tone::Warn),
            },
            words: failure.map_or(String::new(), |failure| failure.words.clone()),
            advice: failure.map_or(
                "请点“重新制作”；仍然不成功的，请系统管理员查看日志。",
                |failure| failure.fault.advice(),
            ),
            since: failure
                .map_or(paper.asked_at, |failure| failure.since)
                .words(),
            wants_photo: paper.has_photo && lasting.is_some_and(|f| f.fault == Fault::Picture),
            reason: String::new(),
            file_error: String::new(),
            reason_error: String::new(),
        }
    }
}

#[derive(Template)]
#[template(path = "office_papers.html")]
pub struct PapersPage {
    pub page: Page,
    pub rows: Vec<PaperView>,
    /// Why something that was asked for was not done.
    pub alert: String,
    pub megabytes: u32,
    pub pager: Pager,
}
