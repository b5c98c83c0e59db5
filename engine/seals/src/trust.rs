//! Whom to trust when there is no database: the root's certificate in a file. Knows no key.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tongban_base::{Problem, Result};
use tongban_crypto::{Certificate, Trust};

/// Stands in the folder of keys; holds a certificate only.
pub const ROOT_FILE: &str = "authority-root.pem";

const END: &str = "-----END CERTIFICATE-----";
/// A list of trusted roots is no larger.
const LARGEST: u64 = 1024 * 1024;

/// Written to another name and renamed, so that a reader never meets half of it.
pub(super) fn write_root(folder: &Path, pem: &str) -> io::Result<()> {
    let target = folder.join(ROOT_FILE);
    if fs::read_to_string(&target).is_ok_and(|old| old == pem) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let incoming = folder.join(format!("{ROOT_FILE}.new"));
    let mut file = fs::File::create(&incoming)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    fs::rename(&incoming, &target)?;
    fs::File::open(folder)?.sync_all()
}

/// Trust anchors from a PEM file with one or several certificates, or from a data folder with the demonstration root.
pub fn trust_from(path: &Path) -> Result<Trust> {
    let file = match path.is_dir() {
        true => path.join("keys").join(ROOT_FILE),
        false => path.to_path_buf(),
    };
    let failed = |why: &str| {
        let message = format!("读不了信任的根证书 {}：{why}", file.display());
        Problem::invalid("licence.trust", message)
    };
    let size = fs::metadata(&file)
        .map_err(|e| failed(&e.to_string()))?
        .len();
    if size > LARGEST {
        return Err(failed("文件太大"));
    }
    let text = fs::read_to_string(&file).map_err(|e| failed(&e.to_string()))?;
    let blocks = text
        .split_inclusive(END)
        .filter(|block| block.contains(END));
    let certificates: Vec<Certificate> = blocks
        .map(|block| Certificate::from_pem(block).map_err(|_| failed("不是 PEM 格式的证书")))
        .collect::<Result<_>>()?;
    if certificates.is_empty() {
        return Err(failed("文件里没有证书"));
    }
    Ok(Trust::new(certificates))
}
