//! X.509 certificates signed with SM2 and SM3: reading, issuing and checking chains. Knows no seals and no files.

mod chain;
mod extensions;
mod issue;
mod name;
mod parse;
mod signer;

use tongban_base::Timestamp;

use crate::digest::sm3;
use crate::error::{CryptoError, Result};
use crate::keys::VerifyingKey;

pub use chain::{ChainFault, Trust};
pub use issue::{IssueRequest, KeyUse};
pub use name::Name;
pub use signer::Signer;

pub(crate) use chain::good_until;
pub(crate) use extensions::Extensions;

/// A certificate as it came, and what this crate looks at in it. Certificates with keys of other kinds than SM2 can
/// be read too; they fail only when their key is asked for.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    serial: Vec<u8>,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    key_algorithm: String,
    public_key: Vec<u8>,
    extensions: Extensions,
    signature_algorithm: String,
    signature: Vec<u8>,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Certificate {
    /// Reads one DER certificate; what follows it is an error.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        parse::certificate(bytes)
    }

    /// Reads the first `-----BEGIN CERTIFICATE-----` block.
    pub fn from_pem(text: &str) -> Result<Self> {
        parse::from_pem(text)
    }

    pub fn to_der(&self) -> &[u8] {
        &self.der
    }

    pub fn to_pem(&self) -> String {
        parse::to_pem(&self.der)
    }

    pub fn subject(&self) -> &Name {
        &self.subject
    }

    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex::encode(&self.serial)
    }

    pub(crate) fn serial(&self) -> &[u8] {
        &self.serial
    }

    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// SM3 of the whole certificate.
    pub fn fingerprint(&self) -> [u8; 32] {
        sm3(&self.der)
    }

    /// Errors: the key is not an SM2 key.
    pub fn public_key(&self) -> Result<VerifyingKey> {
        match self.key_algorithm == crate::der::oid::SM2_CURVE {
            true => VerifyingKey::from_bytes(&self.public_key),
            false => Err(CryptoError::Unsupported(format!(
                "a key of type {}",
                self.key_algorithm
            ))),
        }
    }

    /// The kind of its key; for elliptic curves the curve.
    pub(crate) fn key_algorithm(&self) -> &str {
        &self.key_algorithm
    }

    /// Whether it may sign other certificates.
    pub fn is_authority(&self) -> bool {
        self.extensions.may_sign_certificates()
    }

    /// Whether the holder of `issuer` signed this certificate. Looks at nothing else.
    pub fn is_signed_by(&self, issuer: &Certificate) -> Result<()> {
        if self.signature_algorithm != crate::der::oid::SM2_WITH_SM3 {
            let algorithm = format!("signature algorithm {}", self.signature_algorithm);
            return Err(CryptoError::Unsupported(algorithm));
        }
        issuer.public_key()?.verify(&self.tbs, &self.signature)
    }
}
