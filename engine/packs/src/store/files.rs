//! Table `pack_file`: contents by their digest. A row proves itself and is never changed.

use std::collections::BTreeMap;

use tongban_base::{Problem, Result};
use tongban_store::{Tx, Value, params, row_changed};

use crate::Folder;

const AT_ONCE: usize = 200;

pub(super) fn keep(tx: &mut Tx, folder: &Folder) {
    for ((_, digest), (_, content)) in folder.digests().zip(folder.files()) {
        tx.insert_or(
            "INSERT INTO pack_file (digest, content)",
            params![digest, content],
            "ON CONFLICT (digest) DO NOTHING",
        );
    }
}

/// The files with these digests. Errors: one is not there, or was changed beside the program.
pub(super) async fn load(tx: &mut Tx, digests: &BTreeMap<String, String>) -> Result<Folder> {
    let mut wanted: Vec<&str> = digests.values().map(String::as_str).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut contents: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for some in wanted.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=some.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT digest, content FROM pack_file WHERE digest IN ({})",
            places.join(", ")
        );
        let values: Vec<Value> = some.iter().map(|digest| Value::from(*digest)).collect();
        for row in tx.query(&sql, &values).await? {
            contents.insert(row.get("digest")?, row.get("content")?);
        }
    }
    let files = digests.iter().map(|(name, digest)| {
        let content = contents.get(digest).cloned();
        let content = content.ok_or_else(|| Problem::internal(format!("no content of {name}")))?;
        match tongban_crypto::sm3_hex(&content) == *digest {
            true => Ok((name.clone(), content)),
            false => Err(row_changed()),
        }
    });
    let files: Vec<_> = files.collect::<Result<_>>()?;
    Ok(Folder::of(files.into_iter()))
}
