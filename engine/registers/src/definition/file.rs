//! The file of a definition as it is written. Unknown keys are faults.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_documents::FileKind;
use tongban_packs::Basis;

use super::access::Access;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterFile {
    pub code: String,
    pub title: String,
    pub key: String,
    #[serde(default)]
    pub unique: Vec<Vec<String>>,
    #[serde(default)]
    pub indexes: Vec<Vec<String>>,
    pub list: Vec<String>,
    #[serde(default)]
    pub filters: Vec<String>,
    #[serde(default)]
    pub sensitive: Vec<String>,
    #[serde(default)]
    pub checks: Vec<CheckFile>,
    /// The field that says which organisation a record belongs to.
    pub owner: Option<String>,
    /// By role.
    #[serde(default)]
    pub access: BTreeMap<String, Access>,
    #[serde(default)]
    pub action: Vec<ActionFile>,
    #[serde(default)]
    pub count: Vec<CountFile>,
    pub publish: Option<PublishFile>,
    #[serde(default)]
    pub example: bool,
    /// For readers of the file.
    #[serde(default, rename = "basis")]
    pub _basis: Option<Basis>,
    pub schema: Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckFile {
    pub rule: String,
    /// JSON pointer of the field that the words stand beside.
    pub field: String,
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionFile {
    pub title: String,
    pub procedure: String,
    pub when: Option<String>,
    #[serde(default)]
    pub roles: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountFile {
    pub fields: Vec<String>,
    #[serde(rename = "where")]
    pub condition: Option<String>,
    pub most: usize,
    pub message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishFile {
    pub to: Readers,
    pub path: String,
    #[serde(rename = "where")]
    pub condition: Option<String>,
    pub title: String,
    pub body: Option<String>,
    pub date: Option<String>,
    pub until: Option<String>,
    pub pinned: Option<String>,
    pub category: Option<String>,
    #[serde(default)]
    pub carousel: bool,
}

/// `"public"`, or roles of officers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Readers {
    Word(String),
    Roles(Vec<String>),
}

/// A property of the schema with `format = "file"`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileProperty {
    #[serde(rename = "type")]
    pub _type: TextType,
    #[serde(rename = "format")]
    pub _format: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub formats: Vec<FileKind>,
    pub max_mb: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TextType {
    String,
}
