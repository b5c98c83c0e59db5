//! Finds objects of a PDF by its cross-reference tables. Cross-reference streams are not read: what this product
//! writes has tables.

use std::collections::BTreeMap;

use super::tokens::{Dictionary, items, number, reference, skip};
use crate::DocumentError;

const MOST_SECTIONS: usize = 64;
const MOST_OBJECTS: u32 = 1_000_000;
const MOST_PAGES: usize = 10_000;

pub(crate) struct Objects<'a> {
    bytes: &'a [u8],
    offsets: BTreeMap<u32, usize>,
    pub(crate) trailer: Dictionary,
    /// Where the newest table begins.
    pub(super) last_table: usize,
}

fn broken() -> DocumentError {
    DocumentError::new(
        "unreadable",
        "PDF 结构不完整或使用了不支持的交叉引用流，无法盖章",
    )
}

impl<'a> Objects<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, DocumentError> {
        let tail = bytes.len().saturating_sub(2048);
        let at = bytes
            .get(tail..)
            .and_then(|t| t.windows(9).rposition(|w| w == b"startxref"))
            .ok_or_else(broken)?;
        let last_table = integer(bytes, tail + at + 9).ok_or_else(broken)?.0;
        let mut objects = Self {
            bytes,
            offsets: BTreeMap::new(),
            trailer: Dictionary::default(),
            last_table,
        };
        objects.sections().ok_or_else(broken)?;
        Ok(objects)
    }

    /// Newer sections hide older ones.
    fn sections(&mut self) -> Option<()> {
        let mut next = Some(self.last_table);
        for round in 0..MOST_SECTIONS {
            let Some(at) = next else { return Some(()) };
            let trailer = self.section(at)?;
            next = trailer.get("Prev").and_then(number).map(|n| n as usize);
            if round == 0 {
                self.trailer = trailer;
            }
        }
        None
    }

    fn section(&mut self, at: usize) -> Option<Dictionary> {
        let mut at = skip(self.bytes, at);
        at = at + self.bytes.get(at..)?.strip_prefix(b"xref").map(|_| 4)?;
        loop {
            let here = skip(self.bytes, at);
            if self.bytes.get(here..)?.starts_with(b"trailer") {
                return Dictionary::read(self.bytes, here + 7).map(|(d, _)| d);
            }
            let (first, next) = integer(self.bytes, here)?;
            let (count, next) = integer(self.bytes, next)?;
            at = skip(self.bytes, next);
            for index in 0..count {
                let line = self.bytes.get(at..at + 18)?;
                let id = u32::try_from(first + index)
                    .ok()
                    .filter(|id| *id < MOST_OBJECTS)?;
                // What a newer table frees is gone, whatever an older one says.
                let offset = match line.get(17) == Some(&b'n') {
                    true => integer(line, 0)?.0,
                    false => 0,
                };
                self.offsets.entry(id).or_insert(offset);
                at += 20;
            }
        }
    }

    /// The dictionary object of that number.
    pub(super) fn dictionary(&self, id: u32) -> Result<Dictionary, DocumentError> {
        let find = || {
            let at = *self.offsets.get(&id)?;
            let (found, next) = integer(self.bytes, at)?;
            let (_, next) = integer(self.bytes, next)?;
            let next = skip(self.bytes, next);
            if found as u64 != u64::from(id) || !self.bytes.get(next..)?.starts_with(b"obj") {
                return None;
            }
            Dictionary::read(self.bytes, next + 3).map(|(d, _)| d)
        };
        find().ok_or_else(broken)
    }

    /// Where each object stands.
    pub(crate) fn offsets(&self) -> &BTreeMap<u32, usize> {
        &self.offsets
    }

    pub(crate) fn root(&self) -> Result<(u32, Dictionary), DocumentError> {
        let id = self.trailer.reference("Root").ok_or_else(broken)?;
        Ok((id, self.dictionary(id)?))
    }

    /// The first number that no object has.
    pub(super) fn size(&self) -> Result<u32, DocumentError> {
        let size = self
            .trailer
            .get("Size")
            .and_then(number)
            .ok_or_else(broken)?;
        Ok(size as u32)
    }

    /// The pages in their order with their heights in points.
    pub(super) fn pages(&self, catalog: &Dictionary) -> Result<Vec<(u32, f64)>, DocumentError> {
        let root = catalog.reference("Pages").ok_or_else(broken)?;
        let mut found = Vec::new();
        let mut waiting = vec![(root, None)];
        let mut seen = 0;
        while let Some((id, inherited)) = waiting.pop() {
            seen += 1;
            if seen > MOST_PAGES {
                return Err(broken());
            }
            let node = self.dictionary(id)?;
            let height = node.get("MediaBox").and_then(box_height).or(inherited);
            match node.get("Kids").and_then(items) {
                Some(kids) => {
                    let kids = kids.into_iter().rev().filter_map(reference);
                    waiting.extend(kids.map(|kid| (kid, height)));
                }
                None => found.push((id, height.ok_or_else(broken)?)),
            }
        }
        Ok(found)
    }
}

fn box_height(value: &[u8]) -> Option<f64> {
    let sides = items(value)?;
    Some(number(sides.get(3)?)? - number(sides.get(1)?)?)
}

/// A plain number at `at` after white space, and what follows it.
fn integer(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = skip(bytes, at);
    let length = bytes
        .get(start..)?
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let text = std::str::from_utf8(bytes.get(start..start + length)?).ok()?;
    Some((text.parse().ok()?, start + length))
}
