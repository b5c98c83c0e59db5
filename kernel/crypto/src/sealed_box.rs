//! SM4-GCM with a key taken from a set of numbered keys. Knows neither where the keys come from nor what is encrypted.
//!
//! Form: 01 || key id (4 bytes, big end first) || nonce (12) || ciphertext || tag (16). The first five bytes are
//! authenticated together with the caller's context, so that a box cannot be moved to another place.

use std::collections::BTreeMap;

use ::sm4::Sm4;
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, KeyInit, Payload};

use crate::error::{CryptoError, Result};
use crate::random::random_bytes;

pub(crate) type Sm4Gcm = AesGcm<Sm4, U12>;

const FORM: u8 = 1;
const HEADER: usize = 5;
pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;
pub(crate) const OVERHEAD: usize = HEADER + NONCE + TAG;

/// Encrypts under the newest key and decrypts under any. One key may make 2^32 boxes before its random nonces get
/// too likely to meet; rotate the key ring before.
#[derive(Clone)]
pub struct SealedBox {
    keys: BTreeMap<u32, Sm4Gcm>,
}

impl SealedBox {
    /// The key with the highest id encrypts. Errors: no key at all.
    pub fn new(keys: impl IntoIterator<Item = (u32, [u8; 16])>) -> Result<Self> {
        let keys: BTreeMap<u32, Sm4Gcm> = keys
            .into_iter()
            .map(|(id, key)| (id, gcm_cipher(key)))
            .collect();
        match keys.is_empty() {
            true => Err(CryptoError::Key),
            false => Ok(Self { keys }),
        }
    }

    /// `context` is not stored; decryption needs the same one.
    pub fn encrypt(&self, plaintext: &[u8], context: &[u8]) -> Result<Vec<u8>> {
        let (id, cipher) = self.keys.last_key_value().ok_or(CryptoError::Key)?;
        let nonce = random_bytes::<NONCE>()?;
        let mut out = Vec::with_capacity(plaintext.len() + OVERHEAD);
        out.push(FORM);
        out.extend_from_slice(&id.to_be_bytes());
        let sealed = gcm_encrypt(cipher, &nonce, plaintext, &[&out, context].concat())?;
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    pub fn decrypt(&self, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>> {
        let id = key_id(sealed)?;
        let (header, body) = sealed.split_at(HEADER);
        let cipher = self.keys.get(&id).ok_or(CryptoError::UnknownKey(id))?;
        let (nonce, ciphertext) = body
            .split_first_chunk::<NONCE>()
            .ok_or(CryptoError::Decryption)?;
        gcm_decrypt(cipher, nonce, ciphertext, &[header, context].concat())
    }
}

impl std::fmt::Debug for SealedBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedBox")
            .field("key_ids", &self.keys.keys())
            .finish()
    }
}

fn key_id(sealed: &[u8]) -> Result<u32> {
    match sealed {
        [FORM, a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(CryptoError::encoding("sealed box", "another form than 01")),
    }
}

pub(crate) fn gcm_cipher(key: [u8; 16]) -> Sm4Gcm {
    Sm4Gcm::new(&key.into())
}

pub(crate) fn gcm_encrypt(
    cipher: &Sm4Gcm,
    nonce: &[u8; NONCE],
    msg: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>> {
    cipher
        .encrypt(&(*nonce).into(), Payload { msg, aad })
        .map_err(|_| CryptoError::TooLong)
}

pub(crate) fn gcm_decrypt(
    cipher: &Sm4Gcm,
    nonce: &[u8; NONCE],
    msg: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>> {
    cipher
        .decrypt(&(*nonce).into(), Payload { msg, aad })
        .map_err(|_| CryptoError::Decryption)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn vector(key: &str, nonce: &str, plain: &str, aad: &str) -> String {
        let bytes = |text: &str| hex::decode(text).unwrap();
        let key: [u8; 16] = bytes(key).try_into().unwrap();
        let nonce: [u8; 12] = bytes(nonce).try_into().unwrap();
        let cipher = gcm_cipher(key);
        hex::encode(gcm_encrypt(&cipher, &nonce, &bytes(plain), &bytes(aad)).unwrap())
    }

    #[test]
    fn sm4_gcm_gives_the_examples_of_the_standards() {
        let zero = "00000000000000000000000000000000";
        // GB/T 36624-2018, C.5
        assert_eq!(
            vector(zero, &zero[..24], "", ""),
            "232f0cfe308b49ea6fc88229b5dc858d"
        );
        assert_eq!(
            vector(zero, &zero[..24], zero, ""),
            "7de2aa7f1110188218063be1bfeb6d89b851b5f39493752be508f1bb4482c557"
        );
        // GB/T 15852.3-2019, A.4
        assert_eq!(
            vector(
                "feffe9928665731c6d6a8f9467308308",
                "cafebabefacedbaddecaf888",
                "",
                "feedfacedeadbeeffeedfacedeadbeef"
            ),
            "9d632570f93064264a20918e3081b4cd"
        );
    }

    #[test]
    fn a_box_opens_only_unchanged_and_in_its_context() {
        let sealed_box = SealedBox::new([(1, [7; 16])]).unwrap();
        let sealed = sealed_box
            .encrypt("王小明".as_bytes(), b"person.name")
            .unwrap();
        assert_eq!(
            sealed_box.decrypt(&sealed, b"person.name").unwrap(),
            "王小明".as_bytes()
        );
        assert!(sealed_box.decrypt(&sealed, b"person.mobile").is_err());
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(sealed_box.decrypt(&changed, b"person.name").is_err());
        }
        for length in 0..sealed.len() {
            assert!(
                sealed_box
                    .decrypt(&sealed[..length], b"person.name")
                    .is_err()
            );
        }
    }

    #[test]
    fn old_keys_still_open_old_boxes() {
        let old = SealedBox::new([(1, [7; 16])]).unwrap();
        let sealed = old.encrypt(b"text", b"").unwrap();
        let rotated = SealedBox::new([(1, [7; 16]), (2, [8; 16])]).unwrap();
        assert_eq!(rotated.decrypt(&sealed, b"").unwrap(), b"text");
        let renewed = rotated.encrypt(b"text", b"").unwrap();
        assert!(matches!(
            old.decrypt(&renewed, b""),
            Err(CryptoError::UnknownKey(2))
        ));
    }
}
