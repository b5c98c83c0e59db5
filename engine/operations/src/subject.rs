//! What an operation is done for, as plain data.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tongban_base::{Timestamp, Uuid};
use tongban_packs::ReleaseHash;
use tongban_store::ObjectId;

/// A case, as it stands in the transaction of the operation.
#[derive(Clone, Debug)]
pub struct Subject {
    pub id: Uuid,
    pub number: String,
    /// Code and name of the procedure.
    pub procedure: String,
    pub title: String,
    pub release: ReleaseHash,
    /// Parts of the procedure, by their keys.
    pub parts: Json,
    pub account: Uuid,
    /// What is known of the person; `id_number` only of one whose name is proven.
    pub person: Json,
    pub organisation: String,
    pub division: String,
    /// The record that the case is about; it may have gone since.
    pub about: Option<About>,
    pub form: Json,
    pub answers: Json,
    pub files: Vec<SubjectFile>,
    /// None while it is being filed.
    pub filed_at: Option<Timestamp>,
    /// What was said with the decision at hand.
    pub opinion: String,
    /// What operations did for the case so far and was not taken back, the oldest first.
    pub done: Vec<DoneBefore>,
}

/// An operation that was carried out, and what it gave.
#[derive(Clone, Debug, PartialEq)]
pub struct DoneBefore {
    pub operation: String,
    pub result: Json,
}

/// A record of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub register: String,
    pub record: Uuid,
}

impl About {
    /// `unit/0190a0a0-…`: as it is stored.
    pub fn text(&self) -> String {
        format!("{}/{}", self.register, self.record)
    }

    pub fn of_text(text: &str) -> Option<Self> {
        let (register, record) = text.split_once('/')?;
        Some(Self {
            register: register.to_owned(),
            record: record.parse().ok()?,
        })
    }
}

/// What programs do with the files of a material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialUse {
    /// The picture of the holder, for the face of a licence.
    Photo,
}

/// A file that counts, with what the procedure says it is used for.
#[derive(Clone, Debug)]
pub struct SubjectFile {
    /// The code of its material.
    pub material: String,
    pub name: String,
    pub object: ObjectId,
    pub media_type: String,
    pub used_as: Option<MaterialUse>,
}

impl Subject {
    /// A part of the procedure; none where it has none, or none that can be read.
    pub fn part<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_value(self.parts.get(key)?.clone()).ok()
    }

    /// The number of a person whose name is proven.
    pub fn id_number(&self) -> Option<&str> {
        self.person.get("id_number")?.as_str()
    }

    /// The latest file that is used so.
    pub fn file_for(&self, used_as: MaterialUse) -> Option<&SubjectFile> {
        let mut latest = self.files.iter().rev();
        latest.find(|file| file.used_as == Some(used_as))
    }
}
