//! The byte range of a PDF signature: what it says, and whether the file is still the one that it was said of.

use super::decode_hex;
use crate::pdf::MARK;
use crate::pdf::tokens::{Dictionary, items, number};
use crate::pdf::walk::Found;

/// A byte range with the hexadecimal digits of the signature in its gap. The range itself begins at 0.
#[derive(PartialEq)]
pub(super) struct Range {
    pub(super) open: usize,
    pub(super) close: usize,
    pub(super) end: usize,
    pub(super) hex: Vec<u8>,
    /// What the dictionary calls the form of the signature.
    pub(super) filter: Vec<u8>,
    /// The seal's name as the dictionary tells it (UTF-16 in hexadecimal, as this product writes it).
    pub(super) name: Option<String>,
    /// Written by this product.
    pub(super) is_own: bool,
}

pub(super) enum Fit {
    Right(Range),
    /// The file was longer: it is cut.
    Longer(usize),
    /// The gap is no longer where the signature stands: it was written anew.
    Elsewhere,
    /// A way of writing that is not known here.
    Unsupported,
}

pub(super) enum Form {
    Cms,
    /// As people call it.
    Other(String),
}

/// A dictionary that holds a signature and says of what. A field that waits for its signature is none.
pub(super) fn is_signature(dictionary: &Dictionary) -> bool {
    let contents = dictionary.get("Contents").unwrap_or_default();
    dictionary.get("ByteRange").is_some() && contents.first() == Some(&b'<')
}

/// A range must leave out exactly one hexadecimal string, the one behind `/Contents` of its own dictionary.
pub(super) fn fit(bytes: &[u8], object: &Found) -> Fit {
    let dictionary = &object.dictionary;
    let numbers: Option<Vec<usize>> = dictionary
        .get("ByteRange")
        .and_then(items)
        .and_then(|items| items.into_iter().map(whole).collect());
    let Some([0, open, close, length]) = numbers.as_deref() else {
        return Fit::Unsupported;
    };
    let (open, close) = (*open, *close);
    let Some(end) = close.checked_add(*length) else {
        return Fit::Unsupported;
    };
    if end > bytes.len() {
        return Fit::Longer(end);
    }
    let contents = dictionary.get("Contents").unwrap_or_default();
    let is_inside = object.start < open && open < close && close < object.end && object.end <= end;
    if !is_inside || bytes.get(open..close) != Some(contents) {
        return Fit::Elsewhere;
    }
    let Some(hex) = contents
        .strip_prefix(b"<")
        .and_then(|c| c.strip_suffix(b">"))
        .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    else {
        return Fit::Unsupported;
    };
    let head = bytes.get(object.start..open).unwrap_or_default();
    Fit::Right(Range {
        open,
        close,
        end,
        hex: hex.to_vec(),
        filter: dictionary.get("SubFilter").unwrap_or_default().to_vec(),
        name: dictionary.get("Name").and_then(name),
        is_own: head.windows(MARK.len()).any(|w| w == MARK.as_bytes()),
    })
}

/// Whether this product's mark stands in the file outside of streams: then it was sealed here, readable or not. Streams
/// come in the order of the file.
pub(super) fn has_mark(bytes: &[u8], streams: &[std::ops::Range<usize>]) -> bool {
    let mut places = bytes
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK.as_bytes());
    places.any(|(at, _)| {
        let before = streams.partition_point(|stream| stream.start <= at);
        let last = before.checked_sub(1).and_then(|last| streams.get(last));
        !last.is_some_and(|stream| stream.contains(&at))
    })
}

fn whole(value: &[u8]) -> Option<usize> {
    let value = number(value)?;
    (value >= 0.0 && value.fract() == 0.0).then_some(value as usize)
}

fn name(value: &[u8]) -> Option<String> {
    let hex = value.strip_prefix(b"<feff")?.strip_suffix(b">")?;
    let units: Vec<u16> = decode_hex(hex)
        .chunks_exact(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).ok()
}

pub(super) fn form(filter: &[u8]) -> Form {
    let filter = String::from_utf8_lossy(filter);
    match filter.trim_start_matches('/') {
        "adbe.pkcs7.detached" | "ETSI.CAdES.detached" => Form::Cms,
        "ETSI.RFC3161" => Form::Other("文档时间戳（ETSI.RFC3161）".to_owned()),
        "GM.sm2seal" => Form::Other("PDF 中的 GB/T 38540 电子签章（GM.sm2seal）".to_owned()),
        other => Form::Other(format!("{other} 形式的签名")),
    }
}
