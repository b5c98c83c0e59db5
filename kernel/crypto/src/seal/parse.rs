//! Reading a seal of any version. The version number and the shape are told apart: the shape decides what is read,
//! because vendors write numbers that do not fit.

use super::{Picture, Seal, SealExtension, SealVersion, SealedCertificates};
use crate::der::{Reader, tag};
use crate::error::Result;

struct Info {
    version: SealVersion,
    vendor: String,
    id: String,
    property: Property,
    picture: Picture,
    extensions: Vec<SealExtension>,
}

struct Property {
    kind: u32,
    name: String,
    certificates: SealedCertificates,
    times: [tongban_base::Timestamp; 3],
}

struct Proof {
    signed_bytes: Vec<u8>,
    maker_certificate: Vec<u8>,
    algorithm: String,
    signature: Vec<u8>,
}

pub(super) fn seal(bytes: &[u8]) -> Result<Seal> {
    let mut outer = Reader::new(bytes, "seal");
    let whole = outer.expect(tag::SEQUENCE)?;
    outer.end()?;
    let mut parts = outer.inside(&whole);
    let info_element = parts.expect(tag::SEQUENCE)?;
    let proof = match parts.peek() {
        Some(tag::SEQUENCE) => proof_v1(&mut parts, info_element.whole)?,
        _ => proof_v4(&mut parts, info_element.whole)?,
    };
    let info = info(&mut parts.inside(&info_element))?;
    let [created, valid_from, valid_until] = info.property.times;
    Ok(Seal {
        der: whole.whole.to_vec(),
        signed_bytes: proof.signed_bytes,
        version: info.version,
        vendor: info.vendor,
        id: info.id,
        kind: info.property.kind,
        name: info.property.name,
        certificates: info.property.certificates,
        created,
        valid_from,
        valid_until,
        picture: info.picture,
        extensions: info.extensions,
        maker_certificate: proof.maker_certificate,
        algorithm: proof.algorithm,
        signature: proof.signature,
    })
}

/// Version 1 signs SEQUENCE { information, certificate, algorithm }.
fn proof_v1(parts: &mut Reader, info: &[u8]) -> Result<Proof> {
    let mut fields = parts.sequence()?;
    let certificate = fields.expect(tag::OCTET_STRING)?;
    let mut rest = fields.clone();
    let algorithm_element = rest.any()?;
    let algorithm = algorithm(&mut fields)?;
    let signed = [info, certificate.whole, algorithm_element.whole];
    Ok(Proof {
        signed_bytes: crate::der::sequence(&signed),
        maker_certificate: certificate.body.to_vec(),
        algorithm,
        signature: fields.bits()?.to_vec(),
    })
}

/// Version 4 and 5 sign the information alone; what may follow the signature in 5 is a time stamp.
fn proof_v4(parts: &mut Reader, info: &[u8]) -> Result<Proof> {
    Ok(Proof {
        signed_bytes: info.to_vec(),
        maker_certificate: parts.octets()?.to_vec(),
        algorithm: algorithm(parts)?,
        signature: parts.bits()?.to_vec(),
    })
}

/// The standard wants a bare identifier; some write an AlgorithmIdentifier.
pub(super) fn algorithm(fields: &mut Reader) -> Result<String> {
    match fields.peek() {
        Some(tag::SEQUENCE) => fields.algorithm(),
        _ => fields.oid(),
    }
}

fn info(fields: &mut Reader) -> Result<Info> {
    let mut header = fields.sequence()?;
    if header.text()? != "ES" {
        return Err(header.fault("the header is not ES"));
    }
    let version = match header.small()? {
        0..=3 => SealVersion::V1,
        4 => SealVersion::V4,
        _ => SealVersion::V5,
    };
    let vendor = header.text()?;
    let id = fields.text()?;
    let property = property(&mut fields.sequence()?)?;
    let picture = picture(&mut fields.sequence()?)?;
    let mut extensions = Vec::new();
    if !fields.is_empty() {
        let mut list = fields.any()?;
        if list.tag == tag::context(0) {
            list = fields.inside(&list).any()?;
        }
        extensions = read_extensions(&mut fields.inside(&list))?;
    }
    Ok(Info {
        version,
        vendor,
        id,
        property,
        picture,
        extensions,
    })
}

fn property(fields: &mut Reader) -> Result<Property> {
    let kind = fields.small()?;
    let name = fields.text()?;
    // Version 1 has no list type, and 1 or 2 says no more than the members show: certificates or pairs.
    fields.optional(tag::INTEGER)?;
    let list = fields.expect(tag::SEQUENCE)?;
    let mut list = fields.inside(&list);
    let certificates = match list.peek() {
        Some(tag::SEQUENCE) => digests(&mut list)?,
        _ => whole_certificates(&mut list)?,
    };
    Ok(Property {
        kind,
        name,
        certificates,
        times: [fields.time()?, fields.time()?, fields.time()?],
    })
}

fn whole_certificates(list: &mut Reader) -> Result<SealedCertificates> {
    let mut found = Vec::new();
    while !list.is_empty() {
        found.push(list.octets()?.to_vec());
    }
    Ok(SealedCertificates::Whole(found))
}

fn digests(list: &mut Reader) -> Result<SealedCertificates> {
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut pair = list.sequence()?;
        found.push((pair.text()?, pair.octets()?.to_vec()));
    }
    Ok(SealedCertificates::Digests(found))
}

fn picture(fields: &mut Reader) -> Result<Picture> {
    Ok(Picture {
        format: fields.text()?,
        data: fields.octets()?.to_vec(),
        width_mm: fields.small()?,
        height_mm: fields.small()?,
    })
}

fn read_extensions(list: &mut Reader) -> Result<Vec<SealExtension>> {
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut fields = list.sequence()?;
        found.push(SealExtension {
            id: fields.oid()?,
            critical: fields
                .optional(tag::BOOLEAN)?
                .is_some_and(|element| element.body != [0]),
            value: fields.octets()?.to_vec(),
        });
    }
    Ok(found)
}
