//! What became of a scenario. Prints nothing.

use std::fmt;
use std::time::Duration;

use crate::Claimed;

/// A scenario that was played.
#[derive(Clone, Debug)]
pub struct Played {
    pub name: String,
    pub file: String,
    pub title: String,
    pub covers: Vec<Claimed>,
    pub fallen: Option<Fallen>,
    /// Until there was a house.
    pub opening: Duration,
    pub playing: Duration,
}

/// Where a scenario failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallen {
    pub step: usize,
    pub line: usize,
    pub why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The house said something else.
    Unseen {
        expected: String,
        /// What was there instead, in a few lines.
        page: String,
    },
    /// The house broke, or there was none: nothing can be said of what it does.
    Broken(String),
}

impl Why {
    pub(crate) fn unseen(expected: impl Into<String>, page: impl Into<String>) -> Self {
        Self::Unseen {
            expected: expected.into(),
            page: page.into(),
        }
    }
}

impl fmt::Display for Fallen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "第 {} 步（第 {} 行）", self.step, self.line)?;
        match &self.why {
            Why::Unseen { expected, page } => {
                writeln!(f, "  应为：{expected}")?;
                write!(f, "  实为：{}", page.replace('\n', "\n        "))
            }
            Why::Broken(words) => write!(f, "  出了故障：{words}"),
        }
    }
}
