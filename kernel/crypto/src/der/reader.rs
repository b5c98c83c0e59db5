//! Reading DER without copying. Accepts lengths written longer than necessary (BER), refuses indefinite ones.

use tongban_base::Timestamp;

use super::{oid::decode_oid, tag, time};
use crate::error::{CryptoError, Result};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub body: &'a [u8],
    /// Tag, length and body, as they came: what signatures are made over.
    pub whole: &'a [u8],
}

impl Element<'_> {
    /// The text of any of the string types; what is not valid becomes a replacement character.
    pub fn text(&self) -> Option<String> {
        match self.tag {
            tag::UTF8_STRING | tag::PRINTABLE_STRING | tag::IA5_STRING | tag::TELETEX_STRING => {
                Some(String::from_utf8_lossy(self.body).into_owned())
            }
            tag::BMP_STRING => {
                let units = self
                    .body
                    .chunks_exact(2)
                    .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                Some(
                    char::decode_utf16(units)
                        .map(|c| c.unwrap_or('\u{fffd}'))
                        .collect(),
                )
            }
            _ => None,
        }
    }

    pub fn time(&self) -> Option<Timestamp> {
        match self.tag {
            tag::UTC_TIME | tag::GENERALIZED_TIME => time::parse(self.tag, self.body),
            _ => None,
        }
    }
}

/// Walks over the elements of one constructed body. `what` names the structure in errors.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    pub fn fault(&self, detail: &'static str) -> CryptoError {
        CryptoError::encoding(self.what, detail)
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn end(&self) -> Result<()> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(self.fault("more data than expected")),
        }
    }

    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub fn any(&mut self) -> Result<Element<'a>> {
        let (tag, after_tag) = self
            .rest
            .split_first()
            .ok_or_else(|| self.fault("data ends early"))?;
        if tag & 0x1f == 0x1f {
            return Err(self.fault("a tag of more than one byte"));
        }
        let (length, after_length) =
            length(after_tag).ok_or_else(|| self.fault("a length that cannot be read"))?;
        if length > after_length.len() {
            return Err(self.fault("data ends early"));
        }
        let (body, rest) = after_length.split_at(length);
        let whole = &self.rest[..self.rest.len() - rest.len()];
        self.rest = rest;
        Ok(Element {
            tag: *tag,
            body,
            whole,
        })
    }

    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            Some(_) => Err(self.fault("an element of another type than expected")),
            None => Err(self.fault("data ends early")),
        }
    }

    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>> {
        match self.peek() {
            Some(found) if found == tag => self.any().map(Some),
            _ => Ok(None),
        }
    }

    pub fn inside(&self, element: &Element<'a>) -> Reader<'a> {
        Reader::new(element.body, self.what)
    }

    pub fn sequence(&mut self) -> Result<Reader<'a>> {
        let element = self.expect(tag::SEQUENCE)?;
        Ok(self.inside(&element))
    }

    pub fn octets(&mut self) -> Result<&'a [u8]> {
        Ok(self.expect(tag::OCTET_STRING)?.body)
    }

    /// A BIT STRING of whole bytes.
    pub fn bits(&mut self) -> Result<&'a [u8]> {
        match self.expect(tag::BIT_STRING)?.body.split_first() {
            Some((0, bytes)) => Ok(bytes),
            _ => Err(self.fault("a bit string that is not whole bytes")),
        }
    }

    pub fn oid(&mut self) -> Result<String> {
        let element = self.expect(tag::OID)?;
        decode_oid(element.body)
            .ok_or_else(|| self.fault("an object identifier that cannot be read"))
    }

    /// `AlgorithmIdentifier`: only the identifier matters here, parameters are absent or NULL in practice.
    pub fn algorithm(&mut self) -> Result<String> {
        self.sequence()?.oid()
    }

    pub fn text(&mut self) -> Result<String> {
        let element = self.any()?;
        element.text().ok_or_else(|| self.fault("not a text"))
    }

    pub fn time(&mut self) -> Result<Timestamp> {
        let element = self.any()?;
        element.time().ok_or_else(|| self.fault("not a time"))
    }

    /// A small non-negative INTEGER.
    pub fn small(&mut self) -> Result<u32> {
        let body = self.expect(tag::INTEGER)?.body;
        match body {
            [first, ..] if *first < 0x80 && body.len() <= 5 => {
                let value = body
                    .iter()
                    .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
                u32::try_from(value).map_err(|_| self.fault("a number that is too large"))
            }
            _ => Err(self.fault("a number that is negative or too large")),
        }
    }

    /// An INTEGER of at most 256 bits, padded to 32 bytes; its sign is not looked at, because vendors forget the
    /// leading zero.
    pub fn unsigned_32(&mut self) -> Result<[u8; 32]> {
        let body = self.expect(tag::INTEGER)?.body;
        let zeros = body.iter().take_while(|byte| **byte == 0).count();
        let digits = &body[zeros..];
        let mut padded = [0u8; 32];
        let start = 32usize
            .checked_sub(digits.len())
            .ok_or_else(|| self.fault("a number that is too large"))?;
        padded[start..].copy_from_slice(digits);
        Ok(padded)
    }
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 || count > rest.len() {
        return None;
    }
    let (digits, rest) = rest.split_at(count);
    let length = digits
        .iter()
        .fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte));
    Some((length, rest))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::der;

    #[test]
    fn what_is_written_is_read_back() {
        let long = vec![7u8; 70_000];
        let bytes = der::sequence(&[der::integer(4), der::octets(&long), der::utf8("印章")]);
        let mut inner = Reader::new(&bytes, "test").sequence().unwrap();
        assert_eq!(inner.small().unwrap(), 4);
        assert_eq!(inner.octets().unwrap(), long);
        assert_eq!(inner.text().unwrap(), "印章");
        inner.end().unwrap();
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for bytes in [
            &[0x30u8, 0x80, 0, 0][..],
            &[0x30, 5, 1],
            &[0x30, 0x84, 0xff],
            &[0x1f, 1],
            &[],
        ] {
            assert!(Reader::new(bytes, "test").any().is_err());
        }
    }
}
