//! What the page of the queue shows.

use askama::Template;
use tongban_ui::Page;
use tongban_ui::view::{Badge, Choice, Link, Pager, Tab};

use super::views::CaseRow;

#[derive(Template)]
#[template(path = "office_queue.html")]
pub struct QueuePage {
    pub page: Page,
    pub tabs: Vec<Tab>,
    /// What presses, with numbers.
    pub dues: Vec<Tab>,
    /// Papers of this office failed, and this officer looks after them.
    pub has_failed: bool,
    pub words: String,
    pub steps: Vec<Choice>,
    pub items: Vec<Choice>,
    pub states: Vec<Choice>,
    pub kept: Vec<(String, String)>,
    pub heads: Vec<SortHead>,
    /// Not the whole queue was asked for.
    pub narrowed: bool,
    /// Decisions for many at once, and the wish that the page of results leads back to.
    pub batch: Vec<Choice>,
    pub from: String,
    pub rows: Vec<QueueLine>,
    pub pager: Pager,
}

pub struct QueueLine {
    pub case: CaseRow,
    pub task: String,
    pub batch: bool,
    pub marks: Vec<Badge>,
    /// When it came to this step.
    pub arrived: String,
}

/// The head of a column; without an address it does not sort.
pub struct SortHead {
    pub title: &'static str,
    pub href: String,
    /// As `aria-sort` has it; empty where the list is sorted otherwise.
    pub sort: &'static str,
}

/// Where the task at hand stands in the queue from which it was opened.
pub struct InQueue {
    pub href: String,
    pub before: Option<Link>,
    pub behind: Option<Link>,
}
