//! Reads packages of any origin, with bounds against bombs, and refuses those on which two readers could disagree.
//! Nothing is unpacked before it is asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use tongban_crypto::Sm3;

use super::Package;

const MOST_ENTRIES: usize = 10_000;
/// All files together, unpacked.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// How much longer than the package its files may be beyond a small remainder: descriptions shrink to a thirtieth,
/// pictures and typefaces hardly.
const MOST_RATIO: u64 = 100;
const REMAINDER: u64 = 1024 * 1024;
const ENCRYPTED: u16 = 1;
const PIECE: usize = 64 * 1024;

/// Why a package cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadFaultKind {
    /// Cut, changed, or on purpose so that two readers disagree.
    Broken,
    /// Beyond the bounds.
    TooLarge,
    /// Packed in a way that is not known here.
    Unsupported,
}

/// With what a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadFault(pub(crate) &'static str, pub(crate) ReadFaultKind);

const BROKEN: ReadFault = ReadFault(
    "文件不是完整的 ZIP 包，可能没有下载完整或已损坏",
    ReadFaultKind::Broken,
);
const TOO_LARGE: ReadFault = ReadFault("文件展开后过大，拒绝读取", ReadFaultKind::TooLarge);
const AMBIGUOUS: ReadFault = ReadFault(
    "文件包内有重名或前后不一致的条目，内容不可信",
    ReadFaultKind::Broken,
);
const UNSUPPORTED: ReadFault = ReadFault(
    "文件包经过加密，或者使用了不支持的压缩方式",
    ReadFaultKind::Unsupported,
);

/// A file of a package, still packed.
pub(crate) struct Entry<'a> {
    pub(crate) name: String,
    method: u16,
    flags: u16,
    crc: u32,
    packed: &'a [u8],
    pub(crate) length: u64,
    start: usize,
}

/// What a file of a package is, without keeping it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) sm3: [u8; 32],
    /// Length and check sum of the directory fit.
    pub(crate) is_intact: bool,
}

/// How a path is found among the names.
pub(crate) enum Place<'s, 'a> {
    Exact(&'s Entry<'a>),
    /// The same but for case and slashes: readers that follow the standard do not find it.
    Near(&'s Entry<'a>),
    Missing,
}

/// A package whose files stay packed.
pub(crate) struct Archive<'a> {
    entries: Vec<Entry<'a>>,
    by_name: BTreeMap<String, usize>,
    /// Bytes of the file before and behind the package.
    pub(crate) before: usize,
    pub(crate) behind: usize,
}

impl Package {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ReadFault> {
        let archive = Archive::read(bytes)?;
        if archive.before + archive.behind > 0 {
            return Err(BROKEN);
        }
        let mut package = Package::default();
        for entry in archive.entries() {
            let data = entry.unpack()?.into_owned();
            if !entry.fits(&data) {
                return Err(BROKEN);
            }
            package.entries.push((entry.name.clone(), data));
        }
        Ok(package)
    }
}

impl<'a> Archive<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, ReadFault> {
        let (end, behind) = end_record(bytes).ok_or(BROKEN)?;
        let count = usize::from(short(bytes, end + 10).ok_or(BROKEN)?);
        let length = long(bytes, end + 12).ok_or(BROKEN)? as usize;
        let told = long(bytes, end + 16).ok_or(BROKEN)? as usize;
        if count > MOST_ENTRIES {
            return Err(TOO_LARGE);
        }
        let is_directory = |at: usize| bytes.get(at..at + 4) == Some(b"PK\x01\x02");
        let shift = match end.checked_sub(length) {
            Some(real) if !is_directory(told) && is_directory(real) => {
                real.checked_sub(told).ok_or(BROKEN)?
            }
            _ => 0,
        };
        let mut archive = Self {
            entries: Vec::with_capacity(count),
            by_name: BTreeMap::new(),
            before: 0,
            behind,
        };
        archive.fill(bytes, count, told + shift, shift)?;
        let first = archive.entries.iter().map(|entry| entry.start).min();
        archive.before = first.unwrap_or(0);
        archive.entries.retain(|entry| !entry.name.ends_with('/'));
        archive.by_name.clear();
        for (index, entry) in archive.entries.iter().enumerate() {
            archive.by_name.insert(folded(&entry.name), index);
        }
        Ok(archive)
    }

    fn fill(
        &mut self,
        bytes: &'a [u8],
        count: usize,
        mut at: usize,
        shift: usize,
    ) -> Result<(), ReadFault> {
        let (mut total, mut packed) = (0u64, 0usize);
        let most = MOST_BYTES.min(REMAINDER + MOST_RATIO * bytes.len() as u64);
        for index in 0..count {
            let (entry, next) = directory_entry(bytes, at, shift)?;
            total = total.saturating_add(entry.length);
            packed = packed.saturating_add(entry.packed.len());
            if total > most {
                return Err(TOO_LARGE);
            }
            // Files that share their bytes multiply the work without being longer than the file.
            if packed > bytes.len() {
                return Err(AMBIGUOUS);
            }
            if self.by_name.insert(folded(&entry.name), index).is_some() {
                return Err(AMBIGUOUS);
            }
            self.entries.push(entry);
            at = next;
        }
        Ok(())
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter()
    }

    /// The file at an absolute or relative path from the root.
    pub(crate) fn find(&self, path: &str) -> Place<'_, 'a> {
        let path = path.trim_start_matches('/');
        let found = self.by_name.get(&folded(path));
        match found.and_then(|index| self.entries.get(*index)) {
            Some(entry) if entry.name == path => Place::Exact(entry),
            Some(entry) => Place::Near(entry),
            None => Place::Missing,
        }
    }

    /// Whether the bytes of the file are the one form in which this product writes these files.
    pub(crate) fn is_canonical(&self, bytes: &[u8]) -> bool {
        self.entries.iter().all(|entry| entry.method == 0)
            && super::write::package(self.entries().map(|e| (e.name.as_str(), e.packed)))
                .is_ok_and(|canonical| canonical == bytes)
    }
}

