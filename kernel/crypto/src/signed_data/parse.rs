//! Reading signed data of either family of identifiers. Checks nothing but the form.

use super::{Attributes, SignedData};
use crate::certificate::Certificate;
use crate::der::{Element, Reader, definite, oid, tag};
use crate::error::Result;

/// More certificates than this are no chain.
const MOST_CERTIFICATES: usize = 32;

struct SignerInfo {
    issuer: Vec<u8>,
    serial: Vec<u8>,
    digest_algorithm: String,
    attributes: Option<Attributes>,
    signature_algorithm: String,
    signature: Vec<u8>,
}

pub(super) fn signed_data(bytes: &[u8]) -> Result<SignedData> {
    let bytes = definite(bytes);
    let mut outer = Reader::new(&bytes, "signed data");
    let mut content_info = outer.sequence()?;
    let kind = content_info.oid()?;
    if kind != oid::CMS_SIGNED_DATA && kind != oid::GM_SIGNED_DATA {
        return Err(content_info.fault("the content is not signed data"));
    }
    let explicit = content_info.expect(tag::context(0))?;
    let mut fields = content_info.inside(&explicit).sequence()?;
    fields.small()?;
    fields.expect(tag::SET)?;
    let content = content(&mut fields.sequence()?)?;
    let certificates = match fields.optional(tag::context(0))? {
        Some(list) => certificates(&mut fields.inside(&list))?,
        None => Vec::new(),
    };
    fields.optional(tag::context(1))?;
    let signers = fields.expect(tag::SET)?;
    let mut signers = fields.inside(&signers);
    let signer = signer_info(&mut signers.sequence()?)?;
    if !signers.is_empty() {
        return Err(signers.fault("more than one signer"));
    }
    Ok(SignedData {
        certificates,
        content,
        digest_algorithm: signer.digest_algorithm,
        signature_algorithm: signer.signature_algorithm,
        signature: signer.signature,
        issuer: signer.issuer,
        serial: signer.serial,
        attributes: signer.attributes,
    })
}

fn content(fields: &mut Reader) -> Result<Option<Vec<u8>>> {
    fields.oid()?;
    let Some(explicit) = fields.optional(tag::context(0))? else {
        return Ok(None);
    };
    Ok(Some(fields.inside(&explicit).octets()?.to_vec()))
}

fn certificates(list: &mut Reader) -> Result<Vec<Certificate>> {
    let mut found = Vec::new();
    while !list.is_empty() {
        let element = list.any()?;
        if found.len() == MOST_CERTIFICATES {
            return Err(list.fault("too many certificates"));
        }
        if element.tag == tag::SEQUENCE {
            found.push(Certificate::from_der(element.whole)?);
        }
    }
    Ok(found)
}

fn signer_info(fields: &mut Reader) -> Result<SignerInfo> {
    fields.small()?;
    let mut identifier = fields.sequence()?;
    let issuer = identifier.expect(tag::SEQUENCE)?.whole.to_vec();
    let serial = identifier.expect(tag::INTEGER)?.body.to_vec();
    let digest_algorithm = fields.algorithm()?;
    let attributes = match fields.optional(tag::context(0))? {
        Some(element) => Some(attributes(fields, &element)?),
        None => None,
    };
    Ok(SignerInfo {
        issuer,
        serial,
        digest_algorithm,
        attributes,
        signature_algorithm: fields.algorithm()?,
        signature: fields.octets()?.to_vec(),
    })
}

fn attributes<'a>(fields: &Reader<'a>, element: &Element<'a>) -> Result<Attributes> {
    let mut signed_bytes = element.whole.to_vec();
    if let Some(first) = signed_bytes.first_mut() {
        *first = tag::SET;
    }
    let mut found = Attributes {
        signed_bytes,
        message_digest: None,
        signing_time: None,
        signing_certificate: None,
    };
    let mut list = fields.inside(element);
    while !list.is_empty() {
        let mut attribute = list.sequence()?;
        let kind = attribute.oid()?;
        let values = attribute.expect(tag::SET)?;
        let mut values = attribute.inside(&values);
        match kind.as_str() {
            oid::MESSAGE_DIGEST => found.message_digest = Some(values.octets()?.to_vec()),
            oid::SIGNING_TIME => found.signing_time = Some(values.time()?),
            oid::SIGNING_CERTIFICATE_V2 => found.signing_certificate = signing_certificate(values)?,
            _ => {}
        }
    }
    Ok(found)
}

/// The SM3 of the first certificate named (RFC 5035 section 3: the one that signs); other digests are not looked at.
fn signing_certificate(mut values: Reader) -> Result<Option<Vec<u8>>> {
    let mut id = values.sequence()?.sequence()?.sequence()?;
    if id.peek() != Some(tag::SEQUENCE) || id.algorithm()? != oid::SM3 {
        return Ok(None);
    }
    Ok(Some(id.octets()?.to_vec()))
}
