//! Whole files, encrypted piece by piece, so that a big one is in memory only once. Every file has a data key of its
//! own, and only that key is encrypted under the key ring. Knows neither folders nor what the files are.
//!
//! Form: magic (8) || sealed data key (49, a `SealedBox`) || nonce prefix (8) || pieces. A piece is 64 KiB in SM4-GCM
//! with its tag (16); the last one may be shorter, and is empty only in an empty file. Its nonce is the prefix and its
//! number (4 bytes, big end first); the number and whether it is the last are authenticated together with it, so that
//! a piece that was left out, moved or appended is found.

use std::io::{Read, Write};

use zeroize::Zeroizing;

use crate::error::{CryptoError, Result};
use crate::random::random_bytes;
use crate::sealed_box::{NONCE, OVERHEAD, SealedBox, Sm4Gcm, TAG, gcm_cipher};
use crate::sealed_box::{gcm_decrypt, gcm_encrypt};

/// No PDF, picture or archive begins like this.
const MAGIC: [u8; 8] = *b"\0TBFILE\x01";
const WRAPPED_KEY: usize = OVERHEAD + 16;
const PREFIX: usize = NONCE - 4;
const PIECE: usize = 64 * 1024;
const KEY_CONTEXT: &[u8] = b"tongban file data key\0";

#[derive(Clone, Debug)]
pub struct FileCipher {
    keys: SealedBox,
}

impl FileCipher {
    pub(crate) fn new(keys: SealedBox) -> Self {
        Self { keys }
    }

    /// Whether a file that begins like this was made by `seal`.
    pub fn is_sealed(beginning: &[u8]) -> bool {
        beginning.starts_with(&MAGIC)
    }

    /// Writes the sealed form of `plain`. `name` says which file it is; opening needs the same one.
    /// Errors: `CryptoError::File` is what `out` said.
    pub fn seal(&self, plain: &[u8], name: &str, out: &mut impl Write) -> Result<()> {
        let data_key = Zeroizing::new(random_bytes::<16>()?);
        let wrapped = self.keys.encrypt(data_key.as_slice(), &context(name))?;
        let pieces = Pieces {
            cipher: gcm_cipher(*data_key),
            prefix: random_bytes()?,
        };
        out.write_all(&[&MAGIC[..], &wrapped, &pieces.prefix].concat())?;
        let mut rest = plain;
        for number in 0..=u32::MAX {
            let (piece, after) = rest.split_at(rest.len().min(PIECE));
            out.write_all(&pieces.seal(number, after.is_empty(), piece)?)?;
            if after.is_empty() {
                return Ok(());
            }
            rest = after;
        }
        Err(CryptoError::TooLong)
    }

    /// Errors: `CryptoError::File` is what `sealed` said; anything else is a wrong key, another name or a changed file.
    pub fn open(&self, sealed: &mut impl Read, name: &str) -> Result<Vec<u8>> {
        let pieces = self.header(sealed, name)?;
        let mut plain = Vec::new();
        let mut piece = up_to(sealed, PIECE + TAG)?;
        for number in 0..=u32::MAX {
            let next = up_to(sealed, PIECE + TAG)?;
            plain.extend_from_slice(&pieces.open(number, next.is_empty(), &piece)?);
            if next.is_empty() {
                return Ok(plain);
            }
            piece = next;
        }
        Err(CryptoError::TooLong)
    }

    fn header(&self, sealed: &mut impl Read, name: &str) -> Result<Pieces> {
        let header = up_to(sealed, MAGIC.len() + WRAPPED_KEY + PREFIX)?;
        let fault = || CryptoError::encoding("sealed file", "its beginning is another one");
        let rest = header.strip_prefix(&MAGIC).ok_or_else(fault)?;
        let (wrapped, prefix) = rest.split_at_checked(WRAPPED_KEY).ok_or_else(fault)?;
        let data_key = Zeroizing::new(self.keys.decrypt(wrapped, &context(name))?);
        let data_key = data_key.as_slice().try_into();
        Ok(Pieces {
            cipher: gcm_cipher(data_key.map_err(|_| CryptoError::Key)?),
            prefix: prefix.try_into().map_err(|_| fault())?,
        })
    }
}

fn context(name: &str) -> Vec<u8> {
    [KEY_CONTEXT, name.as_bytes()].concat()
}

