//! Records, their history, and what a list shows of them. Knows no table and no page.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use tongban_base::{Scoped, Timestamp, id};
use tongban_store::{ObjectId, store_ids};

id!(RecordId);
store_ids!(RecordId);

/// A record with what it says, decrypted.
#[derive(Clone, Debug)]
pub struct RegisterRecord {
    pub id: RecordId,
    /// The code of its register.
    pub register: String,
    pub title: String,
    pub organisation: String,
    pub division: String,
    pub data: Map<String, Json>,
    /// Counts its changes; a change names the version that it saw.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

impl Scoped for RegisterRecord {
    fn organisation(&self) -> Option<&str> {
        Some(&self.organisation)
    }
    fn division(&self) -> Option<&str> {
        Some(&self.division)
    }
}

/// What a record says of a file that it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileValue {
    pub object: ObjectId,
    pub name: String,
    pub media_type: String,
}

impl FileValue {
    /// None for whatever is no file.
    pub fn of(value: &Json) -> Option<Self> {
        value
            .is_object()
            .then(|| serde_json::from_value(value.clone()).ok())?
    }
}

/// A line of a list: the cells in words, personal numbers masked, in the order of the definition's columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    pub id: RecordId,
    pub cells: Vec<String>,
}

/// A record with its history, the newest line first.
#[derive(Clone, Debug)]
pub struct OpenRecord {
    pub record: RegisterRecord,
    pub history: Vec<HistoryLine>,
    /// Whether the reader may change it.
    pub may_write: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct HistoryLine {
    pub version: i64,
    pub at: Timestamp,
    /// created, changed, deleted, imported, undone
    pub kind: String,
    pub actor_name: String,
    pub reason: String,
    pub changes: Vec<Change>,
}

/// One field as it was and as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub before: Json,
    pub after: Json,
}

/// The fields that differ, in the order of the definition.
pub(crate) fn differences<'f>(
    fields: impl Iterator<Item = &'f str>,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
) -> Vec<Change> {
    fields
        .map(|field| Change {
            field: field.to_owned(),
            before: before.get(field).cloned().unwrap_or_default(),
            after: after.get(field).cloned().unwrap_or_default(),
        })
        .filter(|change| change.before != change.after)
        .collect()
}
