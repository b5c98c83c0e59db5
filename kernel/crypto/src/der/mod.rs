//! A small reader and writer of ASN.1 DER, enough for keys, certificates, seals and signed data. Our own because
//! signatures are checked over the bytes as they came, and real seals depart from the standard in ways that a
//! schema-bound decoder refuses. Knows tags and lengths, no structures.

mod ber;
pub(crate) mod oid;
mod reader;
mod time;
mod writer;

pub(crate) use ber::definite;
pub(crate) use oid::encode_oid;
pub use oid::title as algorithm_title;
pub(crate) use reader::{Element, Reader};
pub(crate) use time::{generalized_time, x509_time};
pub(crate) use writer::{
    bit_string, boolean, context, ia5, integer, octets, printable, raw, sequence, set_of, unsigned,
    utf8,
};

pub(crate) mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const OID: u8 = 0x06;
    pub const UTF8_STRING: u8 = 0x0c;
    pub const PRINTABLE_STRING: u8 = 0x13;
    pub const TELETEX_STRING: u8 = 0x14;
    pub const IA5_STRING: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const BMP_STRING: u8 = 0x1e;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    /// `[n]`, constructed.
    pub const fn context(number: u8) -> u8 {
        0xa0 | number
    }
    /// `[n]`, primitive.
    pub const fn context_primitive(number: u8) -> u8 {
        0x80 | number
    }
}
