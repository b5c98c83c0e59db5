//! Turns BER with indefinite lengths (X.690 clause 8.1.3.6), as common libraries stream it, into the definite form that
//! the reader knows. Bounded in depth; the result is never longer than twice what came in. Knows tags and lengths only.

use std::borrow::Cow;

use super::{raw, tag};

/// Deeper nesting is no signature but an attack.
const DEEPEST: usize = 24;
/// An OCTET STRING written in pieces.
const PIECES: u8 = tag::OCTET_STRING | CONSTRUCTED;
const CONSTRUCTED: u8 = 0x20;
const INDEFINITE: u8 = 0x80;

/// The first element in definite form; as it came when nothing in it is indefinite or it cannot be read.
pub(crate) fn definite(bytes: &[u8]) -> Cow<'_, [u8]> {
    match element(bytes, DEEPEST) {
        Some((Cow::Owned(changed), _)) => Cow::Owned(changed),
        _ => Cow::Borrowed(bytes),
    }
}

/// An element, unchanged where nothing had to be, and what follows it.
fn element(bytes: &[u8], deep: usize) -> Option<(Cow<'_, [u8]>, &[u8])> {
    let (kind, first) = (*bytes.first()?, *bytes.get(1)?);
    if kind & 0x1f == 0x1f {
        return None;
    }
    if first == INDEFINITE {
        let deep = deep.checked_sub(1).filter(|_| kind & CONSTRUCTED != 0)?;
        return endless(kind, bytes.get(2..)?, deep);
    }
    let (start, length) = match first {
        0..INDEFINITE => (2, usize::from(first)),
        _ => {
            let count = usize::from(first & 0x7f);
            let digits = bytes.get(2..2 + count).filter(|_| count <= 4)?;
            let length = digits
                .iter()
                .fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            (2 + count, length)
        }
    };
    let end = start.checked_add(length)?;
    let (whole, body) = (bytes.get(..end)?, bytes.get(start..end)?);
    let rest = bytes.get(end..)?;
    if kind & CONSTRUCTED == 0 || deep == 0 {
        return Some((Cow::Borrowed(whole), rest));
    }
    Some((inside(kind, whole, body, deep - 1), rest))
}

/// A body whose end is marked by two zeros.
fn endless(kind: u8, mut rest: &[u8], deep: usize) -> Option<(Cow<'_, [u8]>, &[u8])> {
    let mut members = Vec::new();
    while !rest.starts_with(&[0, 0]) {
        let (member, after) = element(rest, deep)?;
        members.push(member);
        rest = after;
    }
    Some((Cow::Owned(joined(kind, &members)?), rest.get(2..)?))
}

/// A body of known length. What is no list of elements stays as it is.
fn inside<'a>(kind: u8, whole: &'a [u8], body: &'a [u8], deep: usize) -> Cow<'a, [u8]> {
    let mut members = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let Some((member, after)) = element(rest, deep) else {
            return Cow::Borrowed(whole);
        };
        members.push(member);
        rest = after;
    }
    let is_changed = kind == PIECES || members.iter().any(|m| matches!(m, Cow::Owned(_)));
    match joined(kind, &members).filter(|_| is_changed) {
        Some(changed) => Cow::Owned(changed),
        None => Cow::Borrowed(whole),
    }
}

fn joined(kind: u8, members: &[Cow<[u8]>]) -> Option<Vec<u8>> {
    if kind != PIECES {
        let parts: Vec<&[u8]> = members.iter().map(AsRef::as_ref).collect();
        return Some(raw(kind, &parts));
    }
    let mut pieces = Vec::new();
    for member in members {
        let mut reader = super::Reader::new(member, "octet string");
        pieces.push(reader.octets().ok()?);
    }
    Some(raw(tag::OCTET_STRING, &pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_octets_in_pieces_become_definite() {
        let ber = [
            0x30, 0x80, 2, 1, 5, 0x24, 0x80, 4, 1, 7, 4, 2, 8, 9, 0, 0, 0, 0, 0xff,
        ];
        let der = [0x30, 8, 2, 1, 5, 4, 3, 7, 8, 9];
        assert_eq!(definite(&ber).as_ref(), der);
        let outer = [&[0x30u8, ber.len() as u8 - 1], &ber[..ber.len() - 1]].concat();
        assert_eq!(definite(&outer).as_ref(), [&[0x30, 10], &der[..]].concat());
        assert!(matches!(definite(&der), Cow::Borrowed(_)));
    }

    #[test]
    fn endless_nesting_and_missing_ends_stay_as_they_came() {
        let deep = [0x30, 0x80].repeat(100_000);
        for bytes in [
            &deep[..],
            &[0x30, 0x80],
            &[0x30, 0x80, 0],
            &[4, 0x80, 0, 0],
            &[],
        ] {
            assert_eq!(definite(bytes).as_ref(), bytes);
        }
    }
}
