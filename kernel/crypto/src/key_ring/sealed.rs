//! The file of master keys under a passphrase, for a place where it must not lie open. Knows nothing of what keys are for.
//!
//! Form: magic (8) || salt (16) || `SealedBox` of the file's text. Its key is Argon2id (version 13) of passphrase and salt
//! with 64 MiB, three passes and four lanes: the second choice of RFC 9106, section 4.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::error::{CryptoError, Result};
use crate::random::random_bytes;
use crate::sealed_box::SealedBox;

const MAGIC: [u8; 8] = *b"\0TBKEYS\x01";
const SALT: usize = 16;
const CONTEXT: &[u8] = b"tongban master keys\0";
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

pub(super) fn seal(text: &str, passphrase: &str) -> Result<Vec<u8>> {
    let salt = random_bytes::<SALT>()?;
    let sealed = key(passphrase, &salt)?.encrypt(text.as_bytes(), CONTEXT)?;
    Ok([&MAGIC[..], &salt, &sealed].concat())
}

/// Errors: `CryptoError::Decryption` for another passphrase or a changed file.
pub(super) fn open(sealed: &[u8], passphrase: &str) -> Result<Zeroizing<String>> {
    let fault = || CryptoError::encoding("sealed keys", "its beginning is another one");
    let rest = sealed.strip_prefix(&MAGIC).ok_or_else(fault)?;
    let (salt, sealed) = rest.split_first_chunk::<SALT>().ok_or_else(fault)?;
    let text = key(passphrase, salt)?.decrypt(sealed, CONTEXT)?;
    let text = String::from_utf8(text).map_err(|_| CryptoError::Decryption)?;
    Ok(Zeroizing::new(text))
}

fn key(passphrase: &str, salt: &[u8; SALT]) -> Result<SealedBox> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.map_err(|_| CryptoError::Password)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = Zeroizing::new([0u8; 16]);
    argon2
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| CryptoError::Password)?;
    SealedBox::new([(1, *key)])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::key_ring::{KeyRing, Purpose};

    #[test]
    fn keys_under_a_passphrase_come_back_with_it_alone_and_only_unchanged() {
        let mut ring = KeyRing::ephemeral().unwrap();
        ring.rotate().unwrap();
        let sealed = ring.seal("correct horse battery").unwrap();
        let opened = KeyRing::open_sealed(&sealed, "correct horse battery").unwrap();
        assert_eq!(opened.fingerprints(), ring.fingerprints());
        let mac = |ring: &KeyRing| ring.mac_key(Purpose::AUDIT).unwrap().mac(&[b"x"]);
        assert_eq!(mac(&opened), mac(&ring));
        assert!(KeyRing::open_sealed(&sealed, "correct horse batterz").is_err());
        for position in [0, 8, 24, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(KeyRing::open_sealed(&changed, "correct horse battery").is_err());
        }
        assert!(KeyRing::open_sealed(&sealed[..20], "correct horse battery").is_err());
    }
}
