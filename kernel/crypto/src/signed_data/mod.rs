//! Signed data of GB/T 35275 and its twin in international form (CMS, RFC 5652) with SM2 and SM3: what a PDF
//! signature or a plain OFD signature holds. The signed content stays outside. Knows no PDF.

mod make;
mod parse;
mod verify;

use tongban_base::Timestamp;

use crate::certificate::Certificate;
use crate::error::Result;

pub use make::{sign_detached, sign_detached_digest};
pub use verify::{Content, VerifiedSigner, verify_detached};

/// Which identifiers are written. Reading takes both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignedDataProfile {
    /// International identifiers, readable by general tools: for PDF.
    #[default]
    Cms,
    /// Identifiers of GB/T 35275: for OFD.
    Gm,
}

/// Signed data of one signer, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedData {
    pub certificates: Vec<Certificate>,
    /// Content carried inside, when the signature is not detached.
    pub content: Option<Vec<u8>>,
    pub digest_algorithm: String,
    pub signature_algorithm: String,
    pub signature: Vec<u8>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    attributes: Option<Attributes>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Attributes {
    /// Encoded as a SET: what the signature is made over.
    signed_bytes: Vec<u8>,
    message_digest: Option<Vec<u8>>,
    signing_time: Option<Timestamp>,
    /// The SM3 of the certificate that signs.
    signing_certificate: Option<Vec<u8>>,
}

impl SignedData {
    /// Reads DER, and BER with indefinite lengths; zeros after it, as PDF files have them, are passed over.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        parse::signed_data(bytes)
    }

    /// The certificate that the signer information points to, if it is inside.
    pub fn signer(&self) -> Option<&Certificate> {
        let mut all = self.certificates.iter();
        all.find(|one| one.issuer().to_der() == self.issuer && one.serial() == self.serial)
    }

    /// What the signature is made over besides the content, encoded as a SET.
    pub fn signed_attributes(&self) -> Option<&[u8]> {
        self.attributes
            .as_ref()
            .map(|found| found.signed_bytes.as_slice())
    }

    /// The time that the signer claims.
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.attributes
            .as_ref()
            .and_then(|found| found.signing_time)
    }
}
