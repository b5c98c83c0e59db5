//! Reads packages of any origin, with bounds against bombs, and refuses those on which two readers could disagree.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::Package;

const MOST_ENTRIES: usize = 10_000;
/// All files together, unpacked.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// Why a package cannot be read: what a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReadFault(pub(crate) &'static str);

const BROKEN: ReadFault = ReadFault("文件不是完整的 ZIP 包，可能没有下载完整或已损坏");
const TOO_LARGE: ReadFault = ReadFault("文件展开后过大，拒绝读取");
const AMBIGUOUS: ReadFault = ReadFault("文件包内有重名或前后不一致的条目，内容不可信");

struct Entry<'a> {
    name: String,
    method: u16,
    crc: u32,
    packed: &'a [u8],
    length: u64,
}

impl Package {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, ReadFault> {
        let mut package = Package::default();
        let mut left = MOST_BYTES;
        for entry in directory(bytes)? {
            if entry.name.ends_with('/') {
                continue;
            }
            let data = unpack(&entry, left)?;
            left -= data.len() as u64;
            package.entries.push((entry.name, data));
        }
        Ok(package)
    }
}

fn directory(bytes: &[u8]) -> Result<Vec<Entry<'_>>, ReadFault> {
    let end = end_record(bytes).ok_or(BROKEN)?;
    let count = usize::from(short(bytes, end + 10).ok_or(BROKEN)?);
    let mut at = long(bytes, end + 16).ok_or(BROKEN)? as usize;
    if count > MOST_ENTRIES {
        return Err(TOO_LARGE);
    }
    let mut names = BTreeSet::new();
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let (entry, next) = directory_entry(bytes, at)?;
        if !names.insert(entry.name.to_lowercase()) {
            return Err(AMBIGUOUS);
        }
        entries.push(entry);
        at = next;
    }
    Ok(entries)
}

/// The end record is the last thing in the file: what stands behind it belongs to nobody.
fn end_record(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(22)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    (first..=last).rev().find(|at| {
        bytes.get(*at..at + 4) == Some(b"PK\x05\x06")
            && short(bytes, at + 20)
                .is_some_and(|comment| at + 22 + usize::from(comment) == bytes.len())
    })
}

fn directory_entry(bytes: &[u8], at: usize) -> Result<(Entry<'_>, usize), ReadFault> {
    if bytes.get(at..at + 4) != Some(b"PK\x01\x02") {
        return Err(BROKEN);
    }
    let word = |offset| short(bytes, at + offset).map(usize::from).ok_or(BROKEN);
    let double = |offset| long(bytes, at + offset).ok_or(BROKEN);
    let (name_length, extra, comment) = (word(28)?, word(30)?, word(32)?);
    let raw_name = bytes.get(at + 46..at + 46 + name_length).ok_or(BROKEN)?;
    let local = double(42)? as usize;
    let packed_length = double(20)? as usize;
    if bytes.get(local..local + 4) != Some(b"PK\x03\x04") {
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
        name: String::from_utf8_lossy(raw_name)
            .trim_start_matches('/')
            .to_owned(),
        method: short(bytes, at + 10).ok_or(BROKEN)?,
        crc: double(16)?,
        packed: bytes
            .get(start..start.saturating_add(packed_length))
            .ok_or(BROKEN)?,
        length: u64::from(double(24)?),
    };
    Ok((entry, at + 46 + name_length + extra + comment))
}

fn unpack(entry: &Entry<'_>, left: u64) -> Result<Vec<u8>, ReadFault> {
    if entry.length > left {
        return Err(TOO_LARGE);
    }
    let data = match entry.method {
        0 => entry.packed.to_vec(),
        8 => {
            let mut data = Vec::new();
            DeflateDecoder::new(entry.packed)
                .take(entry.length + 1)
                .read_to_end(&mut data)
                .map_err(|_| BROKEN)?;
            data
        }
        _ => return Err(ReadFault("文件包使用了不支持的压缩方式")),
    };
    let mut crc = Crc::new();
    crc.update(&data);
    if data.len() as u64 != entry.length || crc.sum() != entry.crc {
        return Err(BROKEN);
    }
    Ok(data)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([pair[0], pair[1]]))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
