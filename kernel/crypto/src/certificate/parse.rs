//! Reading a certificate (RFC 5280, 4.1) and its PEM form. Checks no signature and no date.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Certificate, Extensions, Name};
use crate::der::{Reader, oid, tag};
use crate::error::{CryptoError, Result};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

pub(super) fn certificate(bytes: &[u8]) -> Result<Certificate> {
    let mut outer = Reader::new(bytes, "certificate");
    let mut parts = outer.sequence()?;
    outer.end()?;
    let tbs = parts.expect(tag::SEQUENCE)?;
    let signature_algorithm = parts.algorithm()?;
    let signature = parts.bits()?.to_vec();
    parts.end()?;

    let mut fields = parts.inside(&tbs);
    fields.optional(tag::context(0))?;
    let serial = fields.expect(tag::INTEGER)?.body.to_vec();
    if fields.algorithm()? != signature_algorithm {
        return Err(fields.fault("two different signature algorithms"));
    }
    let issuer = Name::read(&mut fields)?;
    let mut validity = fields.sequence()?;
    let (not_before, not_after) = (validity.time()?, validity.time()?);
    let subject = Name::read(&mut fields)?;
    let (key_algorithm, public_key) = public_key(&mut fields)?;
    Ok(Certificate {
        der: bytes.to_vec(),
        tbs: tbs.whole.to_vec(),
        serial,
        issuer,
        subject,
        not_before,
        not_after,
        key_algorithm,
        public_key,
        extensions: extensions(&mut fields)?,
        signature_algorithm,
        signature,
    })
}

/// For elliptic curves the curve is what tells keys apart; some authorities name the curve as the algorithm.
fn public_key(fields: &mut Reader) -> Result<(String, Vec<u8>)> {
    let mut info = fields.sequence()?;
    let mut algorithm = info.sequence()?;
    let mut kind = algorithm.oid()?;
    if kind == oid::EC_PUBLIC_KEY && algorithm.peek() == Some(tag::OID) {
        kind = algorithm.oid()?;
    }
    Ok((kind, info.bits()?.to_vec()))
}

fn extensions(fields: &mut Reader) -> Result<Extensions> {
    while !fields.is_empty() {
        let element = fields.any()?;
        if element.tag == tag::context(3) {
            return Extensions::read(&mut fields.inside(&element));
        }
    }
    Ok(Extensions::default())
}

pub(super) fn from_pem(text: &str) -> Result<Certificate> {
    let fault = |detail| CryptoError::encoding("certificate", detail);
    let (_, after) = text
        .split_once(BEGIN)
        .ok_or_else(|| fault("no PEM block"))?;
    let (body, _) = after
        .split_once(END)
        .ok_or_else(|| fault("a PEM block without end"))?;
    let digits: String = body.split_whitespace().collect();
    let bytes = STANDARD
        .decode(digits)
        .map_err(|_| fault("PEM that is not base64"))?;
    certificate(&bytes)
}

pub(super) fn to_pem(der: &[u8]) -> String {
    let digits = STANDARD.encode(der);
    let mut text = format!("{BEGIN}\n");
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(END);
    text.push('\n');
    text
}
