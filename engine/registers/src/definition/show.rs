//! How values look on pages: in words, personal numbers with their middle hidden.

use serde_json::Value as Json;
use tongban_forms::{Choice, Field, FieldKind, Format};

use super::RegisterDefinition;
use crate::model::FileValue;

/// How a field is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterKind {
    /// One of these values.
    Choice,
    /// The whole of a personal number; only its digest is stored.
    Whole,
    /// A part of the text.
    Part,
}

impl RegisterDefinition {
    pub(crate) fn filter_kind(&self, field: &Field) -> FilterKind {
        match &field.kind {
            FieldKind::Choice(_) | FieldKind::Choices(_) => FilterKind::Choice,
            _ if self.sensitive.contains(&field.name) => FilterKind::Whole,
            _ => FilterKind::Part,
        }
    }

    /// The cell of a list or the value of a fact.
    pub(crate) fn words(&self, name: &str, value: &Json) -> String {
        if let Some(file) = self.file(name).and_then(|_| FileValue::of(value)) {
            return file.name;
        }
        self.field(name)
            .map(|field| self.masked(field, &field.words(value)))
            .unwrap_or_default()
    }

    fn masked(&self, field: &Field, words: &str) -> String {
        let format = match &field.kind {
            FieldKind::Text { format, .. } => *format,
            _ => None,
        };
        match format {
            Some(Format::ResidentId) => shown(words, 6, 4),
            Some(Format::Mobile) => shown(words, 3, 4),
            _ if self.sensitive.contains(&field.name) => shown(words, 6, 0),
            _ => words.to_owned(),
        }
    }
}

pub(crate) fn options(field: &Field) -> &[Choice] {
    match &field.kind {
        FieldKind::Choice(options) | FieldKind::Choices(options) => options,
        _ => &[],
    }
}

/// So many characters in front and behind, the others hidden.
pub(crate) fn shown(text: &str, front: usize, back: usize) -> String {
    let length = text.chars().count();
    let characters = text.chars().enumerate();
    characters
        .map(|(at, c)| {
            if at < front || at + back >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}
