//! SM3 (GB/T 32905), HMAC-SM3 and a key derivation built on it. Knows nothing of where keys are kept.

use ::sm3::Digest;
use hmac::{Hmac, KeyInit, Mac};

use crate::random::constant_time_eq;

/// SM3 of `bytes`.
pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    ::sm3::Sm3::digest(bytes).into()
}

/// SM3 of `bytes` as 64 lower-case hexadecimal digits.
pub fn sm3_hex(bytes: &[u8]) -> String {
    hex::encode(sm3(bytes))
}

/// SM3 of data that comes in pieces. Also a `std::io::Write`, so that files can be copied into it.
#[derive(Clone, Default)]
pub struct Sm3(::sm3::Sm3);

impl Sm3 {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    pub fn finish_hex(self) -> String {
        hex::encode(self.finish())
    }
}

impl std::io::Write for Sm3 {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// HMAC-SM3 over the concatenation of `parts`; the caller sees to it that the parts cannot be shifted into each other.
pub fn hmac_sm3(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    KeyedSm3::new(key).mac(parts)
}

/// A key that HMAC-SM3 has taken in, so that only the parts are left to do. It is wiped like the key.
#[derive(Clone)]
pub(crate) struct KeyedSm3(Hmac<::sm3::Sm3>);

impl KeyedSm3 {
    pub fn new(key: &[u8]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let keyed = Hmac::new_from_slice(key).expect("HMAC takes any key");
        Self(keyed)
    }

    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    pub fn matches(&self, parts: &[&[u8]], expected: &[u8]) -> bool {
        constant_time_eq(&self.mac(parts), expected)
    }
}

/// Key derivation in counter mode (NIST SP 800-108) with HMAC-SM3:
/// K(i) = HMAC(key, i || label || 0 || context || length in bits), numbers as four bytes, big end first.
pub fn kdf_sm3<const N: usize>(key: &[u8], label: &str, context: &[u8]) -> [u8; N] {
    let bits = (N as u32).wrapping_mul(8).to_be_bytes();
    let mut output = [0u8; N];
    for (block, counter) in output.chunks_mut(32).zip(1u32..) {
        let derived = hmac_sm3(
            key,
            &[
                &counter.to_be_bytes(),
                label.as_bytes(),
                &[0],
                context,
                &bits,
            ],
        );
        block.copy_from_slice(&derived[..block.len()]);
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sm3_gives_the_examples_of_the_standard() {
        assert_eq!(
            sm3_hex(b"abc"),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        let mut pieces = Sm3::new();
        for _ in 0..16 {
            pieces.update(b"abcd");
        }
        assert_eq!(
            pieces.finish_hex(),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
    }

    #[test]
    fn derived_keys_depend_on_label_context_and_length() {
        let base: [u8; 16] = kdf_sm3(b"master", "fields", b"1");
        assert_ne!(base, kdf_sm3::<16>(b"master", "audit", b"1"));
        assert_ne!(base, kdf_sm3::<16>(b"master", "fields", b"2"));
        assert_ne!(base, kdf_sm3::<48>(b"master", "fields", b"1")[..16]);
        assert_ne!(base, kdf_sm3::<16>(b"other", "fields", b"1"));
    }
}
