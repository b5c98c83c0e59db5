//! Envelopes: every content has a data key of its own, and only that key is encrypted under the key ring. A change of
//! master key then rewrites 49 bytes, not the content. Knows neither files nor where envelopes are kept.
//!
//! Form: 02 || sealed data key (49 bytes, a `SealedBox`) || sealed content (a `SealedBox` with key id 0).

use zeroize::Zeroizing;

use crate::error::{CryptoError, Result};
use crate::random::random_bytes;
use crate::sealed_box::{OVERHEAD, SealedBox};

const FORM: u8 = 2;
const WRAPPED: usize = OVERHEAD + 16;
const KEY_CONTEXT: &[u8] = b"tongban envelope data key";

/// An encrypted content together with its encrypted data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    wrapped_key: Vec<u8>,
    content: Vec<u8>,
}

impl Envelope {
    /// `context` says what the content is and where it belongs; opening needs the same one.
    pub fn seal(master: &SealedBox, plaintext: &[u8], context: &[u8]) -> Result<Self> {
        let data_key = Zeroizing::new(random_bytes::<16>()?);
        Ok(Self {
            wrapped_key: master.encrypt(data_key.as_slice(), KEY_CONTEXT)?,
            content: SealedBox::new([(0, *data_key)])?.encrypt(plaintext, context)?,
        })
    }

    pub fn open(&self, master: &SealedBox, context: &[u8]) -> Result<Vec<u8>> {
        let data_key = self.data_key(master)?;
        SealedBox::new([(0, *data_key)])?.decrypt(&self.content, context)
    }

    /// The same content with its data key under the newest master key.
    pub fn rewrap(&self, master: &SealedBox) -> Result<Self> {
        let data_key = self.data_key(master)?;
        Ok(Self {
            wrapped_key: master.encrypt(data_key.as_slice(), KEY_CONTEXT)?,
            content: self.content.clone(),
        })
    }

    pub fn is_outdated(&self, master: &SealedBox) -> Result<bool> {
        master.is_outdated(&self.wrapped_key)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        [&[FORM], self.wrapped_key.as_slice(), &self.content].concat()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let fault = || CryptoError::encoding("envelope", "another form than 02");
        let rest = bytes.strip_prefix(&[FORM]).ok_or_else(fault)?;
        let (wrapped_key, content) = rest.split_at_checked(WRAPPED).ok_or_else(fault)?;
        Ok(Self {
            wrapped_key: wrapped_key.to_vec(),
            content: content.to_vec(),
        })
    }

    fn data_key(&self, master: &SealedBox) -> Result<Zeroizing<[u8; 16]>> {
        let key = Zeroizing::new(master.decrypt(&self.wrapped_key, KEY_CONTEXT)?);
        let key: [u8; 16] = key.as_slice().try_into().map_err(|_| CryptoError::Key)?;
        Ok(Zeroizing::new(key))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_survives_a_change_of_master_key() {
        let old = SealedBox::new([(1, [1; 16])]).unwrap();
        let stored = Envelope::seal(&old, b"scan", b"file 1").unwrap().to_bytes();

        let both = SealedBox::new([(1, [1; 16]), (2, [2; 16])]).unwrap();
        let envelope = Envelope::from_bytes(&stored).unwrap();
        assert!(envelope.is_outdated(&both).unwrap());
        let moved = envelope.rewrap(&both).unwrap();

        let new = SealedBox::new([(2, [2; 16])]).unwrap();
        assert_eq!(moved.open(&new, b"file 1").unwrap(), b"scan");
        assert!(moved.open(&new, b"file 2").is_err());
        assert!(envelope.open(&new, b"file 1").is_err());
        assert!(Envelope::from_bytes(&stored[..40]).is_err());
    }
}
