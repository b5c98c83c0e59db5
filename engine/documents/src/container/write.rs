//! The canonical form: entries stored uncompressed and in order, no dates, no attributes, no comments.

use flate2::Crc;

use super::Package;
use crate::DocumentError;

const UTF8_NAMES: u16 = 0x0800;
const VERSION: u16 = 20;
/// 1980-01-01, the first day that the format knows.
const DATE: u16 = 0x0021;

impl Package {
    /// # Errors
    /// When the package is larger than the format allows (4 GB, 65,535 files).
    pub(crate) fn write(&self) -> Result<Vec<u8>, DocumentError> {
        package(self.entries())
    }
}

/// The package of these files.
pub(super) fn package<'a>(
    entries: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<Vec<u8>, DocumentError> {
    let too_large = |_| DocumentError::new("ofd", "文件太大，无法打包");
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let mut count = 0usize;
    for (name, data) in entries {
        let offset = u32::try_from(out.len()).map_err(too_large)?;
        let fields = fields(name, data)?;
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&fields);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(data);
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend_from_slice(&VERSION.to_le_bytes());
        directory.extend_from_slice(&fields);
        // Comment length, disk, internal and external attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        count += 1;
    }
    let count = u16::try_from(count).map_err(too_large)?;
    let start = u32::try_from(out.len()).map_err(too_large)?;
    let length = u32::try_from(directory.len()).map_err(too_large)?;
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    Ok(out)
}

/// The fields that a local header and its directory entry share.
fn fields(name: &str, data: &[u8]) -> Result<Vec<u8>, DocumentError> {
    let too_large = |_| DocumentError::new("ofd", "文件太大，无法打包");
    let mut crc = Crc::new();
    crc.update(data);
    let length = u32::try_from(data.len()).map_err(too_large)?;
    let name_length = u16::try_from(name.len()).map_err(too_large)?;
    let mut out = Vec::with_capacity(26);
    for word in [VERSION, UTF8_NAMES, 0, 0, DATE] {
        out.extend_from_slice(&word.to_le_bytes());
    }
    for long in [crc.sum(), length, length] {
        out.extend_from_slice(&long.to_le_bytes());
    }
    out.extend_from_slice(&name_length.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    Ok(out)
}
