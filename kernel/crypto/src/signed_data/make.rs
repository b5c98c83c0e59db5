//! Making detached signed data with signed attributes: content type, digest, time, which certificate signs.

use tongban_base::Timestamp;

use super::SignedDataProfile;
use crate::certificate::{Certificate, Signer};
use crate::der::{self, oid, tag};
use crate::digest::sm3;
use crate::error::Result;

const VERSION: u32 = 1;

/// Signs `content`, which is not put into the result. The signer's certificate and chain are.
pub fn sign_detached(
    content: &[u8],
    signer: &Signer,
    at: Timestamp,
    profile: SignedDataProfile,
) -> Result<Vec<u8>> {
    sign_detached_digest(&sm3(content), signer, at, profile)
}

/// The same from the SM3 of the content, for content that is not in memory as one piece.
pub fn sign_detached_digest(
    digest: &[u8; 32],
    signer: &Signer,
    at: Timestamp,
    profile: SignedDataProfile,
) -> Result<Vec<u8>> {
    let (data, signed_data, signature_algorithm) = match profile {
        SignedDataProfile::Cms => (oid::CMS_DATA, oid::CMS_SIGNED_DATA, oid::SM2_WITH_SM3),
        SignedDataProfile::Gm => (oid::GM_DATA, oid::GM_SIGNED_DATA, oid::SM2_SIGN),
    };
    let digest_algorithm = der::sequence(&[der::encode_oid(oid::SM3)]);
    let certificate = signer.certificate();
    let attributes = der::set_of(&[
        attribute(oid::CONTENT_TYPE, der::encode_oid(data)),
        attribute(oid::MESSAGE_DIGEST, der::octets(digest)),
        attribute(oid::SIGNING_TIME, der::x509_time(at)),
        attribute(
            oid::SIGNING_CERTIFICATE_V2,
            signing_certificate(certificate),
        ),
    ]);
    let signature = signer.key().sign(&attributes)?;
    let signer_info = der::sequence(&[
        der::integer(VERSION),
        der::sequence(&[
            certificate.issuer().to_der().to_vec(),
            der::raw(tag::INTEGER, &[certificate.serial()]),
        ]),
        digest_algorithm.clone(),
        retag(tag::context(0), &attributes),
        der::sequence(&[der::encode_oid(signature_algorithm)]),
        der::octets(&signature),
    ]);
    let body = der::sequence(&[
        der::integer(VERSION),
        der::set_of(&[digest_algorithm]),
        der::sequence(&[der::encode_oid(data)]),
        retag(tag::context(0), &certificates(signer)),
        der::set_of(&[signer_info]),
    ]);
    Ok(der::sequence(&[
        der::encode_oid(signed_data),
        der::context(0, &body),
    ]))
}

fn attribute(kind: &str, value: Vec<u8>) -> Vec<u8> {
    der::sequence(&[der::encode_oid(kind), der::set_of(&[value])])
}

/// RFC 5035 section 3: the digest of the certificate that signs, so that nobody can put another in its place.
fn signing_certificate(certificate: &Certificate) -> Vec<u8> {
    let digest_algorithm = der::sequence(&[der::encode_oid(oid::SM3)]);
    let digest = der::octets(&sm3(certificate.to_der()));
    let id = der::sequence(&[digest_algorithm, digest]);
    der::sequence(&[der::sequence(&[id])])
}

fn certificates(signer: &Signer) -> Vec<u8> {
    let all = std::iter::once(signer.certificate()).chain(signer.chain());
    let encoded: Vec<&[u8]> = all.map(Certificate::to_der).collect();
    der::set_of(&encoded)
}

/// `[n] IMPLICIT`: the same length and body under another tag.
fn retag(tag: u8, element: &[u8]) -> Vec<u8> {
    let mut changed = element.to_vec();
    if let Some(first) = changed.first_mut() {
        *first = tag;
    }
    changed
}
