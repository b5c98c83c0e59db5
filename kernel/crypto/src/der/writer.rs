//! Writing DER: each function returns one whole element. Knows no structures.

use super::tag;

/// One element from its tag and the pieces of its body.
pub(crate) fn raw(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    push_length(&mut out, length);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(length as u8);
        return;
    }
    let bytes = length.to_be_bytes();
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    out.push(0x80 | significant.len() as u8);
    out.extend_from_slice(significant);
}

fn joined(tag: u8, elements: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let parts: Vec<&[u8]> = elements.iter().map(AsRef::as_ref).collect();
    raw(tag, &parts)
}

pub(crate) fn sequence(elements: &[impl AsRef<[u8]>]) -> Vec<u8> {
    joined(tag::SEQUENCE, elements)
}

/// DER orders the members of a SET OF by their encoding.
pub(crate) fn set_of(elements: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = elements.iter().map(AsRef::as_ref).collect();
    parts.sort_unstable();
    raw(tag::SET, &parts)
}

/// `[number] EXPLICIT`
pub(crate) fn context(number: u8, element: &[u8]) -> Vec<u8> {
    raw(tag::context(number), &[element])
}

/// A non-negative INTEGER from its bytes, big end first.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    match &bytes[zeros..] {
        [] => raw(tag::INTEGER, &[&[0]]),
        body if body[0] & 0x80 != 0 => raw(tag::INTEGER, &[&[0], body]),
        body => raw(tag::INTEGER, &[body]),
    }
}

pub(crate) fn integer(value: u32) -> Vec<u8> {
    unsigned(&value.to_be_bytes())
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    raw(tag::BOOLEAN, &[&[if value { 0xff } else { 0 }]])
}

pub(crate) fn octets(body: &[u8]) -> Vec<u8> {
    raw(tag::OCTET_STRING, &[body])
}

/// A BIT STRING of whole bytes.
pub(crate) fn bit_string(body: &[u8]) -> Vec<u8> {
    raw(tag::BIT_STRING, &[&[0], body])
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    raw(tag::UTF8_STRING, &[text.as_bytes()])
}

pub(crate) fn ia5(text: &str) -> Vec<u8> {
    raw(tag::IA5_STRING, &[text.as_bytes()])
}

pub(crate) fn printable(text: &str) -> Vec<u8> {
    raw(tag::PRINTABLE_STRING, &[text.as_bytes()])
}
