//! The extensions that decide what a certificate may be used for (RFC 5280, 4.2).

use crate::der::{self, Reader, oid, tag};
use crate::error::Result;

/// Bits of keyUsage, counted from the left of the first byte.
pub(super) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(super) const NON_REPUDIATION: u8 = 0x40;
pub(super) const KEY_CERT_SIGN: u8 = 0x04;
pub(super) const CRL_SIGN: u8 = 0x02;

/// Understood or harmless when marked critical.
const KNOWN: [&str; 6] = [
    oid::SUBJECT_KEY_ID,
    oid::KEY_USAGE,
    oid::BASIC_CONSTRAINTS,
    oid::CERTIFICATE_POLICIES,
    oid::AUTHORITY_KEY_ID,
    oid::EXTENDED_KEY_USAGE,
];

#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    authority: bool,
    path_length: Option<u32>,
    key_usage: Option<u8>,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
    unknown_critical: Option<String>,
}

impl Extensions {
    pub(super) fn read(reader: &mut Reader) -> Result<Self> {
        let mut list = reader.sequence()?;
        let mut found = Self::default();
        while !list.is_empty() {
            let mut extension = list.sequence()?;
            let kind = extension.oid()?;
            let critical = extension
                .optional(tag::BOOLEAN)?
                .is_some_and(|element| element.body != [0]);
            let value = extension.octets()?;
            found.take(&kind, value)?;
            if critical && !KNOWN.contains(&kind.as_str()) {
                found.unknown_critical.get_or_insert(kind);
            }
        }
        Ok(found)
    }

    fn take(&mut self, kind: &str, value: &[u8]) -> Result<()> {
        let mut reader = Reader::new(value, "certificate extension");
        match kind {
            oid::BASIC_CONSTRAINTS => {
                let mut fields = reader.sequence()?;
                self.authority = fields
                    .optional(tag::BOOLEAN)?
                    .is_some_and(|element| element.body != [0]);
                if fields.peek() == Some(tag::INTEGER) {
                    self.path_length = Some(fields.small()?);
                }
            }
            oid::KEY_USAGE => {
                let bits = reader.expect(tag::BIT_STRING)?.body;
                self.key_usage = Some(bits.get(1).copied().unwrap_or(0));
            }
            oid::SUBJECT_KEY_ID => self.subject_key_id = Some(reader.octets()?.to_vec()),
            oid::AUTHORITY_KEY_ID => {
                let mut fields = reader.sequence()?;
                let id = fields.optional(tag::context_primitive(0))?;
                self.authority_key_id = id.map(|element| element.body.to_vec());
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the key of `issuer` is the one that signed: nothing when either side does not tell.
    pub(super) fn names_key_of(&self, issuer: &Extensions) -> Option<bool> {
        let (wanted, own) = (
            self.authority_key_id.as_ref()?,
            issuer.subject_key_id.as_ref()?,
        );
        Some(wanted == own)
    }

    pub(super) fn may_sign_certificates(&self) -> bool {
        self.authority && self.key_usage.is_none_or(|bits| bits & KEY_CERT_SIGN != 0)
    }

    pub(super) fn may_sign_documents(&self) -> bool {
        let signing = DIGITAL_SIGNATURE | NON_REPUDIATION;
        self.key_usage.is_none_or(|bits| bits & signing != 0)
    }

    /// How many authorities may stand between this one and the end of the chain.
    pub(super) fn path_length(&self) -> Option<u32> {
        self.path_length
    }

    pub(super) fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    pub(super) fn unknown_critical(&self) -> Option<&str> {
        self.unknown_critical.as_deref()
    }
}

/// One extension as it is written into a certificate.
pub(super) fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let mut fields = vec![der::encode_oid(kind)];
    if critical {
        fields.push(der::boolean(true));
    }
    fields.push(der::octets(value));
    der::sequence(&fields)
}

pub(super) fn key_usage(bits: u8) -> Vec<u8> {
    der::raw(tag::BIT_STRING, &[&[bits.trailing_zeros() as u8, bits]])
}
