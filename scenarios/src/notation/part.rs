//! A table of a file, taken apart key by key; what nobody takes is a fault. Knows no step.

use serde::de::{DeserializeOwned, IntoDeserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};
use tongban_packs::Diagnostic;

/// A file under the reader's eyes, and what was found wrong with it.
pub(crate) struct Reading<'t> {
    pub file: &'t str,
    pub text: &'t str,
    pub faults: Vec<Diagnostic>,
}

/// A table and where it begins.
pub(crate) struct Part<'t> {
    pub start: usize,
    end: usize,
    table: DeTable<'t>,
}

impl<'t> Reading<'t> {
    pub fn of(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            faults: Vec::new(),
        }
    }

    pub fn line(&self, offset: usize) -> usize {
        let before = self.text.bytes().take(offset);
        before.filter(|byte| *byte == b'\n').count() + 1
    }

    pub fn fault(&mut self, offset: usize, message: impl Into<String>) {
        let line = self.line(offset);
        self.faults.push(Diagnostic {
            file: self.file.to_owned(),
            line: Some(line),
            element: None,
            message: message.into(),
        });
    }

    /// The whole file.
    pub fn whole(&mut self) -> Option<Part<'t>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(Part::of(table)),
            Err(error) => {
                self.told(&error, 0);
                None
            }
        }
    }

    /// A value in the shape that is asked for.
    pub fn value<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'t>>) -> Option<T> {
        let start = value.span().start;
        let read = T::deserialize(value.into_deserializer());
        read.map_err(|error| self.told(&error, start)).ok()
    }

    /// What the rest of a table says, every key of it.
    pub fn rest<T: DeserializeOwned>(&mut self, part: Part<'t>) -> Option<T> {
        let start = part.start;
        let table = Spanned::new(part.start..part.end, part.table);
        let read = T::deserialize(table.into_deserializer());
        read.map_err(|error| self.told(&error, start)).ok()
    }

    fn told(&mut self, error: &Error, otherwise: usize) {
        let start = error.span().map_or(otherwise, |span| span.start);
        self.fault(start, words(error.message()));
    }
}

impl<'t> Part<'t> {
    fn of(table: Spanned<DeTable<'t>>) -> Self {
        let span = table.span();
        Self {
            start: span.start,
            end: span.end,
            table: table.into_inner(),
        }
    }

    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub fn take(&mut self, key: &str) -> Option<Spanned<DeValue<'t>>> {
        self.table.remove(key)
    }

    /// The tables of `[[key]]`; anything else is a fault.
    pub fn parts(&mut self, key: &str, reading: &mut Reading<'t>) -> Vec<Part<'t>> {
        let Some(value) = self.take(key) else {
            return Vec::new();
        };
        let start = value.span().start;
        let DeValue::Array(values) = value.into_inner() else {
            reading.fault(start, format!("应写成 [[{key}]]"));
            return Vec::new();
        };
        let mut parts = Vec::new();
        for value in values {
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(table) => parts.push(Part::of(Spanned::new(span, table))),
                _ => reading.fault(span.start, format!("应写成 [[{key}]]")),
            }
        }
        parts
    }

    pub fn keys(&self) -> Vec<String> {
        self.table
            .keys()
            .map(|key| key.get_ref().to_string())
            .collect()
    }
}

/// The reader's own words, with the commonest faults said in ours.
fn words(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (field, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return format!("不认识的字段 {field}；可用的字段：{expected}");
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("缺少字段 {field}");
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return format!("类型不对：{rest}");
    }
    message.to_owned()
}