/// Fewer only at the end.
fn up_to(input: &mut impl Read, length: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    input.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

struct Pieces {
    cipher: Sm4Gcm,
    prefix: [u8; PREFIX],
}

impl Pieces {
    fn seal(&self, number: u32, last: bool, plain: &[u8]) -> Result<Vec<u8>> {
        gcm_encrypt(
            &self.cipher,
            &self.nonce(number),
            plain,
            &place(number, last),
        )
    }

    fn open(&self, number: u32, last: bool, sealed: &[u8]) -> Result<Vec<u8>> {
        gcm_decrypt(
            &self.cipher,
            &self.nonce(number),
            sealed,
            &place(number, last),
        )
    }

    fn nonce(&self, number: u32) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..].copy_from_slice(&number.to_be_bytes());
        nonce
    }
}

fn place(number: u32, last: bool) -> [u8; 5] {
    let [a, b, c, d] = number.to_be_bytes();
    [a, b, c, d, u8::from(last)]
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::key_ring::KeyRing;

    const HEADER: usize = MAGIC.len() + WRAPPED_KEY + PREFIX;

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|n| (n % 251) as u8).collect()
    }

    fn sealed(cipher: &FileCipher, plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        cipher.seal(plain, "a", &mut out).unwrap();
        out
    }

    fn opened(cipher: &FileCipher, mut sealed: &[u8]) -> Result<Vec<u8>> {
        cipher.open(&mut sealed, "a")
    }

    #[test]
    fn files_of_every_length_come_back_and_show_nothing() {
        let cipher = KeyRing::ephemeral().unwrap().file_cipher().unwrap();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let plain = content(length);
            let file = sealed(&cipher, &plain);
            assert!(FileCipher::is_sealed(&file));
            assert!(length == 0 || !file.windows(64).any(|w| plain.starts_with(w)));
            assert_eq!(
                file.len(),
                HEADER + length + TAG * length.div_ceil(PIECE).max(1)
            );
            assert_ne!(file, sealed(&cipher, &plain));
            assert_eq!(opened(&cipher, &file).unwrap(), plain);
        }
    }

    #[test]
    fn a_file_opens_only_unchanged() {
        let cipher = KeyRing::ephemeral().unwrap().file_cipher().unwrap();
        let file = sealed(&cipher, &content(100));
        for position in 0..file.len() {
            let mut changed = file.clone();
            changed[position] ^= 1;
            assert!(opened(&cipher, &changed).is_err(), "byte {position}");
            assert!(opened(&cipher, &file[..position]).is_err());
        }
        assert!(opened(&cipher, &[&file[..], b"x"].concat()).is_err());
    }

    #[test]
    fn pieces_left_out_or_moved_or_appended_are_found() {
        let cipher = KeyRing::ephemeral().unwrap().file_cipher().unwrap();
        let file = sealed(&cipher, &content(3 * PIECE));
        let (header, body) = file.split_at(HEADER);
        let pieces: Vec<&[u8]> = body.chunks(PIECE + TAG).collect();
        let of = |order: &[usize]| {
            let chosen = order.iter().flat_map(|n| pieces[*n]).copied();
            let other: Vec<u8> = header.iter().copied().chain(chosen).collect();
            opened(&cipher, &other)
        };
        assert_eq!(of(&[0, 1, 2]).unwrap(), content(3 * PIECE));
        for order in [
            &[0, 1][..],
            &[1, 2],
            &[1, 0, 2],
            &[0, 2],
            &[0, 1, 2, 2],
            &[2],
            &[],
        ] {
            assert!(of(order).is_err(), "{order:?}");
        }
    }

    #[test]
    fn a_file_opens_only_under_its_name_and_its_ring_and_after_a_rotation() {
        let mut ring = KeyRing::ephemeral().unwrap();
        let file = sealed(&ring.file_cipher().unwrap(), b"scan");
        ring.rotate().unwrap();
        let cipher = ring.file_cipher().unwrap();
        assert_eq!(opened(&cipher, &file).unwrap(), b"scan");
        assert!(cipher.open(&mut &file[..], "b").is_err());
        let stranger = KeyRing::ephemeral().unwrap().file_cipher().unwrap();
        assert!(opened(&stranger, &file).is_err());
    }

    #[test]
    fn what_reader_and_writer_say_is_told() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::TimedOut.into())
            }
        }
        let cipher = KeyRing::ephemeral().unwrap().file_cipher().unwrap();
        let told = cipher.open(&mut Broken, "a").unwrap_err();
        assert!(
            matches!(told, CryptoError::File(cause) if cause.kind() == std::io::ErrorKind::TimedOut)
        );
        let told = cipher.seal(b"scan", "a", &mut &mut [0; 9][..]).unwrap_err();
        assert!(
            matches!(told, CryptoError::File(cause) if cause.kind() == std::io::ErrorKind::WriteZero)
        );
    }
}
