//! Issuing certificates: a self-signed root and what it signs, for demonstrations, tests and small installations
//! that run an authority of their own. Knows no revocation lists.

use tongban_base::Timestamp;

use super::extensions::{
    CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN, NON_REPUDIATION, extension, key_usage,
};
use super::{Certificate, Name, Signer};
use crate::der::{self, oid};
use crate::digest::sm3;
use crate::error::{CryptoError, Result};
use crate::keys::{SigningKey, VerifyingKey};
use crate::random::random_bytes;

/// What the holder of a certificate may do with the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Sign other certificates; at most `below` further authorities stand under it.
    Authority { below: u32 },
    /// Sign documents and seals.
    Signing,
}

#[derive(Clone, Debug)]
pub struct IssueRequest {
    pub subject: Name,
    pub public_key: VerifyingKey,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    pub key_use: KeyUse,
}

impl Signer {
    /// A root that signs itself and may have one level of authorities below.
    pub fn self_signed_root(
        subject: Name,
        key: SigningKey,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Result<Self> {
        let request = IssueRequest {
            subject,
            public_key: key.verifying_key(),
            not_before,
            not_after,
            key_use: KeyUse::Authority { below: 1 },
        };
        let own_id = key_id(&request.public_key);
        let certificate = write(&request, &request.subject, &own_id, &key)?;
        Self::new(certificate, key)
    }

    /// Errors: this certificate may not sign others.
    pub fn issue(&self, request: &IssueRequest) -> Result<Certificate> {
        let own = self.certificate();
        if !own.is_authority() {
            return Err(CryptoError::Unsupported("issuing by an end entity".into()));
        }
        let own_id = match own.extensions.subject_key_id() {
            Some(id) => id.to_vec(),
            None => key_id(&self.key().verifying_key()),
        };
        write(request, own.subject(), &own_id, self.key())
    }
}

/// The left 160 bits of a digest of the key (RFC 7093, method 1, with SM3).
fn key_id(key: &VerifyingKey) -> Vec<u8> {
    sm3(&key.to_bytes())[..20].to_vec()
}

fn write(
    request: &IssueRequest,
    issuer: &Name,
    issuer_key_id: &[u8],
    key: &SigningKey,
) -> Result<Certificate> {
    let algorithm = der::sequence(&[der::encode_oid(oid::SM2_WITH_SM3)]);
    let mut serial = random_bytes::<16>()?;
    serial[0] = serial[0] & 0x7f | 0x40;
    let tbs = der::sequence(&[
        der::context(0, &der::integer(2)),
        der::unsigned(&serial),
        algorithm.clone(),
        issuer.to_der().to_vec(),
        der::sequence(&[
            der::x509_time(request.not_before),
            der::x509_time(request.not_after),
        ]),
        request.subject.to_der().to_vec(),
        public_key_info(&request.public_key),
        der::context(3, &der::sequence(&extensions(request, issuer_key_id))),
    ]);
    let signature = der::bit_string(&key.sign(&tbs)?);
    Certificate::from_der(&der::sequence(&[tbs, algorithm, signature]))
}

fn public_key_info(key: &VerifyingKey) -> Vec<u8> {
    let algorithm = der::sequence(&[
        der::encode_oid(oid::EC_PUBLIC_KEY),
        der::encode_oid(oid::SM2_CURVE),
    ]);
    der::sequence(&[algorithm, der::bit_string(&key.to_bytes())])
}

fn extensions(request: &IssueRequest, issuer_key_id: &[u8]) -> Vec<Vec<u8>> {
    let (constraints, usage) = match request.key_use {
        KeyUse::Authority { below } => (
            der::sequence(&[der::boolean(true), der::integer(below)]),
            KEY_CERT_SIGN | CRL_SIGN,
        ),
        KeyUse::Signing => (
            der::raw(der::tag::SEQUENCE, &[]),
            DIGITAL_SIGNATURE | NON_REPUDIATION,
        ),
    };
    let subject_key_id = der::octets(&key_id(&request.public_key));
    let authority_key_id =
        der::sequence(&[der::raw(der::tag::context_primitive(0), &[issuer_key_id])]);
    vec![
        extension(oid::BASIC_CONSTRAINTS, true, &constraints),
        extension(oid::KEY_USAGE, true, &key_usage(usage)),
        extension(oid::SUBJECT_KEY_ID, false, &subject_key_id),
        extension(oid::AUTHORITY_KEY_ID, false, &authority_key_id),
    ]
}
