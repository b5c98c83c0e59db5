//! Electronic seals of GB/T 38540-2020 (version 4), and for reading also GM/T 0031-2014 (version 1) and the version 5
//! that is coming up. Knows the seal and its signature as data, not the file that carries them.

mod check;
mod make;
mod parse;
mod signature;

use tongban_base::Timestamp;

use crate::certificate::Certificate;
use crate::error::Result;

pub use check::SealCheck;
pub use make::NewSeal;
pub use signature::{SealSignature, sign_with_seal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealVersion {
    /// GM/T 0031-2014: the maker signs information, certificate and algorithm; times are short.
    V1,
    /// GB/T 38540-2020.
    V4,
    /// As 4, with an optional time stamp on the seal.
    V5,
}

impl SealVersion {
    pub fn number(self) -> u32 {
        match self {
            Self::V1 => 1,
            Self::V4 => 4,
            Self::V5 => 5,
        }
    }
}

/// The face of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// `PNG`, `GIF`, `OFD` …
    pub format: String,
    pub data: Vec<u8>,
    pub width_mm: u32,
    pub height_mm: u32,
}

/// Who may use the seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealedCertificates {
    /// DER of each certificate.
    Whole(Vec<Vec<u8>>),
    /// Name of the digest and digest of each certificate.
    Digests(Vec<(String, Vec<u8>)>),
}

impl SealedCertificates {
    pub fn contains(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Whole(list) => list.iter().any(|der| der == certificate.to_der()),
            Self::Digests(list) => {
                let fingerprint = certificate.fingerprint();
                list.iter().any(|(_, digest)| *digest == fingerprint)
            }
        }
    }
}

/// A field that a vendor added to a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealExtension {
    pub id: String,
    pub critical: bool,
    pub value: Vec<u8>,
}

/// A seal as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    der: Vec<u8>,
    signed_bytes: Vec<u8>,
    pub version: SealVersion,
    pub vendor: String,
    pub id: String,
    /// The kind of seal, a number of the issuing authority's list.
    pub kind: u32,
    pub name: String,
    pub certificates: SealedCertificates,
    pub created: Timestamp,
    pub valid_from: Timestamp,
    pub valid_until: Timestamp,
    pub picture: Picture,
    pub extensions: Vec<SealExtension>,
    pub maker_certificate: Vec<u8>,
    pub algorithm: String,
    pub signature: Vec<u8>,
}

impl Seal {
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        parse::seal(bytes)
    }

    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// Errors: the maker's certificate cannot be read.
    pub fn maker(&self) -> Result<Certificate> {
        Certificate::from_der(&self.maker_certificate)
    }
}
