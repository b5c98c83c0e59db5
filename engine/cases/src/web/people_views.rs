//! What pages show of who does a step, and by when.

use askama::Template;
use tongban_base::Date;
use tongban_base::calendar::LastDay;
use tongban_flows::Task;
use tongban_ui::Page;
use tongban_ui::view::{Choice, Pager};

use super::sent::Typed;

/// By when a step has to be done, in words.
#[derive(Clone, Debug, Default)]
pub struct StepLimit {
    pub words: String,
    pub late: bool,
}

impl StepLimit {
    /// While everything stands still, nothing has to be done by a day.
    pub fn of(task: &Task, paused: Option<&str>, today: Date) -> Self {
        let Some(on) = task.due_on.filter(|_| paused.is_none()) else {
            return Self::default();
        };
        let late = on < today;
        let day = LastDay {
            on,
            unknown_year: None,
        }
        .short_words();
        let words = match late {
            true => format!("本环节应在{day}前办完，已超过"),
            false => format!("本环节应在{day}（含当日）前办完"),
        };
        Self { words, late }
    }
}

/// A step that waits, with who has it.
pub struct WaitingView {
    pub name: String,
    pub who: String,
    /// Nobody can do it.
    pub stuck: bool,
}

/// Where whoever has the right names who does a step.
pub struct PeopleCard {
    pub task: String,
    pub name: String,
    pub who: String,
    /// The other open steps: addresses and names.
    pub others: Vec<Choice>,
    pub changes: Vec<Choice>,
    /// What is asked of the list of officers.
    pub whom: &'static str,
    pub officers: Vec<Choice>,
    pub open: bool,
    pub typed: Typed,
}

pub struct StuckView {
    pub href: String,
    pub task: String,
    pub item: String,
    pub applicant: String,
    pub number: String,
    pub why: String,
    pub since: String,
}

#[derive(Template)]
#[template(path = "office_stuck.html")]
pub struct StuckPage {
    pub page: Page,
    pub rows: Vec<StuckView>,
    pub pager: Pager,
}
