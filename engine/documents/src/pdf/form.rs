//! The one form in which this product writes a signature's data (DER of CMS, RFC 5652): rebuilt from what was read, so
//! that a file whose unsigned fields were touched does not pass.

use tongban_crypto::{Certificate, SignedData};

const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const SM3: &[u8] = b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11";
const SM2_WITH_SM3: &[u8] = b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x75";
const ONE: &[u8] = b"\x02\x01\x01";

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTETS: u8 = 0x04;
const CONTEXT_0: u8 = 0xA0;

/// The bytes that signing would have written, but for the signature and what it covers, which are taken as read.
pub(crate) fn canonical(data: &SignedData, signer: &Certificate) -> Option<Vec<u8>> {
    let (_, attributes, _) = read(data.signed_attributes()?)?;
    let certificates = ordered(
        data.certificates
            .iter()
            .map(|c| c.to_der().to_vec())
            .collect(),
    );
    let (issuer, serial) = issuer_and_serial(signer.to_der())?;
    let algorithm = element(SEQUENCE, &[SM3]);
    let signer_info = element(
        SEQUENCE,
        &[
            ONE,
            &element(SEQUENCE, &[issuer, serial]),
            &algorithm,
            &element(CONTEXT_0, &[attributes]),
            &element(SEQUENCE, &[SM2_WITH_SM3]),
            &element(OCTETS, &[&data.signature]),
        ],
    );
    let body = element(
        SEQUENCE,
        &[
            ONE,
            &element(SET, &[&algorithm]),
            &element(SEQUENCE, &[DATA]),
            &element(CONTEXT_0, &[&certificates]),
            &element(SET, &[&signer_info]),
        ],
    );
    Some(element(
        SEQUENCE,
        &[SIGNED_DATA, &element(CONTEXT_0, &[&body])],
    ))
}

/// DER wants the members of a set in the order of their bytes.
fn ordered(mut members: Vec<Vec<u8>>) -> Vec<u8> {
    members.sort();
    members.concat()
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut out = vec![tag];
    if body.len() < 0x80 {
        out.push(body.len() as u8);
    } else {
        let length = body.len().to_be_bytes();
        let used: Vec<u8> = length.into_iter().skip_while(|b| *b == 0).collect();
        out.push(0x80 | used.len() as u8);
        out.extend(used);
    }
    out.extend(body);
    out
}

/// How a signer is pointed at: both elements as they stand in the certificate (RFC 5280 clause 4.1).
fn issuer_and_serial(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, whole, _) = read(certificate)?;
    let (_, body, _) = read(whole)?;
    let (tag, _, rest) = read(body)?;
    let body = if tag == CONTEXT_0 { rest } else { body };
    let (_, _, after_serial) = read(body)?;
    let (_, _, after_algorithm) = read(after_serial)?;
    let (_, _, after_issuer) = read(after_algorithm)?;
    let serial = body.get(..body.len() - after_serial.len())?;
    let issuer = after_algorithm.get(..after_algorithm.len() - after_issuer.len())?;
    Some((issuer, serial))
}

/// Tag, body and what follows the first element.
fn read(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    let (length, start) = match first {
        0..=0x7F => (usize::from(first), 2),
        0x81..=0x83 => {
            let count = usize::from(first & 0x7F);
            let digits = bytes.get(2..2 + count)?;
            (
                digits.iter().fold(0, |n, b| n << 8 | usize::from(*b)),
                2 + count,
            )
        }
        _ => return None,
    };
    let end = start.checked_add(length)?;
    Some((tag, bytes.get(start..end)?, bytes.get(end..)?))
}
