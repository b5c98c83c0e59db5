//! Collects new and changed objects and writes them behind a PDF with their cross-reference table.

use std::collections::BTreeMap;

use super::objects::Objects;
use super::tokens::Dictionary;
use crate::DocumentError;

pub(super) struct Update {
    next: u32,
    objects: BTreeMap<u32, Vec<u8>>,
}

impl Update {
    pub(super) fn new(first_free: u32) -> Self {
        Self {
            next: first_free,
            objects: BTreeMap::new(),
        }
    }

    pub(super) fn reserve(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    pub(super) fn put(&mut self, id: u32, body: Vec<u8>) {
        self.objects.insert(id, body);
    }

    pub(super) fn get(&self, id: u32) -> Option<&[u8]> {
        self.objects.get(&id).map(Vec::as_slice)
    }

    pub(super) fn add(&mut self, body: Vec<u8>) -> u32 {
        let id = self.reserve();
        self.put(id, body);
        id
    }

    pub(super) fn add_stream(&mut self, head: &str, data: &[u8]) -> u32 {
        let mut body = format!("<<{head}/Length {}>>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.add(body)
    }

    /// The original with the new objects behind it.
    pub(super) fn write(
        self,
        original: &[u8],
        old: &Objects,
        id: &[u8],
    ) -> Result<Vec<u8>, DocumentError> {
        let mut out = original.to_vec();
        if !out.ends_with(b"\n") {
            out.push(b'\n');
        }
        let mut offsets = Vec::new();
        for (number, body) in &self.objects {
            offsets.push((*number, out.len()));
            out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let table = out.len();
        out.extend_from_slice(b"xref\n");
        for run in offsets.chunk_by(|a, b| a.0 + 1 == b.0) {
            let first = run.first().map_or(0, |(number, _)| *number);
            out.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
            for (_, offset) in run {
                out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
            }
        }
        let mut trailer = Dictionary::default();
        trailer.set("Size", self.next.to_string().into_bytes());
        for name in ["Root", "Info"] {
            if let Some(value) = old.trailer.get(name) {
                trailer.set(name, value.to_vec());
            }
        }
        trailer.set("ID", id.to_vec());
        trailer.set("Prev", old.last_table.to_string().into_bytes());
        out.extend_from_slice(b"trailer\n");
        out.extend_from_slice(&trailer.write());
        out.extend_from_slice(format!("\nstartxref\n{table}\n%%EOF\n").as_bytes());
        Ok(out)
    }
}
