//! Whether the package of an OFD opens and leads to a document with pages. Its seals are judged elsewhere.

use super::Refusal;
use crate::container::{Archive, Package, Place};
use crate::ofd::package::{self, ROOT};

/// No description is longer.
const LONGEST_PART: u64 = 8 * 1024 * 1024;

pub(super) fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let broken = |words: &str| {
        Refusal::new(
            "upload.damaged",
            format!("这个 OFD 文件打不开：{words}。请用原文件重新上传"),
        )
    };
    let archive = Archive::read(bytes).map_err(|fault| broken(fault.0))?;
    let mut package = Package::default();
    load(&archive, &mut package, ROOT).ok_or_else(|| broken("缺少 OFD.xml"))?;
    let bodies = package::bodies(&package).map_err(|fault| broken(&fault.message))?;
    for body in &bodies {
        let is_there = load(&archive, &mut package, &body.document).is_some()
            && package::has_pages(&package, &body.document);
        if !is_there {
            return Err(broken("里面没有页面"));
        }
    }
    Ok(())
}

fn load(archive: &Archive, package: &mut Package, path: &str) -> Option<()> {
    let entry = match archive.find(path) {
        Place::Exact(entry) | Place::Near(entry) => entry,
        Place::Missing => return None,
    };
    if entry.length > LONGEST_PART {
        return None;
    }
    let data = entry.unpack().ok()?.into_owned();
    package.add(path.to_owned(), data);
    Some(())
}
