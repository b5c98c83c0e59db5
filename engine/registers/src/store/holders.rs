//! Whose record it is, and the files that it names or has named.

use serde_json::{Map, Value as Json};
use tongban_base::{Result, Uuid};
use tongban_store::{Files, Marked, Tx, params};

use crate::model::{FileValue, RecordId};

pub(crate) static HOLDERS: Marked = Marked::new("register_holder", &["record_id", "account"], &[]);

pub(crate) static FILES: Marked = Marked::keyed("register_file", 2, &["record_id", "object"], &[])
    .with_files(Files {
        columns: &["object"],
        of: "SELECT '台账记录 ' || title AS words FROM register_record WHERE id = $1",
    });

pub(crate) fn hold(tx: &mut Tx, record: RecordId, account: Uuid) -> Result<()> {
    tx.insert_marked(&HOLDERS, params![record, account])
}

pub(crate) async fn holder(tx: &mut Tx, record: RecordId) -> Result<Option<Uuid>> {
    let columns = HOLDERS.select("h");
    let sql = format!("SELECT {columns} FROM register_holder h WHERE h.record_id = $1");
    let row = tx.query_marked(&HOLDERS, &sql, params![record]).await?;
    row.map(|row| row.get("account")).transpose()
}

/// Notes the files among what a record says that were not noted before.
pub(crate) async fn note_files(
    tx: &mut Tx,
    record: RecordId,
    data: &Map<String, Json>,
) -> Result<()> {
    for file in data.values().filter_map(FileValue::of) {
        let sql = "SELECT 1 AS there FROM register_file WHERE record_id = $1 AND object = $2";
        let known = tx.query_opt(sql, params![record, &file.object]).await?;
        if known.is_none() {
            tx.insert_marked(&FILES, params![record, &file.object])?;
            tx.flush().await?;
        }
    }
    Ok(())
}
