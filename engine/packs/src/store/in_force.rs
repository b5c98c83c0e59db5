//! Table `pack_in_force`: one row, the files of the pack that was last published.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tongban_base::{Problem, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params};

use super::files;
use crate::Folder;

pub(crate) static IN_FORCE: Marked =
    Marked::new("pack_in_force", &["one", "files", "published_at"], &[]);

/// How the files of a row are written: their digests, or, by an older program, their content.
enum Files {
    Digests(BTreeMap<String, String>),
    Contents(Folder),
}

/// None before anything was published. Errors: the row was changed beside the program.
pub async fn in_force(tx: &mut Tx) -> Result<Option<Folder>> {
    Ok(match read(tx).await? {
        None => None,
        Some(Files::Contents(folder)) => Some(folder),
        Some(Files::Digests(digests)) => Some(files::load(tx, &digests).await?),
    })
}

/// Whether the pack that was published last has these files; their contents are not read. Errors as for `in_force`.
pub async fn is_in_force(tx: &mut Tx, folder: &Folder) -> Result<bool> {
    Ok(match read(tx).await? {
        None => false,
        Some(Files::Contents(stored)) => stored == *folder,
        Some(Files::Digests(stored)) => {
            let stored = stored
                .iter()
                .map(|(name, digest)| (name.as_str(), digest.as_str()));
            stored.eq(folder.digests())
        }
    })
}

async fn read(tx: &mut Tx) -> Result<Option<Files>> {
    let columns = IN_FORCE.select("p");
    let sql = format!("SELECT {columns} FROM pack_in_force p WHERE one = 1");
    let row = tx.query_marked(&IN_FORCE, &sql, params![]).await?;
    row.as_ref().map(files_of).transpose()
}

fn files_of(row: &Row) -> Result<Files> {
    let files: Json = row.get("files")?;
    if let Some(digests) = files.get("digests").filter(|digests| digests.is_object()) {
        return Ok(Files::Digests(serde_json::from_value(digests.clone())?));
    }
    let files: BTreeMap<String, String> = serde_json::from_value(files)?;
    let opened = files.into_iter().map(|(name, content)| {
        let bytes = hex::decode(content).map_err(Problem::internal)?;
        Ok((name, bytes))
    });
    let opened: Vec<_> = opened.collect::<Result<_>>()?;
    Ok(Files::Contents(Folder::of(opened.into_iter())))
}

/// A pack that is in force already costs a comparison. The contents of its files are there already.
pub(crate) async fn put_in_force(tx: &mut Tx, folder: &Folder, now: Timestamp) -> Result<()> {
    if is_in_force(tx, folder).await? {
        return Ok(());
    }
    let digests: BTreeMap<&str, &str> = folder.digests().collect();
    tx.insert_marked_or(
        &IN_FORCE,
        params![1, json!({ "digests": digests }), now],
        "ON CONFLICT (one) DO UPDATE SET files = excluded.files, published_at = excluded.published_at,
             mark = excluded.mark",
    )
}
