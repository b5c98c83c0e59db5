//! Verifies PDF signatures: each byte range, what it leaves out, the signature over it, and whether the last one covers
//! the whole file. The pages are not looked at: every byte that a valid last signature covers is as it was signed.

use tongban_base::Timestamp;
use tongban_crypto::{SignedData, Trust, sm3};

use super::{DocumentKind, Reason, SignatureView, Verification};
use crate::pdf::{MARK, form};

/// More signatures than this are an attack.
const MOST_SIGNATURES: usize = 32;
const RANGE: &[u8] = b"/ByteRange";
const CONTENTS: &[u8] = b"/Contents";

/// A byte range with the hexadecimal digits of the signature in its gap.
struct Range<'a> {
    /// Where the gap begins and ends; the range itself begins at 0.
    open: usize,
    close: usize,
    end: usize,
    dictionary: usize,
    hex: &'a [u8],
}

pub(super) fn verify(bytes: &[u8], trust: &Trust, now: Timestamp) -> Verification {
    let mut reasons = Vec::new();
    let mut ranges = Vec::new();
    let places: Vec<usize> = find_all(bytes, RANGE);
    for place in places.iter().take(MOST_SIGNATURES) {
        match read_range(bytes, *place) {
            Some(range) => ranges.push(range),
            None => reasons.push(Reason::new(
                "signature.range",
                "签名所指的范围不正确，文件可能被改动",
            )),
        }
    }
    if places.len() > MOST_SIGNATURES {
        reasons.push(Reason::new("signature.range", "文件中的签名过多，拒绝核验"));
    }
    ranges.sort_by_key(|range| range.end);
    if ranges.last().is_some_and(|last| last.end != bytes.len()) {
        reasons.push(Reason::new(
            "file.appended",
            "文件在签章后被追加或删减了内容",
        ));
    }
    let views = ranges
        .iter()
        .map(|range| signature(bytes, range, trust, now))
        .collect();
    Verification::of(DocumentKind::Pdf, reasons, views)
}

fn find_all(bytes: &[u8], what: &[u8]) -> Vec<usize> {
    bytes
        .windows(what.len())
        .enumerate()
        .filter(|(_, window)| *window == what)
        .map(|(at, _)| at)
        .take(MOST_SIGNATURES + 1)
        .collect()
}

/// A range that leaves out exactly one hexadecimal string, the one behind `/Contents` of the same dictionary.
fn read_range(bytes: &[u8], place: usize) -> Option<Range<'_>> {
    let tail = bytes.get(place + RANGE.len()..)?;
    let tail = tail.get(..tail.len().min(200))?;
    let inside = tail.trim_ascii_start().strip_prefix(b"[")?;
    let inside = inside.split(|b| *b == b']').next()?;
    let words: Vec<usize> = std::str::from_utf8(inside)
        .ok()?
        .split_ascii_whitespace()
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    let [0, open, close, length] = words[..] else {
        return None;
    };
    let end = close.checked_add(length)?;
    let gap = bytes.get(open..close)?;
    let hex = gap.strip_prefix(b"<")?.strip_suffix(b">")?;
    let before = bytes.get(..open)?.trim_ascii_end();
    // The range's own text must be among what is signed.
    let is_covered = place < open || (place >= close && place < end);
    let is_whole =
        end <= bytes.len() && hex.iter().all(u8::is_ascii_hexdigit) && before.ends_with(CONTENTS);
    (is_covered && is_whole).then_some(Range {
        open,
        close,
        end,
        dictionary: place,
        hex,
    })
}

fn signature(bytes: &[u8], range: &Range, trust: &Trust, now: Timestamp) -> SignatureView {
    let mut view = SignatureView::default();
    let unreadable = || {
        Reason::new(
            "signature.unreadable",
            "签名数据无法识别，可能已损坏或不是国密 SM2 签名",
        )
    };
    let der = decode_hex(range.hex);
    let Ok(data) = SignedData::from_der(&der) else {
        view.reasons.push(unreadable());
        return view;
    };
    let parts = [bytes.get(..range.open), bytes.get(range.close..range.end)];
    let [Some(before), Some(after)] = parts else {
        view.reasons.push(unreadable());
        return view;
    };
    let content = [before, after].concat();
    let verified = data.verify(&content, Some(trust), now);
    view.reasons
        .extend(verified.faults.iter().map(Reason::from));
    view.signer = verified.signer.as_ref().map(|c| c.subject().display_name());
    view.signed_at = verified.signed_at;
    match verified.signed_at {
        None => view.reasons.push(Reason::new(
            "signature.time_missing",
            "签名数据中没有签章时间",
        )),
        Some(at) if at > now.plus_minutes(5) => {
            view.reasons.push(Reason::new(
                "signature.time_in_future",
                "签章时间晚于当前时间",
            ));
        }
        Some(_) => {}
    }
    view.seal_name = name(bytes, range);
    if is_ours(bytes, range) && !is_canonical(range, &data, &content, trust) {
        view.reasons
            .push(Reason::new("signature.form", "签名数据的写法被改动"));
    }
    view
}

/// The bytes of the signature's dictionary before its gap, all of them signed.
fn head<'a>(bytes: &'a [u8], range: &Range) -> &'a [u8] {
    let from = bytes
        .get(..range.dictionary)
        .and_then(|b| b.windows(4).rposition(|w| w == b" obj"))
        .unwrap_or(range.dictionary);
    bytes.get(from..range.open).unwrap_or_default()
}

fn is_ours(bytes: &[u8], range: &Range) -> bool {
    head(bytes, range)
        .windows(MARK.len())
        .any(|w| w == MARK.as_bytes())
}

/// Our signatures: lower-case digits, nothing but zeros behind the data, every unsigned field as we write it, and no
/// certificate along with it that is not needed.
fn is_canonical(range: &Range, data: &SignedData, content: &[u8], trust: &Trust) -> bool {
    let (Some(signer), Some(at)) = (data.signer(), data.signed_at()) else {
        return false;
    };
    let Some(der) = form::canonical(data, signer, &sm3(content), at) else {
        return false;
    };
    let mut hex: Vec<u8> = der
        .iter()
        .flat_map(|b| format!("{b:02x}").into_bytes())
        .collect();
    if hex.len() > range.hex.len() {
        return false;
    }
    hex.resize(range.hex.len(), b'0');
    let chain = trust
        .verify(signer, &data.certificates, at)
        .unwrap_or_default();
    hex == range.hex && (chain.is_empty() || data.certificates.iter().all(|c| chain.contains(c)))
}

fn decode_hex(hex: &[u8]) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).unwrap_or(0) as u8;
    hex.chunks(2)
        .map(|pair| digit(pair[0]) << 4 | pair.get(1).map_or(0, |b| digit(*b)))
        .collect()
}

/// The seal's name as the signature's dictionary tells it (UTF-16 in hexadecimal, as this product writes it).
fn name(bytes: &[u8], range: &Range) -> Option<String> {
    let head = head(bytes, range);
    let at = head.windows(10).position(|w| w == b"/Name<feff")?;
    let hex = head.get(at + 10..)?.split(|b| *b == b'>').next()?;
    let units: Vec<u16> = decode_hex(hex)
        .chunks_exact(2)
        .map(|p| u16::from_be_bytes([p[0], p[1]]))
        .collect();
    String::from_utf16(&units).ok()
}
