//! The values of one evaluation, by name; they are borrowed where they can be.

use std::borrow::Cow;

use serde_json::Value;

#[derive(Clone, Debug, Default)]
pub struct Values<'a> {
    entries: Vec<(Cow<'a, str>, Cow<'a, Value>)>,
}

impl<'a> Values<'a> {
    pub fn new() -> Self {
        Self {
            entries: Vec::with_capacity(8),
        }
    }

    /// Lends a value; the last one given under a name counts.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: &'a Value) -> Self {
        self.entries
            .push((Cow::Borrowed(name), Cow::Borrowed(value)));
        self
    }

    /// Hands a value over.
    pub fn insert(&mut self, name: impl Into<Cow<'a, str>>, value: Value) {
        self.entries.push((name.into(), Cow::Owned(value)));
    }

    /// A declared name without a value is null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.entries.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_ref())
    }
}

impl From<serde_json::Map<String, Value>> for Values<'static> {
    fn from(map: serde_json::Map<String, Value>) -> Self {
        Self {
            entries: map
                .into_iter()
                .map(|(name, value)| (Cow::Owned(name), Cow::Owned(value)))
                .collect(),
        }
    }
}
