//! What the pages of the directory show.

use std::sync::Arc;

use askama::Template;
use tongban_packs::{FoundPage, Organisation, Theme};
use tongban_procedures::{Face, Material, Procedure, Question};
use tongban_ui::view::{Choice, Link, Pager};
use tongban_ui::{MenuEntry, OwnGroup, Page, filters};

use crate::directory::Entry;
use crate::guide::Guide;

/// An item as a line of a list.
pub struct ItemRow<'r> {
    pub code: String,
    pub href: String,
    pub name: &'r str,
    pub summary: &'r str,
    pub office: String,
    pub promised: u32,
    pub statutory: u32,
    pub example: bool,
    /// How many working days nine of ten took, where enough were decided.
    pub really: Option<u32>,
    pub labels: Vec<&'r Theme>,
}

impl<'r> ItemRow<'r> {
    pub fn new(entry: &'r Entry, office: Option<&Organisation>, labels: Vec<&'r Theme>) -> Self {
        let item = &entry.offered.face;
        Self {
            code: entry.offered.code.clone(),
            href: format!("/items/{}", entry.offered.code),
            name: &item.name,
            summary: &entry.guide.summary,
            office: office.map_or_else(String::new, |o| o.name.clone()),
            promised: item.limits.promised,
            statutory: item.limits.statutory,
            example: item.limits.example,
            really: None,
            labels,
        }
    }
}

#[derive(Template)]
#[template(path = "items_home.html")]
pub struct HomePage<'r> {
    pub page: Page,
    pub themes: &'r [Theme],
    pub labels: Vec<&'r Theme>,
    pub often: Vec<ItemRow<'r>>,
    /// Whether some of them have been decided often enough to say how long it takes.
    pub measured: bool,
    /// What is the visitor's own.
    pub own: Vec<OwnGroup>,
}

impl HomePage<'_> {
    /// Beside finding an item and a telephone, what the start page has for elders.
    fn elder(&self) -> Vec<&MenuEntry> {
        self.page
            .menu_of(["/progress", "/me/cases", "/me/licences"])
    }
}

#[derive(Template)]
#[template(path = "items_list.html")]
pub struct ListPage<'r> {
    pub page: Page,
    pub sub: String,
    pub words: String,
    pub themes: Vec<Choice>,
    pub labels: Vec<Choice>,
    pub offices: Vec<Choice>,
    /// Pages of the program that were meant.
    pub pages: Vec<&'r FoundPage>,
    pub rows: Vec<ItemRow<'r>>,
    pub pager: Pager,
}

/// A situation question with the choices and what was chosen.
pub struct QuestionView {
    pub id: String,
    pub text: String,
    pub help: String,
    pub choices: Vec<Choice>,
}

impl QuestionView {
    pub fn new(question: &Question, chosen: Option<&str>) -> Self {
        Self {
            id: question.id.clone(),
            text: question.text.clone(),
            help: question.help.clone(),
            choices: question
                .options
                .iter()
                .map(|o| Choice::new(&o.value, &o.label, chosen == Some(o.value.as_str())))
                .collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "items_guide.html")]
pub struct GuidePage<'r> {
    pub page: Page,
    /// For paper: on which day, and where it stands.
    pub really: Option<u32>,
    pub printed: String,
    pub address: String,
    pub crumbs: Vec<Link>,
    pub item: &'r Procedure,
    pub guide: &'r Guide,
    pub labels: Vec<&'r Theme>,
    /// Why it cannot be applied for just now; empty where it can.
    pub paused: String,
    pub office: Option<Arc<Organisation>>,
    pub questions: Vec<QuestionView>,
    /// The divisions that have a guide of their own.
    pub places: Vec<Choice>,
    pub materials: Vec<&'r Material>,
    /// What was answered here, as the address of the application takes it along.
    pub answers: String,
}

#[derive(Template)]
#[template(path = "items_ended.html")]
pub struct EndedPage<'r> {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub item: &'r Face,
    pub since: String,
    pub office: Option<Arc<Organisation>>,
}
