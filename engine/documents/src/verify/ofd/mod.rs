//! Verifies OFD: the package, every reference digest, what the seals leave out, the seals themselves. Each file of the
//! package is read through once, however often it is named.

mod coverage;
mod removed;
mod seals;

use std::collections::{BTreeMap, BTreeSet};

use tongban_base::Timestamp;
use tongban_crypto::Trust;

use super::ground::shown;
use super::{DocumentKind, Finding, Ground, Reason, Reasons, Verification};
use crate::DocumentError;
use crate::container::{Archive, Digest, Package, Place, ReadFault, ReadFaultKind};
use crate::ofd::package::{self, Body, ROOT, SignatureEntry};

/// More signatures, or references of all of them, are an attack.
const MOST_SIGNATURES: usize = 32;
const MOST_REFERENCES: usize = 10_000;
/// No description, list or seal is longer.
const LONGEST_PART: u64 = 8 * 1024 * 1024;

/// What all checks need.
struct Check<'a> {
    bytes: &'a [u8],
    archive: Archive<'a>,
    /// Of each file; nothing where it cannot be unpacked.
    digests: BTreeMap<String, Option<Digest>>,
    /// The parts that tell of signatures, unpacked.
    parts: Package,
    trust: &'a Trust,
    now: Timestamp,
    reasons: Reasons,
    hashed: u64,
}

/// What the signatures of the file protect together, and what belongs to them.
#[derive(Default)]
struct Covered {
    files: BTreeSet<String>,
}

/// A package that something was put in front of.
pub(super) fn is_behind_something(bytes: &[u8]) -> bool {
    Archive::read(bytes).is_ok_and(|archive| matches!(archive.find(ROOT), Place::Exact(_)))
}

pub(super) fn verify(bytes: &[u8], trust: &Trust, now: Timestamp) -> Verification {
    let archive = match Archive::read(bytes) {
        Ok(archive) => archive,
        Err(fault) => return unopened(fault),
    };
    let mut check = Check {
        bytes,
        archive,
        digests: BTreeMap::new(),
        parts: Package::default(),
        trust,
        now,
        reasons: Reasons::default(),
        hashed: 0,
    };
    check.read_through();
    let mut found = match check.run() {
        Ok(findings) => {
            let reasons = std::mem::take(&mut check.reasons);
            Verification::of(DocumentKind::Ofd, reasons, findings)
        }
        Err(error) => {
            let (kind, code) = (DocumentKind::Ofd, "file.unreadable");
            Verification::unread(kind, Ground::Unreadable, code, error.message)
        }
    };
    found.hashed = check.hashed;
    found
}

fn unopened(fault: ReadFault) -> Verification {
    let (ground, code) = match fault.1 {
        ReadFaultKind::Broken => (Ground::Unreadable, "file.unreadable"),
        ReadFaultKind::TooLarge => (Ground::TooLarge, "file.too_large"),
        ReadFaultKind::Unsupported => (Ground::Unsupported, "file.unsupported"),
    };
    Verification::unread(DocumentKind::Ofd, ground, code, fault.0)
}

impl Check<'_> {
    /// Digests of everything, each file once.
    fn read_through(&mut self) {
        for entry in self.archive.entries() {
            let found = entry.digest(&mut self.hashed);
            if let Err(ReadFault(words, ReadFaultKind::Unsupported)) = found {
                self.reasons
                    .push(Reason::new(Ground::Unsupported, "file.unsupported", words));
            }
            self.digests.insert(entry.name.clone(), found.ok());
        }
    }

    /// Unpacks a part, so that it can be looked at. False when it is not there under this very name.
    fn load(&mut self, path: &str) -> Result<bool, DocumentError> {
        let Place::Exact(entry) = self.archive.find(path) else {
            return Ok(false);
        };
        if self.parts.get(path).is_none() {
            let unreadable = |words: &str| DocumentError::new("unreadable", words);
            if entry.length > LONGEST_PART {
                return Err(unreadable(&format!("{} 过大，拒绝读取", shown(path))));
            }
            let data = entry.unpack().map_err(|fault| unreadable(fault.0))?;
            self.parts.add(entry.name.clone(), data.into_owned());
        }
        Ok(true)
    }

    fn run(&mut self) -> Result<Vec<Finding>, DocumentError> {
        self.load(ROOT)?;
        let bodies = package::bodies(&self.parts)?;
        let mut covered = Covered::default();
        let mut findings = Vec::new();
        for entry in self.entries(&bodies, &mut covered)? {
            findings.extend(self.signature(&entry, &mut covered)?);
        }
        let is_own = findings.iter().any(|finding| finding.is_own);
        match findings.is_empty() {
            true => self.without_seal(&bodies)?,
            false => self.uncovered(&bodies, &covered, is_own)?,
        }
        self.check_package(is_own, findings.is_empty());
        Ok(findings)
    }

    /// The signatures that the lists of all documents name, each once.
    fn entries(
        &mut self,
        bodies: &[Body],
        covered: &mut Covered,
    ) -> Result<Vec<SignatureEntry>, DocumentError> {
        let lists: BTreeSet<&String> = bodies
            .iter()
            .filter_map(|b| b.signatures.as_ref())
            .collect();
        let mut found: Vec<SignatureEntry> = Vec::new();
        let mut known = BTreeSet::new();
        for list in lists {
            if !self.load(list)? {
                continue;
            }
            // The list names the signatures; one that can be extended later is not signed itself.
            covered.files.insert(list.clone());
            for entry in package::signatures(&self.parts, list)? {
                if !known.insert(entry.path.clone()) {
                    continue;
                }
                if found.len() == MOST_SIGNATURES {
                    let words = format!("文件中的签章超过 {MOST_SIGNATURES} 个，本平台不核验");
                    self.reasons
                        .push(Reason::new(Ground::TooLarge, "signature.too_many", words));
                    return Ok(found);
                }
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// The package around the files.
    fn check_package(&mut self, is_own: bool, is_unsealed: bool) {
        let (before, behind) = (self.archive.before, self.archive.behind);
        if before + behind > 0 {
            let where_it_is = match (before, behind) {
                (0, behind) => format!("末尾有 {behind} 个字节"),
                (before, 0) => format!("开头有 {before} 个字节"),
                (before, behind) => format!("开头有 {before} 个字节、末尾有 {behind} 个字节"),
            };
            let words = format!("文件{where_it_is}不属于 OFD 文件包，也不受签章保护");
            let ground = if is_own {
                Ground::Changed
            } else {
                Ground::Unprotected
            };
            self.reasons
                .push(Reason::new(ground, "file.surrounded", words));
        }
        // Files that this product sealed have one form only: not even a header field of the package may differ.
        if is_own && !self.archive.is_canonical(self.bytes) {
            let words = "文件在签章后被重新打包或改动";
            self.reasons
                .push(Reason::new(Ground::Changed, "file.repacked", words));
        }
        let is_damaged = |digest: &Option<Digest>| !digest.is_some_and(|d| d.is_intact);
        if self.digests.values().any(is_damaged) && !self.reasons.has(Ground::Unsupported) {
            let ground = if is_unsealed {
                Ground::Unreadable
            } else {
                Ground::Unprotected
            };
            let words = "文件包里有损坏的条目，校验值与内容不符";
            self.reasons
                .push(Reason::new(ground, "file.damaged_entry", words));
        }
    }
}
