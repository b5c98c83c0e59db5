//! Distinguished names. Compared as bytes: Chinese authorities write the issuer exactly as the subject above it.

use crate::der::{self, Reader, tag};
use crate::error::Result;

const COUNTRY: &str = "2.5.4.6";
const KINDS: [(&str, &str); 8] = [
    (COUNTRY, "C"),
    ("2.5.4.8", "ST"),
    ("2.5.4.7", "L"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "serialNumber"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name {
    der: Vec<u8>,
    parts: Vec<(String, String)>,
}

impl Name {
    /// From pairs in their order, `[("C", "CN"), ("O", "示例市政务服务中心"), ("CN", "示例根证书")]`. Keys are
    /// C, ST, L, O, OU, CN, serialNumber, emailAddress; others must be dotted identifiers.
    pub fn new<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut relative = Vec::new();
        let mut kept = Vec::new();
        for (key, value) in parts {
            let oid = KINDS
                .iter()
                .find(|(_, short)| *short == key)
                .map_or(key, |(oid, _)| oid);
            let text = match oid {
                COUNTRY => der::printable(value),
                _ => der::utf8(value),
            };
            let pair = der::sequence(&[der::encode_oid(oid), text]);
            relative.push(der::set_of(&[pair]));
            kept.push((key.to_string(), value.to_string()));
        }
        Self {
            der: der::sequence(&relative),
            parts: kept,
        }
    }

    pub(super) fn read(reader: &mut Reader) -> Result<Self> {
        let element = reader.expect(tag::SEQUENCE)?;
        let mut sets = reader.inside(&element);
        let mut parts = Vec::new();
        while !sets.is_empty() {
            let set = sets.expect(tag::SET)?;
            let mut pairs = sets.inside(&set);
            while !pairs.is_empty() {
                let mut pair = pairs.sequence()?;
                let oid = pair.oid()?;
                let text = pair.any()?.text().unwrap_or_default();
                let known = KINDS.iter().find(|(known, _)| *known == oid);
                let key = known.map_or(oid.clone(), |(_, short)| (*short).to_string());
                parts.push((key, text));
            }
        }
        Ok(Self {
            der: element.whole.to_vec(),
            parts,
        })
    }

    pub(crate) fn to_der(&self) -> &[u8] {
        &self.der
    }

    /// The last value under a key, `get("CN")`.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.parts.iter().rev().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// What people call the holder: common name, else organisation, else everything.
    pub fn display_name(&self) -> String {
        self.get("CN")
            .or_else(|| self.get("O"))
            .map_or_else(|| self.to_string(), str::to_string)
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (key, value)) in self.parts.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Name({self})")
    }
}
