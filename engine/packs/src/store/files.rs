//! Table `pack_file`: contents by their digest. A row proves itself and is never changed.

use std::collections::BTreeMap;

use tongban_base::{Problem, Result};
use tongban_store::{Row, Tx, Value, params, row_changed};

use crate::Folder;
use crate::folder::Content;

const AT_ONCE: usize = 200;

/// Those that are not there.
pub(crate) async fn keep(tx: &mut Tx, contents: &BTreeMap<String, Content>) -> Result<()> {
    let mut wanted = contents.clone();
    let digests: Vec<&str> = contents.keys().map(String::as_str).collect();
    for some in digests.chunks(AT_ONCE) {
        for row in with_digests(tx, "digest", some).await? {
            wanted.remove(row.get::<String>("digest")?.as_str());
        }
    }
    for (digest, content) in &wanted {
        tx.insert_or(
            "INSERT INTO pack_file (digest, content)",
            params![digest, content.bytes()],
            "ON CONFLICT (digest) DO NOTHING",
        );
    }
    Ok(())
}

async fn with_digests(tx: &mut Tx, columns: &str, digests: &[&str]) -> Result<Vec<Row>> {
    let places: Vec<String> = (1..=digests.len()).map(|n| format!("${n}")).collect();
    let places = places.join(", ");
    let sql = format!("SELECT {columns} FROM pack_file WHERE digest IN ({places})");
    let values: Vec<Value> = digests.iter().map(|digest| Value::from(*digest)).collect();
    tx.query(&sql, &values).await
}

/// The files with these digests. Errors: one is not there, or was changed beside the program.
pub(super) async fn load(tx: &mut Tx, digests: &BTreeMap<String, String>) -> Result<Folder> {
    let mut wanted: Vec<&str> = digests.values().map(String::as_str).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut contents: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for some in wanted.chunks(AT_ONCE) {
        for row in with_digests(tx, "digest, content", some).await? {
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
