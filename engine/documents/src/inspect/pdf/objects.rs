//! All objects of a PDF as they stand in the file, those in packed lists too; the last of a number counts.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::damaged;
use crate::inspect::Refusal;
use crate::pdf::tokens::{Dictionary, items, number, value};
use crate::pdf::walk;

/// All packed lists of a file together, unpacked.
const MOST_UNPACKED: u64 = 32 * 1024 * 1024;
/// Trailers that are looked at, from the end.
const MOST_TRAILERS: usize = 64;

#[derive(Default)]
pub(super) struct Objects<'a> {
    /// Raw text of every dictionary of the file, also of those that were replaced.
    pub(super) texts: Vec<Vec<u8>>,
    /// The data of streams, still packed.
    streams: BTreeMap<u32, (Dictionary, &'a [u8])>,
    dictionaries: BTreeMap<u32, Dictionary>,
    arrays: BTreeMap<u32, Vec<u8>>,
    roots: Vec<u32>,
    pub(super) is_encrypted: bool,
    /// A stream that does not end.
    pub(super) is_cut: bool,
}

impl<'a> Objects<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut objects = Self::default();
        let mut arrays = Vec::new();
        let found = walk::objects_and_others(bytes, |id, start| {
            if bytes.get(start) == Some(&b'[') {
                arrays.push((id, start));
            }
        });
        for (id, start) in arrays {
            if let Some(array) = value(bytes, start) {
                objects.arrays.insert(id, array.to_vec());
            }
        }
        let mut left = MOST_UNPACKED;
        for object in found {
            let text = bytes.get(object.start..object.end).unwrap_or_default();
            objects.texts.push(text.to_vec());
            if object.behind > object.end {
                objects.is_cut |= object.behind == bytes.len();
                let data = stream(bytes, object.end, object.behind);
                if object.dictionary.is("Type", "ObjStm") {
                    objects.unpack(&object.dictionary, data, &mut left)?;
                }
                objects
                    .streams
                    .insert(object.id, (object.dictionary.clone(), data));
            }
            if object.dictionary.is("Type", "XRef") {
                objects.trailer(&object.dictionary);
            }
            objects.dictionaries.insert(object.id, object.dictionary);
        }
        objects.trailers(bytes);
        Ok(objects)
    }

    fn trailers(&mut self, bytes: &[u8]) {
        let mut end = bytes.len();
        for _ in 0..MOST_TRAILERS {
            let before = bytes.get(..end).unwrap_or_default();
            let Some(at) = before.windows(7).rposition(|w| w == b"trailer") else {
                return;
            };
            if let Some((trailer, _)) = Dictionary::read(bytes, at + 7) {
                self.trailer(&trailer);
            }
            end = at;
        }
    }

    fn trailer(&mut self, trailer: &Dictionary) {
        self.is_encrypted |= trailer.get("Encrypt").is_some_and(|v| v != b"null");
        self.roots.extend(trailer.reference("Root"));
    }

    /// A list of objects in a stream (ISO 32000-1, 7.5.7).
    fn unpack(&mut self, list: &Dictionary, data: &[u8], left: &mut u64) -> Result<(), Refusal> {
        let text = inflated(list, data, *left).ok_or_else(damaged)?;
        *left = left.saturating_sub(text.len() as u64);
        if *left == 0 {
            return Err(Refusal::new(
                "upload.too_large",
                "这个 PDF 展开后过大，请打开后用“打印”另存为新的 PDF 再上传",
            ));
        }
        let entry = |key| list.get(key).and_then(number).map(|n: f64| n as usize);
        let (Some(count), Some(first)) = (entry("N"), entry("First")) else {
            return Err(damaged());
        };
        let head = text.get(..first).ok_or_else(damaged)?;
        let mut numbers = std::str::from_utf8(head)
            .map_err(|_| damaged())?
            .split_ascii_whitespace()
            .map_while(|word| word.parse::<usize>().ok());
        for _ in 0..count {
            let (Some(id), Some(offset)) = (numbers.next(), numbers.next()) else {
                return Err(damaged());
            };
            let Ok(id) = u32::try_from(id) else { continue };
            let raw = value(&text, first.saturating_add(offset)).unwrap_or_default();
            if let Some((dictionary, _)) = Dictionary::read(raw, 0) {
                self.texts.push(raw.to_vec());
                self.dictionaries.insert(id, dictionary);
            } else if raw.starts_with(b"[") {
                self.arrays.insert(id, raw.to_vec());
            }
        }
        Ok(())
    }

    pub(super) fn dictionary(&self, id: u32) -> Option<&Dictionary> {
        self.dictionaries.get(&id)
    }

    pub(super) fn array(&self, id: u32) -> Option<&[u8]> {
        self.arrays.get(&id).map(Vec::as_slice)
    }

    /// Where the tree of the document begins.
    pub(super) fn root(&self) -> Option<&Dictionary> {
        let mut roots = self.roots.iter().filter_map(|id| self.dictionary(*id));
        roots.find(|root| root.get("Pages").is_some())
    }

    /// The first bytes of a stream, unpacked.
    pub(super) fn beginning(&self, id: u32, length: u64) -> Option<Vec<u8>> {
        let (dictionary, data) = self.streams.get(&id)?;
        match filter(dictionary)? {
            Filter::None => Some(data.get(..data.len().min(length as usize))?.to_vec()),
            Filter::Flate => {
                let mut out = Vec::new();
                // What can be read before a fault is enough.
                let _ = ZlibDecoder::new(*data).take(length).read_to_end(&mut out);
                Some(out)
            }
        }
    }

    pub(super) fn streams(&self) -> impl Iterator<Item = (u32, &Dictionary)> {
        self.streams
            .iter()
            .map(|(id, (dictionary, _))| (*id, dictionary))
    }
}

enum Filter {
    None,
    Flate,
}

/// Nothing for filters that packed lists and attachments do not use.
fn filter(dictionary: &Dictionary) -> Option<Filter> {
    let Some(filter) = dictionary.get("Filter") else {
        return Some(Filter::None);
    };
    let names = items(filter).unwrap_or_else(|| vec![filter]);
    match names.as_slice() {
        [] => Some(Filter::None),
        [one] if crate::pdf::tokens::name(one) == b"FlateDecode" => Some(Filter::Flate),
        _ => None,
    }
}

fn inflated(dictionary: &Dictionary, data: &[u8], most: u64) -> Option<Vec<u8>> {
    let has_predictor = dictionary.get("DecodeParms").is_some_and(|parameters| {
        Dictionary::read(parameters, 0)
            .and_then(|(d, _)| d.get("Predictor").and_then(number))
            .is_some_and(|predictor| predictor > 1.0)
    });
    match filter(dictionary)? {
        _ if has_predictor => None,
        Filter::None => Some(data.to_vec()),
        Filter::Flate => {
            let mut out = Vec::new();
            ZlibDecoder::new(data)
                .take(most)
                .read_to_end(&mut out)
                .ok()?;
            Some(out)
        }
    }
}

/// The data between `stream` and its end.
fn stream(bytes: &[u8], from: usize, to: usize) -> &[u8] {
    let whole = bytes.get(from..to).unwrap_or_default();
    let Some(at) = whole.windows(6).position(|w| w == b"stream") else {
        return &[];
    };
    let mut start = at + 6;
    start += usize::from(whole.get(start) == Some(&b'\r'));
    start += usize::from(whole.get(start) == Some(&b'\n'));
    whole.get(start..).unwrap_or_default()
}
