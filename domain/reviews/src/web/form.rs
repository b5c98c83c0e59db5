//! The form in which an applicant rates a case: five big choices, then the remarks of the level that was chosen and
//! room for words. The owner of the case's address mounts it. Works without scripts.

use askama::Template;
use serde_json::json;
use tongban_base::{FieldError, Problem};
use tongban_ui::view::{Choice, Link};
use tongban_ui::{Operation, Page};

use super::views::Handling;
use crate::model::{Channel, Level, NewReview, ReviewView, Reviewable};

/// What a visitor has chosen and written so far: of the address (`?level=4`) or of the posted form.
#[derive(Clone, Debug, Default)]
pub struct RatingSubmission {
    pub level: i64,
    pub tags: Vec<String>,
    pub words: String,
}

impl RatingSubmission {
    /// Reads `application/x-www-form-urlencoded`, an address's query or a body alike; `tags` may come several times.
    pub fn parse(text: &str) -> Self {
        let mut submission = Self::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            match name.as_ref() {
                "level" => submission.level = value.parse().unwrap_or(0),
                "tags" => submission.tags.push(value.into_owned()),
                "words" => submission.words = value.into_owned(),
                _ => {}
            }
        }
        submission
    }

    pub fn into_review(self, channel: Channel) -> NewReview {
        NewReview {
            level: self.level,
            tags: self.tags,
            words: self.words,
            channel: Some(channel),
        }
    }
}

/// The form as a fragment; `rating_page` puts it into the portal.
#[derive(Clone, Debug, Template)]
#[template(path = "rating_form.html")]
pub struct RatingForm {
    /// The address of the page; the form posts to it and the choices lead to it.
    pub action: String,
    pub csrf: String,
    pub levels: Vec<LevelChoice>,
    /// 0 until one is chosen.
    pub chosen: u8,
    pub tags: Vec<Choice>,
    pub words: String,
    pub errors: Vec<FieldError>,
}

#[derive(Clone, Debug)]
pub struct LevelChoice {
    pub value: u8,
    pub title: String,
    pub icon: &'static str,
}

impl RatingForm {
    /// `problem`: what `rate` refused, to be shown beside its field.
    pub fn new(
        of: &Reviewable,
        action: &str,
        csrf: &str,
        submission: &RatingSubmission,
        problem: Option<&Problem>,
    ) -> Self {
        let chosen = Level::new(submission.level).and_then(|level| of.tag_set.of(level));
        let tags = chosen.map_or(&[][..], |level| level.tags.as_slice());
        Self {
            action: action.to_owned(),
            csrf: csrf.to_owned(),
            levels: of.tag_set.levels().iter().map(level_choice).collect(),
            chosen: chosen.map_or(0, |level| level.level.value()),
            tags: tags
                .iter()
                .map(|tag| Choice::new(&tag.code, &tag.text, submission.tags.contains(&tag.code)))
                .collect(),
            words: submission.words.clone(),
            errors: problem
                .map(|p| p.field_errors().to_vec())
                .unwrap_or_default(),
        }
    }

    fn error(&self, pointer: &str) -> &str {
        let found = self.errors.iter().find(|error| error.pointer == pointer);
        found.map_or("", |error| error.message.as_str())
    }
}

fn level_choice(level: &crate::LevelTags) -> LevelChoice {
    LevelChoice {
        value: level.level.value(),
        title: level.title.clone(),
        icon: icon(level.level),
    }
}

/// Names of the icon set; a word always stands beside them.
pub(super) fn icon(level: Level) -> &'static str {
    match level.value() {
        1 => "star",
        2 => "circle-check",
        3 => "circle-dashed",
        4 => "alert-triangle",
        _ => "circle-x",
    }
}

#[derive(Template)]
#[template(path = "rating_page.html")]
struct RatingPage<'a> {
    page: Page,
    crumbs: Vec<Link>,
    item_name: &'a str,
    case_number: &'a str,
    form: &'a RatingForm,
}

/// The form as a whole page. `back` leads to the case.
pub fn rating_page(
    page: Page,
    of: &Reviewable,
    back: &str,
    form: &RatingForm,
) -> askama::Result<String> {
    let crumbs = vec![Link::new("办件", back), Link::new("评价这次服务", "")];
    RatingPage {
        page: page.titled("评价这次服务"),
        crumbs,
        item_name: &of.item_name,
        case_number: &of.case_number,
        form,
    }
    .render()
}

#[derive(Template)]
#[template(path = "rated_page.html")]
struct RatedPage<'a> {
    page: Page,
    crumbs: Vec<Link>,
    review: &'a ReviewView,
    handling: Handling,
}

/// What the applicant has said and what was done about it.
pub fn rated_page(page: Page, review: &ReviewView, back: &str) -> askama::Result<String> {
    let crumbs = vec![Link::new("办件", back), Link::new("我的评价", "")];
    RatedPage {
        page: page.titled("我的评价"),
        crumbs,
        handling: Handling::for_applicant(review),
        review,
    }
    .render()
}

pub fn rate_operation() -> Operation {
    Operation {
        id: "rate_case",
        summary: "评价一件已办结的办件，每个渠道一次",
        request: Some(
            json!({ "type": "object", "required": ["level"], "additionalProperties": false,
            "properties": {
                "level": { "type": "integer", "minimum": 1, "maximum": 5,
                    "description": "1 非常满意 … 5 非常不满意" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "words": { "type": "string", "maxLength": 500 } } }),
        ),
        response: json!({ "type": "object", "required": ["id"],
            "properties": { "id": { "type": "string" } } }),
        query: &[],
    }
}
