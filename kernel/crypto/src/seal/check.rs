//! Checking a seal and a signature made with it. All faults are found, none stops the check.

use tongban_base::Timestamp;

use super::{Seal, SealSignature};
use crate::certificate::{Certificate, ChainFault, Trust, good_until};
use crate::der::oid;
use crate::fault::Fault;

/// What a signature is checked against.
#[derive(Clone, Copy, Debug)]
pub struct SealCheck<'a> {
    /// SM3 of what is sealed, computed by the one who checks.
    pub digest: &'a [u8; 32],
    /// The place where it was found.
    pub property: &'a str,
    /// Without trust only the signatures, dates and digests are checked, not who stands behind the certificates.
    pub trust: Option<&'a Trust>,
    pub now: Timestamp,
}

impl Seal {
    /// Faults of the seal itself for use at `at`. Empty means good.
    pub fn check(&self, trust: Option<&Trust>, at: Timestamp) -> Vec<Fault> {
        let mut faults = Vec::new();
        match self.maker() {
            Ok(maker) => {
                check_signature(
                    (&maker, &self.algorithm),
                    (&self.signed_bytes, &self.signature),
                    Fault::SealSignatureInvalid,
                    &mut faults,
                );
                // The maker's certificate must have been good when the seal was made, not for as long as it is used.
                if let Err(fault) = good_until(trust, &maker, &[], self.created) {
                    faults.push(Fault::SealMakerCertificate(fault));
                }
            }
            Err(_) => faults.push(Fault::SealMakerCertificate(ChainFault::Unreadable)),
        }
        if at < self.valid_from {
            faults.push(Fault::SealNotYetValid);
        }
        if at > self.valid_until.plus_millis(999) {
            faults.push(Fault::SealExpired);
        }
        faults
    }
}

impl SealSignature {
    /// All faults of the signature and its seal. Empty means good.
    pub fn check(&self, check: &SealCheck) -> Vec<Fault> {
        let at = self.signed_at.unwrap_or(check.now);
        let mut faults = self.seal.check(check.trust, at);
        match self.signer() {
            Ok(signer) => self.check_signer(&signer, at, check, &mut faults),
            Err(_) => faults.push(Fault::SignerMissing),
        }
        if self.data_hash != check.digest {
            faults.push(Fault::DigestMismatch);
        }
        if self.property != check.property {
            faults.push(Fault::PropertyMismatch);
        }
        match self.signed_at {
            None => faults.push(Fault::TimeMissing),
            Some(at) => faults.extend(Fault::of_future(at, check.now)),
        }
        faults
    }

    fn check_signer(
        &self,
        signer: &Certificate,
        at: Timestamp,
        check: &SealCheck,
        faults: &mut Vec<Fault>,
    ) {
        check_signature(
            (signer, &self.algorithm),
            (&self.signed_bytes, &self.signature),
            Fault::SignatureInvalid,
            faults,
        );
        if !self.seal.certificates.contains(signer) {
            faults.push(Fault::SignerNotInSeal);
        }
        match good_until(check.trust, signer, &[], at) {
            Err(fault) => faults.push(Fault::SignerCertificate(fault)),
            // Good at the time that is claimed; only what still is good now needs no proof of that time.
            Ok(until) => faults.extend(Fault::of_ended(
                until.min(self.seal.valid_until),
                at,
                check.now,
            )),
        }
    }
}

fn check_signature(
    (signer, algorithm): (&Certificate, &str),
    (message, signature): (&[u8], &[u8]),
    fault: Fault,
    faults: &mut Vec<Fault>,
) {
    if algorithm != oid::SM2_WITH_SM3 {
        faults.push(Fault::AlgorithmUnsupported(algorithm.to_string()));
        return;
    }
    faults.extend(Fault::of_signature(signer, message, signature, fault));
}