impl<'a> Entry<'a> {
    /// The whole content; nothing is said of its check sum.
    pub(crate) fn unpack(&self) -> Result<Cow<'a, [u8]>, ReadFault> {
        if self.flags & ENCRYPTED != 0 {
            return Err(UNSUPPORTED);
        }
        match self.method {
            0 => Ok(Cow::Borrowed(self.packed)),
            8 => {
                let mut data = Vec::new();
                DeflateDecoder::new(self.packed)
                    .take(self.length + 1)
                    .read_to_end(&mut data)
                    .map_err(|_| BROKEN)?;
                Ok(Cow::Owned(data))
            }
            _ => Err(UNSUPPORTED),
        }
    }

    pub(crate) fn fits(&self, data: &[u8]) -> bool {
        let mut crc = Crc::new();
        crc.update(data);
        data.len() as u64 == self.length && crc.sum() == self.crc
    }

    /// Reads through the content once, piece by piece. `work` counts the bytes.
    pub(crate) fn digest(&self, work: &mut u64) -> Result<Digest, ReadFault> {
        let (mut crc, mut sm3) = (Crc::new(), Sm3::new());
        let mut feed = |piece: &[u8]| {
            crc.update(piece);
            sm3.update(piece);
            *work += piece.len() as u64;
        };
        let mut length = 0u64;
        if self.method == 0 && self.flags & ENCRYPTED == 0 {
            // As long as the file at most, and all together too: see `fill`.
            feed(self.packed);
            length = self.packed.len() as u64;
        } else if self.method == 8 && self.flags & ENCRYPTED == 0 {
            let mut source = DeflateDecoder::new(self.packed).take(self.length + 1);
            let mut piece = vec![0; PIECE];
            loop {
                match source.read(&mut piece) {
                    Ok(0) => break,
                    Ok(read) => {
                        feed(piece.get(..read).unwrap_or_default());
                        length += read as u64;
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => return Err(BROKEN),
                }
            }
        } else {
            return Err(UNSUPPORTED);
        }
        let is_intact = length == self.length && crc.sum() == self.crc;
        Ok(Digest {
            sm3: sm3.finish(),
            is_intact,
        })
    }
}

/// By what names are told apart: some systems know no case, and some write backslashes.
fn folded(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_lowercase()
}

/// Where the end record stands, and how many bytes follow it.
fn end_record(bytes: &[u8]) -> Option<(usize, usize)> {
    let last = bytes.len().checked_sub(22)?;
    let end = |at: usize| {
        let is_record = bytes.get(at..at + 4) == Some(b"PK\x05\x06");
        let comment = short(bytes, at + 20).filter(|_| is_record)?;
        (at + 22).checked_add(usize::from(comment))
    };
    let exact = last.saturating_sub(usize::from(u16::MAX));
    if let Some(at) = (exact..=last)
        .rev()
        .find(|at| end(*at) == Some(bytes.len()))
    {
        return Some((at, 0));
    }
    // What stands behind belongs to nobody; the record in front of it is still the package's.
    let at = (0..=last)
        .rev()
        .find(|at| end(*at).is_some_and(|end| end < bytes.len()))?;
    Some((at, bytes.len() - end(at)?))
}

fn directory_entry(bytes: &[u8], at: usize, shift: usize) -> Result<(Entry<'_>, usize), ReadFault> {
    if bytes.get(at..at + 4) != Some(b"PK\x01\x02") {
        return Err(BROKEN);
    }
    let word = |offset| short(bytes, at + offset).map(usize::from).ok_or(BROKEN);
    let double = |offset| long(bytes, at + offset).ok_or(BROKEN);
    let (name_length, extra, comment) = (word(28)?, word(30)?, word(32)?);
    let raw_name = bytes.get(at + 46..at + 46 + name_length).ok_or(BROKEN)?;
    let local = (double(42)? as usize).saturating_add(shift);
    let packed_length = double(20)? as usize;
    if bytes.get(local..local.saturating_add(4)) != Some(b"PK\x03\x04") {
        return Err(BROKEN);
    }
    let local_word = |offset| short(bytes, local + offset).map(usize::from).ok_or(BROKEN);
    let (local_name, local_extra) = (local_word(26)?, local_word(28)?);
    if bytes.get(local + 30..local + 30 + local_name) != Some(raw_name)
        || local_word(8)? != word(10)?
    {
        return Err(AMBIGUOUS);
    }
    let start = local + 30 + local_name + local_extra;
    let entry = Entry {
        name: name(raw_name).trim_start_matches('/').to_owned(),
        method: short(bytes, at + 10).ok_or(BROKEN)?,
        flags: short(bytes, at + 8).ok_or(BROKEN)?,
        crc: double(16)?,
        packed: bytes
            .get(start..start.saturating_add(packed_length))
            .ok_or(BROKEN)?,
        length: u64::from(double(24)?),
        start: local,
    };
    Ok((entry, at + 46 + name_length + extra + comment))
}

/// UTF-8, or what Chinese systems write when it is not.
fn name(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0,
    }
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([pair[0], pair[1]]))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
