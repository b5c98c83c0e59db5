//! ES256 (ECDSA on P-256 with SHA-256; RFC 7518, 3.4) and SHA-256, for counterparts whose protocols know no SM2 and no
//! SM3. Knows no token and no protocol.

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::Digest;

use crate::error::{CryptoError, Result};
use crate::key_ring::MacKey;

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// A private key that comes out of a key ring: nothing has to be stored, and every node has the same one.
#[derive(Clone)]
pub struct Es256Key(SigningKey);

impl std::fmt::Debug for Es256Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Es256Key")
    }
}

impl Es256Key {
    /// The first of a row of candidates that is a number below the order of the curve; nearly always the very first.
    pub(crate) fn derive(key: &MacKey) -> Result<Self> {
        (0_u8..=255)
            .find_map(|counter| SigningKey::from_slice(&key.mac(&[b"es256\0", &[counter]])).ok())
            .map(Self)
            .ok_or(CryptoError::Key)
    }

    /// r || s, 32 bytes each, big end first: the form that JWS wants.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.0.sign(message);
        signature.to_bytes().into()
    }

    /// For tests and for whoever checks a token of our own.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.public().verify(message, &signature).is_ok())
    }

    /// The coordinates x and y of the public key.
    pub fn point(&self) -> ([u8; 32], [u8; 32]) {
        let point = self.public().to_sec1_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| bytes.map_or([0; 32], |b| (*b).into());
        (coordinate(point.x()), coordinate(point.y()))
    }

    fn public(&self) -> &VerifyingKey {
        self.0.verifying_key()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::key_ring::{KeyRing, Purpose};

    const PURPOSE: Purpose = Purpose::new("test-es256");

    #[test]
    fn the_digest_is_that_of_the_standard() {
        assert_eq!(
            hex::encode(sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_ring_gives_the_same_key_each_time_and_a_new_one_first_after_it_was_rotated() {
        let mut ring = KeyRing::ephemeral().unwrap();
        let before = ring.es256_keys(PURPOSE).unwrap();
        assert_eq!(before.len(), 1);
        ring.rotate().unwrap();
        let after = ring.es256_keys(PURPOSE).unwrap();
        assert_eq!(after.len(), 2);
        assert_eq!(after[1].point(), before[0].point());
        assert_ne!(after[0].point(), after[1].point());
        let other = ring.es256_keys(Purpose::new("test-other")).unwrap();
        assert_ne!(other[0].point(), after[0].point());
    }

    #[test]
    fn a_signature_holds_for_its_message_and_its_key_alone() {
        let ring = KeyRing::ephemeral().unwrap();
        let key = &ring.es256_keys(PURPOSE).unwrap()[0];
        let stranger = &KeyRing::ephemeral().unwrap().es256_keys(PURPOSE).unwrap()[0];
        let signature = key.sign(b"message");
        assert!(key.verify(b"message", &signature));
        assert!(!key.verify(b"massage", &signature));
        assert!(!stranger.verify(b"message", &signature));
        assert!(!key.verify(b"message", &signature[..63]));
    }
}
