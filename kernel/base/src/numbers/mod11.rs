//! ISO 7064 MOD 11-2 as GB 11643 writes it.

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHARACTERS: &[u8; 11] = b"10X98765432";

/// The check character of the first 17 digits; `None` when they are not 17 digits.
pub fn check_character(first17: &str) -> Option<char> {
    let bytes = first17.as_bytes();
    if bytes.len() != 17 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(b, w)| u32::from(b - b'0') * w)
        .sum();
    CHARACTERS.get((sum % 11) as usize).map(|c| char::from(*c))
}
