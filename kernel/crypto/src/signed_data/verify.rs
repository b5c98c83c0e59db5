//! Verifying signed data over content that the caller brings. All faults are found, none stops the check.

use std::borrow::Cow;

use tongban_base::Timestamp;

use super::SignedData;
use crate::certificate::{Certificate, Trust, good_until};
use crate::der::oid;
use crate::digest::sm3;
use crate::fault::Fault;

/// What a check found. The signer is to be believed only when there are no faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifiedSigner {
    pub signer: Option<Certificate>,
    pub signed_at: Option<Timestamp>,
    pub faults: Vec<Fault>,
}

impl VerifiedSigner {
    pub fn is_valid(&self) -> bool {
        self.signer.is_some() && self.faults.is_empty()
    }
}

/// Verifies `der` over `content`. The signer's certificate is checked at the time of signing, or at `now` when none is
/// told; without `trust` only its dates are.
pub fn verify_detached(
    der: &[u8],
    content: &[u8],
    trust: Option<&Trust>,
    now: Timestamp,
) -> VerifiedSigner {
    match SignedData::from_der(der) {
        Ok(data) => data.verify(content, trust, now),
        Err(error) => VerifiedSigner {
            faults: vec![Fault::Unreadable(error.to_string())],
            ..VerifiedSigner::default()
        },
    }
}

/// Content in pieces, with its SM3.
pub struct Content<'a> {
    pub pieces: &'a [&'a [u8]],
    pub digest: [u8; 32],
}

impl Content<'_> {
    fn is(&self, bytes: &[u8]) -> bool {
        let mut rest = Some(bytes);
        for piece in self.pieces {
            rest = rest.and_then(|rest| rest.strip_prefix(*piece));
        }
        rest.is_some_and(<[u8]>::is_empty)
    }
}

impl SignedData {
    pub fn verify(&self, content: &[u8], trust: Option<&Trust>, now: Timestamp) -> VerifiedSigner {
        let content = Content {
            pieces: &[content],
            digest: sm3(content),
        };
        self.verify_content(&content, trust, now)
    }

    /// The same for content that is not in memory as one piece.
    pub fn verify_content(
        &self,
        content: &Content,
        trust: Option<&Trust>,
        now: Timestamp,
    ) -> VerifiedSigner {
        let mut faults = Vec::new();
        let signer = self.signer().cloned();
        match (self.foreign_algorithm(), &signer) {
            // Nothing else can be said of it.
            (Some(algorithm), _) => faults.push(Fault::AlgorithmUnsupported(algorithm.to_owned())),
            (None, Some(signer)) => {
                self.check_content(content, &mut faults);
                self.check_signer(signer, content, trust, now, &mut faults);
            }
            (None, None) => {
                self.check_content(content, &mut faults);
                faults.push(Fault::SignerMissing);
            }
        }
        let signed_at = self.signed_at();
        faults.extend(signed_at.and_then(|at| Fault::of_future(at, now)));
        VerifiedSigner {
            signer,
            signed_at,
            faults,
        }
    }

    /// The first algorithm that is not SM2 or SM3.
    fn foreign_algorithm(&self) -> Option<&str> {
        let known = [oid::SM2_WITH_SM3, oid::SM2_SIGN, oid::SM2_CURVE];
        if !known.contains(&self.signature_algorithm.as_str()) {
            return Some(&self.signature_algorithm);
        }
        (self.digest_algorithm != oid::SM3).then_some(&self.digest_algorithm)
    }

    /// Content inside must be the caller's, or its digest, which is what some OFD signers put there.
    fn check_content(&self, content: &Content, faults: &mut Vec<Fault>) {
        let inside = self.content.as_deref();
        if inside.is_some_and(|inside| inside != content.digest && !content.is(inside)) {
            faults.push(Fault::DigestMismatch);
        } else if let Some(attributes) = &self.attributes {
            let expected = inside.map_or(content.digest, sm3);
            if attributes.message_digest.as_deref() != Some(&expected) {
                faults.push(Fault::DigestMismatch);
            }
        }
    }

    fn check_signer(
        &self,
        signer: &Certificate,
        content: &Content,
        trust: Option<&Trust>,
        now: Timestamp,
        faults: &mut Vec<Fault>,
    ) {
        let message: Cow<[u8]> = match (&self.attributes, &self.content, content.pieces) {
            (Some(attributes), _, _) => Cow::Borrowed(&attributes.signed_bytes),
            (None, Some(inside), _) => Cow::Borrowed(inside),
            (None, None, [whole]) => Cow::Borrowed(whole),
            (None, None, pieces) => Cow::Owned(pieces.concat()),
        };
        let wrong = Fault::SignatureInvalid;
        faults.extend(Fault::of_signature(
            signer,
            &message,
            &self.signature,
            wrong,
        ));
        let named = self.attributes.as_ref();
        let named = named.and_then(|attributes| attributes.signing_certificate.as_deref());
        if named.is_some_and(|named| named != sm3(signer.to_der())) {
            faults.push(Fault::SignerReplaced);
        }
        let at = self.signed_at().unwrap_or(now);
        match good_until(trust, signer, &self.certificates, at) {
            Err(fault) => faults.push(Fault::SignerCertificate(fault)),
            Ok(until) => faults.extend(Fault::of_ended(until, at, now)),
        }
    }
}
