//! Personal data in single fields: encrypted text to store, and a keyed digest to look the same text up by.
//! Knows no table; it is told the name of the field, so that a value copied into another field does not open.

use std::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::digest::hmac_sm3;
use crate::error::{CryptoError, Result};
use crate::key_ring::MacKey;
use crate::sealed_box::SealedBox;

#[derive(Clone, Debug)]
pub struct FieldCipher {
    sealed_box: SealedBox,
    look_up: MacKey,
}

impl FieldCipher {
    pub fn new(sealed_box: SealedBox, look_up: MacKey) -> Self {
        Self {
            sealed_box,
            look_up,
        }
    }

    /// URL-safe base64 of a sealed box. `field` names the place, `"person.id_number"`.
    pub fn encrypt(&self, text: &str, field: &str) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.encrypt_bytes(text.as_bytes(), field)?))
    }

    pub fn decrypt(&self, stored: &str, field: &str) -> Result<String> {
        let sealed = URL_SAFE_NO_PAD
            .decode(stored)
            .map_err(|_| CryptoError::encoding("encrypted field", "not base64"))?;
        String::from_utf8(self.decrypt_bytes(&sealed, field)?)
            .map_err(|_| CryptoError::encoding("encrypted field", "not a text"))
    }

    /// The same for one row: what stands in `column` of `row` opens nowhere else.
    pub fn encrypt_in(&self, text: &str, column: &str, row: impl Display) -> Result<String> {
        self.encrypt(text, &format!("{column} {row}"))
    }

    /// What was written before fields were bound to their rows opens as well; it is bound when it is written next.
    pub fn decrypt_in(&self, stored: &str, column: &str, row: impl Display) -> Result<String> {
        let bound = self.decrypt(stored, &format!("{column} {row}"));
        bound.or_else(|fault| self.decrypt(stored, column).map_err(|_| fault))
    }

    pub fn encrypt_bytes(&self, bytes: &[u8], field: &str) -> Result<Vec<u8>> {
        self.sealed_box.encrypt(bytes, field.as_bytes())
    }

    pub fn decrypt_bytes(&self, sealed: &[u8], field: &str) -> Result<Vec<u8>> {
        self.sealed_box.decrypt(sealed, field.as_bytes())
    }

    /// HMAC-SM3 in hexadecimal: equal texts give equal digests, and without the key nobody can try out the few
    /// billion identity numbers that exist. The caller brings the text into one form (upper case, no spaces) first.
    pub fn lookup_digest(&self, text: &str) -> String {
        hex::encode(hmac_sm3(self.look_up.bytes(), &[text.as_bytes()]))
    }
}
