//! What programs do with a field: the layout says it with `as`, so that a field may be called anything.

use crate::{FieldKind, Format};

/// A meaning that a field of a form may have; each at most once in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Where short messages go.
    Mobile,
    /// Whose number a letter shows, masked.
    IdNumber,
    /// How what was made is handed over.
    Delivery,
    /// Where it is sent to.
    PostAddress,
}

impl Meaning {
    pub const ALL: [(&'static str, Self); 4] = [
        ("mobile", Meaning::Mobile),
        ("id_number", Meaning::IdNumber),
        ("delivery", Meaning::Delivery),
        ("post_address", Meaning::PostAddress),
    ];

    pub(crate) fn find(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, meaning)| *meaning)
    }

    /// What the field has to be, in words; none when `kind` will do.
    pub(crate) fn refuses(self, kind: &FieldKind) -> Option<&'static str> {
        let format = match kind {
            FieldKind::Text { format, .. } => Some(*format),
            _ => None,
        };
        match self {
            Meaning::Mobile if format == Some(Some(Format::Mobile)) => None,
            Meaning::Mobile => Some("格式（format）应为 mobile"),
            Meaning::IdNumber if format.is_some() => None,
            Meaning::IdNumber => Some("应为文字"),
            Meaning::Delivery if matches!(kind, FieldKind::Choice(_)) => None,
            Meaning::Delivery => Some("应为单选（enum 或 oneOf）"),
            Meaning::PostAddress if format == Some(None) => None,
            Meaning::PostAddress => Some("应为没有格式的文字"),
        }
    }
}
