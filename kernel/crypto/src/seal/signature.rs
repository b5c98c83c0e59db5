//! The signature that a seal leaves on a document: made in version 4, read in all.

use tongban_base::Timestamp;

use super::{Seal, parse};
use crate::certificate::{Certificate, Signer};
use crate::der::{self, Element, Reader, oid, tag};
use crate::error::{CryptoError, Result};

const VERSION: u32 = 4;

/// A signature made with a seal, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealSignature {
    der: Vec<u8>,
    pub(super) signed_bytes: Vec<u8>,
    pub version: u32,
    pub seal: Seal,
    /// Nothing when the time is given as a stamp of a form that is not known here (version 1 leaves it open).
    pub signed_at: Option<Timestamp>,
    /// SM3 of what is sealed: in OFD of the file Signature.xml.
    pub data_hash: Vec<u8>,
    /// Where that is: in OFD the absolute path of Signature.xml.
    pub property: String,
    pub signer_certificate: Vec<u8>,
    pub algorithm: String,
    pub signature: Vec<u8>,
    /// A time stamp token of a third party over the signature; it is carried, not checked.
    pub time_stamp: Option<Vec<u8>>,
}

/// Seals what `digest` is the SM3 of. `property` names its place, `/Doc_0/Signs/Sign_0/Signature.xml`.
/// Errors: the seal does not list the signer's certificate.
pub fn sign_with_seal(
    seal: &Seal,
    signer: &Signer,
    digest: &[u8; 32],
    property: &str,
    at: Timestamp,
) -> Result<SealSignature> {
    if !seal.certificates.contains(signer.certificate()) {
        return Err(CryptoError::KeyMismatch);
    }
    if !property.is_ascii() {
        return Err(CryptoError::encoding(
            "seal signature",
            "the place must be ASCII",
        ));
    }
    let to_sign = der::sequence(&[
        der::integer(VERSION),
        seal.to_der().to_vec(),
        der::generalized_time(at),
        der::bit_string(digest),
        der::ia5(property),
    ]);
    let signature = signer.key().sign(&to_sign)?;
    SealSignature::from_der(&der::sequence(&[
        to_sign,
        der::octets(signer.certificate().to_der()),
        der::encode_oid(oid::SM2_WITH_SM3),
        der::bit_string(&signature),
    ]))
}

impl SealSignature {
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        let mut outer = Reader::new(bytes, "seal signature");
        let whole = outer.expect(tag::SEQUENCE)?;
        let mut parts = outer.inside(&whole);
        let to_sign = parts.expect(tag::SEQUENCE)?;
        let mut fields = parts.inside(&to_sign);
        let version = fields.small()?;
        let seal = Seal::from_der(fields.expect(tag::SEQUENCE)?.whole)?;
        let signed_at = moment(&fields.any()?);
        let data_hash = fields.bits()?.to_vec();
        let property = fields.text()?;
        // Version 1 has certificate and algorithm inside of what is signed, version 4 after it.
        let inside = fields.peek() == Some(tag::OCTET_STRING);
        let source = if inside { &mut fields } else { &mut parts };
        let signer_certificate = source.octets()?.to_vec();
        let algorithm = parse::algorithm(source)?;
        let signature = parts.bits()?.to_vec();
        let time_stamp = parts.optional(tag::context(0))?;
        Ok(Self {
            der: whole.whole.to_vec(),
            signed_bytes: to_sign.whole.to_vec(),
            version,
            seal,
            signed_at,
            data_hash,
            property,
            signer_certificate,
            algorithm,
            signature,
            time_stamp: time_stamp.map(|element| element.body.to_vec()),
        })
    }

    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// Errors: the signer's certificate cannot be read.
    pub fn signer(&self) -> Result<Certificate> {
        Certificate::from_der(&self.signer_certificate)
    }
}

/// A time as such (version 4), or wrapped in a bit string as an element or as bare digits (version 1).
fn moment(element: &Element) -> Option<Timestamp> {
    if element.tag != tag::BIT_STRING {
        return element.time();
    }
    let body = element.body.get(1..)?;
    if let Ok(inner) = Reader::new(body, "time").any()
        && let Some(time) = inner.time()
    {
        return Some(time);
    }
    let digits = Element {
        tag: tag::GENERALIZED_TIME,
        body,
        whole: body,
    };
    digits.time()
}
