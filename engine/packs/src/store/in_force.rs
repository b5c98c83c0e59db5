//! Table `pack_in_force`: one row, the files of the pack that was last published.

use std::collections::BTreeMap;

use tongban_base::{Problem, Result, Timestamp};
use tongban_store::{Marked, Row, Tx, params};

use crate::Folder;

pub(crate) static IN_FORCE: Marked =
    Marked::new("pack_in_force", &["one", "files", "published_at"], &[]);

/// None before anything was published. Errors: the row was changed beside the program.
pub async fn in_force(tx: &mut Tx) -> Result<Option<Folder>> {
    let columns = IN_FORCE.select("p");
    let sql = format!("SELECT {columns} FROM pack_in_force p WHERE one = 1");
    let row = tx.query_marked(&IN_FORCE, &sql, params![]).await?;
    row.as_ref().map(folder).transpose()
}

fn folder(row: &Row) -> Result<Folder> {
    let files: serde_json::Value = row.get("files")?;
    let files: BTreeMap<String, String> = serde_json::from_value(files)?;
    let opened = files.into_iter().map(|(name, content)| {
        let bytes = hex::decode(content).map_err(Problem::internal)?;
        Ok((name, bytes))
    });
    Ok(Folder::of(opened.collect::<Result<_>>()?))
}

/// A pack that is in force already costs a comparison.
pub async fn put_in_force(tx: &mut Tx, folder: &Folder, now: Timestamp) -> Result<()> {
    if in_force(tx).await?.as_ref() == Some(folder) {
        return Ok(());
    }
    let files: serde_json::Map<_, _> = folder
        .files()
        .map(|(name, content)| (name.to_owned(), hex::encode(content).into()))
        .collect();
    tx.insert_marked_or(
        &IN_FORCE,
        params![1, serde_json::Value::Object(files), now],
        "ON CONFLICT (one) DO UPDATE SET files = excluded.files, published_at = excluded.published_at,
             mark = excluded.mark",
    )
}
