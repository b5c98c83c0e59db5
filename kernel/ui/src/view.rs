//! What the component macros of `components.html` take. Plain data: a domain fills it, a template shows it.
//! Knows no business.

use serde::{Deserialize, Serialize};
use tongban_base::Date;

use crate::markup;
use tongban_store::{Cursor, KeyPage};

/// How a thing is meant. Never shown by colour alone: a word or an icon stands beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    #[default]
    Quiet,
    Info,
    Ok,
    Warn,
    /// Late, refused or dangerous.
    Late,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Tone::Quiet => "tb-tone-quiet",
            Tone::Info => "tb-tone-info",
            Tone::Ok => "tb-tone-ok",
            Tone::Warn => "tb-tone-warn",
            Tone::Late => "tb-tone-late",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            Tone::Quiet => "circle-dashed",
            Tone::Info => "info-circle",
            Tone::Ok => "circle-check",
            Tone::Warn => "alert-triangle",
            Tone::Late => "alert-circle",
        }
    }
}

/// A state in a word, with its icon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Badge {
    pub word: String,
    pub tone: Tone,
    pub icon: &'static str,
}

impl Badge {
    pub fn new(word: impl Into<String>, tone: Tone) -> Self {
        Self {
            word: word.into(),
            tone,
            icon: tone.icon(),
        }
    }

    pub fn with_icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }
}

/// A link by its word; the last of a breadcrumb has an empty address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub href: String,
}

impl Link {
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
        }
    }
}

/// A saved view of a list, shown as a tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub count: Option<u64>,
    pub current: bool,
}

/// The foot of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    pub shown: usize,
    /// Only where counting is cheap.
    pub total: Option<u64>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    /// `path` is the path and query of this page; the cursor travels as the parameter `after`.
    pub fn of<T>(path: &str, page: &KeyPage<T>, total: Option<u64>) -> Self {
        let link = |cursor: &Cursor| markup::with_query(path, "after", Some(&cursor.encode()));
        Self {
            shown: page.rows.len(),
            total,
            previous: page.previous.as_ref().map(link),
            next: page.next.as_ref().map(link),
        }
    }

    pub fn words(&self) -> String {
        match self.total {
            Some(total) => format!("共 {} 条，本页 {} 条", markup::count(total), self.shown),
            None => format!("本页 {} 条", self.shown),
        }
    }

    pub fn is_needed(&self) -> bool {
        self.previous.is_some() || self.next.is_some()
    }
}

/// One choice of a select, a group of radio buttons or check boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub note: String,
    pub chosen: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            note: String::new(),
            chosen,
        }
    }
}

/// A step of a wizard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub label: String,
    /// Where a finished step can be looked at again.
    pub href: Option<String>,
    pub done: bool,
    pub current: bool,
}

/// Whether a day counts towards the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayState {
    Counts,
    /// Counts, but after the limit.
    Over,
    Stopped,
    Ahead,
}

/// A day of the clock, with the reason why it counts or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockDay {
    pub date: Date,
    pub state: DayState,
    pub reason: String,
    pub today: bool,
}

impl ClockDay {
    pub fn class(&self) -> &'static str {
        match self.state {
            DayState::Counts => "tb-day-counts",
            DayState::Over => "tb-day-over",
            DayState::Stopped => "tb-day-stopped",
            DayState::Ahead => "tb-day-ahead",
        }
    }

    /// `11月22日：周末，不计时`
    pub fn words(&self) -> String {
        let counts = match self.state {
            DayState::Counts => "计时",
            DayState::Over => "计时，已超期",
            DayState::Stopped => "不计时",
            DayState::Ahead => "未到",
        };
        let today = if self.today { "（今天）" } else { "" };
        let day = markup::month_day(self.date);
        if self.reason.is_empty() {
            format!("{day}{today}：{counts}")
        } else {
            format!("{day}{today}：{}，{counts}", self.reason)
        }
    }

    pub fn number(&self) -> String {
        use chrono::Datelike;
        self.date.day().to_string()
    }
}

/// The clock of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// `还剩 6 个工作日（截至 12月3日）`
    pub words: String,
    pub tone: Tone,
    pub days: Vec<ClockDay>,
    /// Why days do not count, each reason once: `周末`, `补正（11月10日至11月12日）`.
    pub stops: Vec<String>,
}

impl Clock {
    pub fn is_over(&self) -> bool {
        self.days.iter().any(|day| day.state == DayState::Over)
    }
}

/// Something that happened, as a timeline shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub title: String,
    pub when: String,
    pub by: String,
    pub text: String,
    /// Undone by a later step; kept and struck through.
    pub undone: bool,
}

/// The one big answer of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// 有效, 无效, 已注销, 无法核验
    pub answer: String,
    pub tone: Tone,
    pub reasons: Vec<String>,
}

impl Verdict {
    pub fn icon(&self) -> &'static str {
        match self.tone {
            Tone::Ok => "circle-check",
            Tone::Late => "circle-x",
            Tone::Quiet | Tone::Info => "help-circle",
            Tone::Warn => "alert-triangle",
        }
    }
}

/// A figure of a dashboard, with its definition (口径) and the rows it counts behind `href`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    pub name: String,
    pub value: String,
    pub unit: String,
    /// `比上周多 12 件`
    pub trend: String,
    pub definition: String,
    pub href: String,
}

impl Figure {
    /// Too long for the large type.
    pub fn is_long(&self) -> bool {
        self.value.chars().count() > 8
    }
}

/// A file, with what may be done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileItem {
    pub name: String,
    pub bytes: u64,
    pub note: String,
    pub href: String,
    /// Address that a form posts to in order to take it away; empty when it may not be.
    pub remove: String,
    pub badges: Vec<Badge>,
}

/// A button of the decision bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// The value sent as `decision`.
    pub name: String,
    pub label: String,
    /// What will happen: `通过后将送 张处 审核，并短信告知申请人`.
    pub next: String,
    pub main: bool,
    pub dangerous: bool,
    /// Asked before it is sent, when not empty.
    pub confirm: String,
}
