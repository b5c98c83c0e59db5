//! The code on a paper by which anybody can look it up.

use tongban_base::Result;
use tongban_crypto::random_bytes;

/// Twelve characters that cannot be mistaken for each other: 60 random bits.
pub fn verify_code() -> Result<String> {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes = random_bytes::<12>()?;
    let character = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    Ok(bytes.iter().map(character).collect())
}
