//! An OFD in which no signature is found: never sealed, or robbed of its seal. What is left inside tells.

use std::collections::BTreeSet;

use tongban_crypto::{Seal, SealSignature};

use super::{Check, Covered};
use crate::DocumentError;
use crate::container::{Place, folder};
use crate::ofd::package::{self, Body};
use crate::verify::ground::shown;
use crate::verify::{Ground, Reason};

/// The list of an integrity protection and its signature (GM/T 0099).
const ENTRY_LIST: &str = "OFDEntries.xml";
const ENTRY_VALUE: &str = "signedvalue.dat";
pub(super) const INTEGRITY: &str = "integrity.not_verified";
pub(super) const INTEGRITY_WORDS: &str =
    "文件带有完整性保护（OFDEntries.xml），这是对整个文件包的签名，不是电子签章，本平台不核验";
/// So many files are looked into for a seal that was left behind, none longer than this.
const MOST_LOOKED_AT: usize = 64;
const LONGEST_SEAL: u64 = 1024 * 1024;
const DER_SEQUENCE: u8 = 0x30;

/// A seal that no list names.
pub(super) struct LeftOver {
    pub(super) name: String,
    pub(super) folder: String,
}

impl Check<'_> {
    pub(super) fn without_seal(&mut self, bodies: &[Body]) -> Result<(), DocumentError> {
        let declared = package::declared_seal(&self.parts);
        let left = self.left_over(&Covered::default())?;
        let named = left.first().map(|seal| seal.name.clone()).or(declared);
        let seal = named
            .as_ref()
            .map_or(String::new(), |name| format!("“{}”", shown(name)));
        let lists: Vec<&String> = bodies
            .iter()
            .filter_map(|b| b.signatures.as_ref())
            .collect();
        for list in &lists {
            let reason = self.empty_list(list, named.is_some(), &seal);
            self.reasons.extend(reason);
        }
        if lists.is_empty() {
            self.undeclared(&left, &seal)?;
        }
        Ok(())
    }

    /// What it means that a declared list names no signature that is there.
    fn empty_list(&self, list: &str, is_named: bool, seal: &str) -> Option<Reason> {
        let place = shown(list);
        let told = self.reasons.ground();
        let (ground, code, words) = match self.archive.find(list) {
            Place::Missing => (
                Ground::SealRemoved,
                "seal.removed",
                format!("签章{seal}已被移除：OFD.xml 写明签章列表在 {place}，文件里已经没有"),
            ),
            Place::Near(entry) => (
                Ground::Unsupported,
                "signature.list_misnamed",
                format!(
                    "OFD.xml 写明签章列表在 {place}，文件包里没有找到，只有名称不一致的 {}（大小写或斜杠不符合标准），不能核验签章",
                    shown(&entry.name)
                ),
            ),
            Place::Exact(_) if told == Ground::SealRemoved && is_named => (
                Ground::SealRemoved,
                "seal.removed",
                format!("被移除的是签章{seal}"),
            ),
            // A signature that is named and cannot be found was told already.
            Place::Exact(_) if told > Ground::Unsealed => return None,
            Place::Exact(_) if is_named => (
                Ground::SealRemoved,
                "seal.removed",
                format!("签章{seal}已被移除：签章列表 {place} 中已经没有签章"),
            ),
            Place::Exact(_) => (
                Ground::Unsealed,
                "signature.none",
                format!("签章列表 {place} 是空的，文件没有电子签章"),
            ),
        };
        Some(Reason::new(ground, code, words))
    }

    fn undeclared(&mut self, left: &[LeftOver], seal: &str) -> Result<(), DocumentError> {
        let (ground, code, words) = if !left.is_empty() {
            let words =
                format!("签章{seal}已被移除：文件里还留有它的数据，OFD.xml 中已经没有签章列表");
            (Ground::SealRemoved, "seal.removed", words)
        } else if !self.integrity_files()?.is_empty() {
            (Ground::Unsupported, INTEGRITY, INTEGRITY_WORDS.to_owned())
        } else if seal.is_empty() {
            let words = "文件没有电子签章，无法核验真伪".to_owned();
            (Ground::Unsealed, "signature.none", words)
        } else {
            let words = format!("文件属性写明有签章{seal}，但文件没有电子签章，无法核验真伪");
            (Ground::Unsealed, "signature.none", words)
        };
        self.reasons.push(Reason::new(ground, code, words));
        Ok(())
    }

    /// The files of an integrity protection, which is named and not verified.
    pub(super) fn integrity_files(&mut self) -> Result<BTreeSet<String>, DocumentError> {
        if !self.load(ENTRY_LIST)? || !package::is_entry_list(&self.parts, ENTRY_LIST) {
            return Ok(BTreeSet::new());
        }
        Ok([ENTRY_LIST, ENTRY_VALUE].map(str::to_owned).into())
    }

    pub(super) fn left_over(&self, covered: &Covered) -> Result<Vec<LeftOver>, DocumentError> {
        let mut found = Vec::new();
        let candidates = self
            .archive
            .entries()
            .filter(|entry| !covered.files.contains(&entry.name) && entry.length <= LONGEST_SEAL);
        let mut looked_at = 0;
        for entry in candidates {
            if looked_at == MOST_LOOKED_AT {
                break;
            }
            let is_known = [".xml", ".png", ".jpg", ".ttf", ".otf"]
                .iter()
                .any(|ending| entry.name.to_ascii_lowercase().ends_with(ending));
            if is_known {
                continue;
            }
            looked_at += 1;
            let Ok(data) = entry.unpack() else { continue };
            if data.first() != Some(&DER_SEQUENCE) {
                continue;
            }
            let seal = Seal::from_der(&data)
                .or_else(|_| SealSignature::from_der(&data).map(|signature| signature.seal));
            if let Ok(seal) = seal {
                found.push(LeftOver {
                    name: seal.name,
                    folder: folder(&entry.name).to_owned(),
                });
            }
        }
        Ok(found)
    }
}
