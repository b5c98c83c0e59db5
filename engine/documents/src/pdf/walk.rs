//! The objects of a PDF from front to back, as they stand in the file and not as its tables tell: what lies inside of a
//! stream, such as an attached PDF, is no object. Linear in the file.

use super::tokens::{Dictionary, number, skip};

/// No dictionary is longer.
const LONGEST: usize = 1024 * 1024;
/// So many dictionaries that cannot be read are passed over; more are an attack.
const MOST_BROKEN: usize = 64;

/// An object that is a dictionary, or begins with one.
pub(crate) struct Found {
    pub(crate) id: u32,
    pub(crate) dictionary: Dictionary,
    /// Where the dictionary begins and ends in the file.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where its stream ends, or the dictionary itself.
    pub(crate) behind: usize,
}

/// The dictionaries of the whole file; of objects that are none the number and the beginning are given to `other`.
pub(crate) fn objects_and_others(bytes: &[u8], other: impl FnMut(u32, usize)) -> Vec<Found> {
    let mut found = Vec::new();
    walk(bytes, 0, |object| found.push(object), other);
    found
}

/// Gives what begins at `from` or behind it, one by one: of half a million objects few are to be kept.
pub(crate) fn each(bytes: &[u8], from: usize, see: impl FnMut(Found)) {
    walk(bytes, from, see, |_, _| {});
}

fn walk(bytes: &[u8], from: usize, mut see: impl FnMut(Found), mut other: impl FnMut(u32, usize)) {
    let (mut at, mut broken) = (from, 0);
    while let Some((id, value)) = next(bytes, at) {
        let start = skip(bytes, value);
        at = start;
        if !bytes
            .get(start..)
            .is_some_and(|rest| rest.starts_with(b"<<"))
        {
            other(id, start);
            continue;
        }
        let window = bytes
            .get(..bytes.len().min(start + LONGEST))
            .unwrap_or_default();
        let Some((dictionary, end)) = Dictionary::read(window, start) else {
            broken += 1;
            if broken > MOST_BROKEN {
                break;
            }
            continue;
        };
        at = stream_end(bytes, end, &dictionary);
        see(Found {
            id,
            dictionary,
            start,
            end,
            behind: at,
        });
    }
}

/// The number of the next `12 0 obj` and where its value begins.
fn next(bytes: &[u8], mut at: usize) -> Option<(u32, usize)> {
    loop {
        let rest = bytes.get(at..)?;
        let here = at + rest.iter().position(|b| *b == b'o')?;
        at = here + 1;
        if !bytes.get(here..)?.starts_with(b"obj") {
            continue;
        }
        let head = bytes.get(here.saturating_sub(24)..here)?;
        let mut words = head
            .rsplit(|b| !b.is_ascii_digit())
            .filter(|word| !word.is_empty());
        let is_close = head.last().is_some_and(u8::is_ascii_whitespace);
        let (Some(_), Some(id), true) = (words.next(), words.next(), is_close) else {
            continue;
        };
        if let Some(id) = std::str::from_utf8(id).ok().and_then(|id| id.parse().ok()) {
            return Some((id, here + 3));
        }
    }
}

/// Behind the stream of an object, if it has one: by its length where that leads to `endstream`, else by the next one.
fn stream_end(bytes: &[u8], at: usize, dictionary: &Dictionary) -> usize {
    let here = skip(bytes, at);
    if !bytes
        .get(here..)
        .is_some_and(|rest| rest.starts_with(b"stream"))
    {
        return at;
    }
    let mut start = here + 6;
    start += usize::from(bytes.get(start) == Some(&b'\r'));
    start += usize::from(bytes.get(start) == Some(&b'\n'));
    let told = dictionary
        .get("Length")
        .and_then(number)
        .filter(|length| *length >= 0.0)
        .map(|length| start.saturating_add(length as usize));
    let is_end = |at: usize| {
        let here = skip(bytes, at);
        here - at <= 2
            && bytes
                .get(here..)
                .is_some_and(|rest| rest.starts_with(b"endstream"))
    };
    if let Some(end) = told.filter(|end| *end <= bytes.len() && is_end(*end)) {
        return end;
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let found = rest.windows(9).position(|w| w == b"endstream");
    found.map_or(bytes.len(), |at| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_stream_is_no_object_and_a_wrong_length_hides_none() {
        let inner = "7 0 obj <</In 1>> endobj";
        let text = format!(
            "1 0 obj <</A 1>> endobj 2 0 obj <</Length {}>> stream\n{inner}\nendstream endobj \
             3 0 obj <</Length 9999>> stream\nx\nendstream endobj 4 0 obj 5 endobj 5 0 obj <</B 2>> endobj",
            inner.len()
        );
        let ids = |bytes: &[u8]| -> Vec<u32> {
            let found = objects_and_others(bytes, |_, _| {});
            found.iter().map(|o| o.id).collect()
        };
        assert_eq!(ids(text.as_bytes()), [1, 2, 3, 5]);
        assert!(ids(&b"1 0 obj <</A".repeat(50_000)).is_empty());
    }
}
