//! Verifying signed data over content that the caller brings. All faults are found, none stops the check.

use tongban_base::Timestamp;

use super::SignedData;
use crate::certificate::{Certificate, Trust};
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

impl SignedData {
    pub fn verify(&self, content: &[u8], trust: Option<&Trust>, now: Timestamp) -> VerifiedSigner {
        let mut faults = Vec::new();
        self.check_content(content, &mut faults);
        let signer = self.signer().cloned();
        match &signer {
            Some(signer) => self.check_signer(signer, content, trust, now, &mut faults),
            None => faults.push(Fault::SignerMissing),
        }
        let signed_at = self.signed_at();
        faults.extend(signed_at.and_then(|at| Fault::of_future(at, now)));
        VerifiedSigner {
            signer,
            signed_at,
            faults,
        }
    }

    /// Content inside must be the caller's, or its digest, which is what some OFD signers put there.
    fn check_content(&self, content: &[u8], faults: &mut Vec<Fault>) {
        let digest = sm3(content);
        if self.digest_algorithm != oid::SM3 {
            faults.push(Fault::AlgorithmUnsupported(self.digest_algorithm.clone()));
            return;
        }
        let inside = self.content.as_deref();
        if inside.is_some_and(|inside| inside != content && inside != digest) {
            faults.push(Fault::DigestMismatch);
        } else if let Some(attributes) = &self.attributes {
            let expected = inside.map_or(digest, sm3);
            if attributes.message_digest.as_deref() != Some(&expected) {
                faults.push(Fault::DigestMismatch);
            }
        }
    }

    fn check_signer(
        &self,
        signer: &Certificate,
        content: &[u8],
        trust: Option<&Trust>,
        now: Timestamp,
        faults: &mut Vec<Fault>,
    ) {
        let known = [oid::SM2_WITH_SM3, oid::SM2_SIGN, oid::SM2_CURVE];
        let message = match &self.attributes {
            Some(attributes) => &attributes.signed_bytes,
            None => self.content.as_deref().unwrap_or(content),
        };
        if !known.contains(&self.signature_algorithm.as_str()) {
            faults.push(Fault::AlgorithmUnsupported(
                self.signature_algorithm.clone(),
            ));
        } else if signer
            .public_key()
            .and_then(|key| key.verify(message, &self.signature))
            .is_err()
        {
            faults.push(Fault::SignatureInvalid);
        }
        let at = self.signed_at().unwrap_or(now);
        if let Some(fault) = crate::certificate::distrust(trust, signer, &self.certificates, at) {
            faults.push(Fault::SignerCertificate(fault));
        }
    }
}
