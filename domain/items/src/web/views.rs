//! What the pages of the directory show.

use askama::Template;
use tongban_packs::{Organisation, Theme};
use tongban_ui::Page;
use tongban_ui::view::{Choice, Link};

use crate::ItemRelease;
use crate::model::{Item, Material, Question};

/// An item as a line of a list.
pub struct ItemRow {
    pub href: String,
    pub name: String,
    pub summary: String,
    pub office: String,
    pub promised: u32,
    pub statutory: u32,
    pub example: bool,
}

impl ItemRow {
    pub fn new(release: &ItemRelease, office: Option<&Organisation>) -> Self {
        let item = release.item();
        Self {
            href: format!("/items/{}", item.code),
            name: item.name.clone(),
            summary: item.summary.clone(),
            office: office.map(|o| o.name.clone()).unwrap_or_default(),
            promised: item.limits.promised,
            statutory: item.limits.statutory,
            example: item.limits.example,
        }
    }
}

#[derive(Template)]
#[template(path = "items_home.html")]
pub struct HomePage {
    pub page: Page,
    pub themes: Vec<Theme>,
    pub often: Vec<ItemRow>,
}

#[derive(Template)]
#[template(path = "items_list.html")]
pub struct ListPage {
    pub page: Page,
    pub sub: String,
    pub words: String,
    pub themes: Vec<Choice>,
    pub offices: Vec<Choice>,
    pub rows: Vec<ItemRow>,
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
pub struct GuidePage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub item: Item,
    pub office: Option<Organisation>,
    pub questions: Vec<QuestionView>,
    pub materials: Vec<Material>,
}
