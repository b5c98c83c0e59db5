//! What can go wrong while a document is made: one error with the place in the template and a sentence.
//! Knows nothing of verifying, where a fault is a finding and not an error.

use std::fmt;

use tongban_base::{Kind, Problem};

/// A place in a template or in one of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path inside the template's files, without the leading slash.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
}

/// Why a document could not be made, sealed or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// Stable, for programs: `template`, `glyph` (no typeface has a character), `picture`, `fonts`, `image`, `pdf`,
    /// `ofd`, `seal`, `overflow`, `unreadable`.
    pub code: &'static str,
    /// A Chinese sentence; for templates it ends with the compiler's own words.
    pub message: String,
    pub place: Option<Place>,
}

impl DocumentError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
        }
    }

    /// Of pages that are to be sealed and have no room for it.
    pub fn no_seal_place() -> Self {
        Self::new("template", "模板没有给印章留位置（<seal>）")
    }

    /// Of papers that lack what makes them papers.
    pub fn incomplete(words: impl Into<String>) -> Self {
        Self::new("template", words)
    }

    /// Of pages that hold more than their paper does; `words` names what is too long.
    pub fn does_not_fit(words: impl Into<String>) -> Self {
        Self::new("overflow", words)
    }

    pub(crate) fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(
                f,
                "{} 第 {} 行第 {} 列：{}",
                place.file, place.line, place.column, self.message
            ),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for DocumentError {}

impl From<DocumentError> for Problem {
    fn from(error: DocumentError) -> Self {
        Problem::new(
            Kind::Internal,
            format!("document.{}", error.code),
            "文书没有生成，请联系系统管理员检查文书模板",
        )
        .with_cause(error)
    }
}
