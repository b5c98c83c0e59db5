//! Table `pack_in_force`: one row, the files of the pack that was last published.

use std::collections::BTreeMap;

use tongban_base::{Problem, Result, Timestamp};
use tongban_store::{Row, Tx, params};

use crate::Folder;

/// None before anything was published.
pub async fn in_force(tx: &mut Tx) -> Result<Option<Folder>> {
    let row = tx
        .query_opt("SELECT files FROM pack_in_force WHERE one = 1", params![])
        .await?;
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
    tx.execute(
        "INSERT INTO pack_in_force (one, files, published_at) VALUES (1, $1, $2)
         ON CONFLICT (one) DO UPDATE SET files = excluded.files, published_at = excluded.published_at",
        params![serde_json::Value::Object(files), now],
    )
    .await?;
    Ok(())
}
