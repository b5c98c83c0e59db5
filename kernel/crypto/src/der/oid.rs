//! Object identifiers in dotted form, and the ones that this crate reads or writes.

use super::tag;

pub const SM2_CURVE: &str = "1.2.156.10197.1.301";
pub const SM2_SIGN: &str = "1.2.156.10197.1.301.1";
pub const SM3: &str = "1.2.156.10197.1.401";
pub const SM2_WITH_SM3: &str = "1.2.156.10197.1.501";
pub const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";

pub const GM_DATA: &str = "1.2.156.10197.6.1.4.2.1";
pub const GM_SIGNED_DATA: &str = "1.2.156.10197.6.1.4.2.2";
pub const CMS_DATA: &str = "1.2.840.113549.1.7.1";
pub const CMS_SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
pub const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";

pub const SUBJECT_KEY_ID: &str = "2.5.29.14";
pub const KEY_USAGE: &str = "2.5.29.15";
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub const CERTIFICATE_POLICIES: &str = "2.5.29.32";
pub const AUTHORITY_KEY_ID: &str = "2.5.29.35";
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";

/// Algorithms that are not verified here, by the names that people know.
const FOREIGN: [(&str, &str); 12] = [
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.4", "RSA（MD5）"),
    ("1.2.840.113549.1.1.5", "RSA（SHA-1）"),
    ("1.2.840.113549.1.1.10", "RSA-PSS"),
    ("1.2.840.113549.1.1.11", "RSA（SHA-256）"),
    ("1.2.840.113549.1.1.12", "RSA（SHA-384）"),
    ("1.2.840.113549.1.1.13", "RSA（SHA-512）"),
    ("1.2.840.10045.2.1", "ECDSA"),
    ("1.2.840.10045.4.3.2", "ECDSA（SHA-256）"),
    ("1.2.840.113549.2.5", "MD5"),
    ("1.3.14.3.2.26", "SHA-1"),
    ("2.16.840.1.101.3.4.2.1", "SHA-256"),
];

/// What people call an algorithm, or its identifier.
pub fn title(dotted: &str) -> &str {
    let known = FOREIGN.iter().find(|(oid, _)| *oid == dotted);
    known.map_or(dotted, |(_, title)| title)
}

/// The whole element, tag and length included. The texts are the ones above, so nothing can go wrong.
pub(crate) fn encode_oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted.split('.').filter_map(|arc| arc.parse::<u64>().ok());
    let first = arcs.next().unwrap_or(0) * 40 + arcs.next().unwrap_or(0);
    let mut body = Vec::new();
    push_arc(&mut body, first);
    arcs.for_each(|arc| push_arc(&mut body, arc));
    super::raw(tag::OID, &[&body])
}

fn push_arc(body: &mut Vec<u8>, arc: u64) {
    for shift in (0..10u32).rev().map(|group| group * 7) {
        let group = (arc >> shift) & 0x7f;
        if shift == 0 {
            body.push(group as u8);
        } else if arc >> shift != 0 {
            body.push(0x80 | group as u8);
        }
    }
}

/// The dotted form, or nothing when an arc does not end or is larger than 64 bits.
pub(super) fn decode_oid(body: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc = 0u64;
    for byte in body {
        if arc >> 57 != 0 {
            return None;
        }
        arc = (arc << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    if body.last()? & 0x80 != 0 {
        return None;
    }
    let first = *arcs.first()?;
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in &arcs[1..] {
        text.push('.');
        text.push_str(&arc.to_string());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_back_as_they_went_in() {
        for dotted in [SM2_WITH_SM3, CMS_SIGNED_DATA, "2.999.1", "0.9.2342"] {
            assert_eq!(
                decode_oid(&encode_oid(dotted)[2..]).as_deref(),
                Some(dotted)
            );
        }
        assert_eq!(
            encode_oid(SM2_WITH_SM3),
            [6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75]
        );
        assert_eq!(decode_oid(&[0x2a, 0x81]), None);
    }
}
