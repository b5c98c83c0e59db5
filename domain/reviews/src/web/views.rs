//! Ratings as templates and JSON show them.

use askama::Template;
use serde::Serialize;
use tongban_base::{Date, FieldError};
use tongban_store::KeyPage;
use tongban_ui::Page;
use tongban_ui::view::{Badge, Event, Link, Pager, Tab, Tone};

use super::form::icon;
use crate::model::{ItemStatistics, Level, QueueView, ReviewState, ReviewView};

#[derive(Template)]
#[template(path = "reviews_queue.html")]
pub(super) struct QueuePage {
    pub page: Page,
    pub tabs: Vec<Tab>,
    pub view: QueueView,
    pub rows: Vec<QueueRow>,
    pub pager: Pager,
}

impl QueuePage {
    pub fn is_closed(&self) -> bool {
        self.view == QueueView::Closed
    }
}

pub(super) struct QueueRow {
    pub href: String,
    pub item_name: String,
    pub case_number: String,
    pub level: Badge,
    pub state: Badge,
    pub summary: String,
    pub when: String,
    pub due: String,
    pub late: bool,
}

#[derive(Template)]
#[template(path = "reviews_record.html")]
pub(super) struct RecordPage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub review: ReviewView,
    pub level: Badge,
    pub state: Badge,
    pub events: Vec<Event>,
    /// What was written and refused; empty at first.
    pub draft: Draft,
    pub errors: Vec<FieldError>,
}

#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Draft {
    pub finding: String,
    pub note: String,
    pub order: String,
    pub reply: String,
    pub feedback: String,
}

impl RecordPage {
    pub fn new(page: Page, review: ReviewView, draft: Draft, errors: Vec<FieldError>) -> Self {
        Self {
            page: page.titled(format!("评价 {}", review.case_number)),
            crumbs: vec![
                Link::new("差评处理", "/workbench/reviews"),
                Link::new(&review.case_number, ""),
            ],
            level: level_badge(review.level),
            state: state_badge(review.state),
            events: events(&review),
            review,
            draft,
            errors,
        }
    }

    fn to_verify(&self) -> bool {
        self.review.state == ReviewState::ToVerify
    }

    fn rectifying(&self) -> bool {
        self.review.state == ReviewState::Rectifying
    }

    fn error(&self, pointer: &str) -> &str {
        let found = self.errors.iter().find(|error| error.pointer == pointer);
        found.map_or("", |error| error.message.as_str())
    }
}

#[derive(Template)]
#[template(path = "reviews_statistics.html")]
pub(super) struct StatisticsPage {
    pub page: Page,
    pub crumbs: Vec<Link>,
    pub items: Vec<ItemStatistics>,
}

/// What the applicant sees of the handling.
pub(super) struct Handling {
    pub badge: Option<Badge>,
    pub reply: String,
}

impl Handling {
    pub fn for_applicant(review: &ReviewView) -> Self {
        let bad = review.state != ReviewState::Noted;
        Self {
            badge: bad.then(|| state_badge(review.state)),
            reply: review.reply.clone(),
        }
    }
}

pub(super) fn rows(list: &KeyPage<ReviewView>, today: Date) -> Vec<QueueRow> {
    list.rows.iter().map(|review| row(review, today)).collect()
}

fn row(review: &ReviewView, today: Date) -> QueueRow {
    let due = review.due_on.map(tongban_base::date_words);
    QueueRow {
        href: format!("/workbench/reviews/{}", review.id),
        item_name: review.item_name.clone(),
        case_number: review.case_number.clone(),
        level: level_badge(review.level),
        state: state_badge(review.state),
        summary: summary(review),
        when: review.created_at.words(),
        due: due.unwrap_or_default(),
        late: review.is_overdue(today),
    }
}

/// The applicant's words, or else the remarks; enough to know what it is about.
fn summary(review: &ReviewView) -> String {
    const LENGTH: usize = 60;
    let tags: Vec<&str> = review.tags.iter().map(|tag| tag.text.as_str()).collect();
    let text = match review.words.as_str() {
        "" => tags.join("、"),
        words => words.to_owned(),
    };
    if text.chars().count() <= LENGTH {
        return text;
    }
    let short: String = text.chars().take(LENGTH).collect();
    format!("{short}…")
}

pub(super) fn level_badge(level: Level) -> Badge {
    let tone = match level.value() {
        1 | 2 => Tone::Ok,
        3 => Tone::Quiet,
        4 => Tone::Warn,
        _ => Tone::Late,
    };
    Badge::new(level.title(), tone).with_icon(icon(level))
}

fn state_badge(state: ReviewState) -> Badge {
    let tone = match state {
        ReviewState::ToVerify => Tone::Warn,
        ReviewState::Rectifying => Tone::Info,
        ReviewState::Answered => Tone::Ok,
        ReviewState::Dismissed | ReviewState::Noted => Tone::Quiet,
    };
    Badge::new(state.title(), tone)
}

fn events(review: &ReviewView) -> Vec<Event> {
    let event = |title: &str, when: String, by: &str, text: &str| Event {
        title: title.into(),
        when,
        by: by.into(),
        text: text.into(),
        undone: false,
    };
    let mut events = vec![event("申请人评价", review.created_at.words(), "", "")];
    if let Some(at) = review.verified_at {
        let title = match review.state {
            ReviewState::Dismissed => "核实为不属实",
            _ => "核实为属实，责令整改",
        };
        events.push(event(
            title,
            at.words(),
            &review.verified_by,
            &review.finding,
        ));
    }
    if let (Some(at), ReviewState::Answered) = (review.closed_at, review.state) {
        events.push(event(
            "整改完成并答复",
            at.words(),
            &review.closed_by,
            &review.feedback,
        ));
    }
    events
}

#[derive(Serialize)]
pub(super) struct ReviewJson {
    id: String,
    case_number: String,
    item_code: String,
    item_name: String,
    channel: &'static str,
    level: u8,
    tags: Vec<crate::Tag>,
    words: String,
    state: &'static str,
    created_at: String,
    finding: String,
    order: String,
    due_on: Option<String>,
    feedback: String,
    reply: String,
    closed_at: Option<String>,
}

impl From<ReviewView> for ReviewJson {
    fn from(review: ReviewView) -> Self {
        Self {
            id: review.id.to_string(),
            case_number: review.case_number,
            item_code: review.item_code,
            item_name: review.item_name,
            channel: review.channel.code(),
            level: review.level.value(),
            tags: review.tags,
            words: review.words,
            state: review.state.code(),
            created_at: review.created_at.rfc3339(),
            finding: review.finding,
            order: review.ordered,
            due_on: review.due_on.map(|day| day.to_string()),
            feedback: review.feedback,
            reply: review.reply,
            closed_at: review.closed_at.map(|at| at.rfc3339()),
        }
    }
}
