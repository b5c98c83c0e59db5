//! The file of a definition as it is written. Unknown keys are faults.

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_packs::Basis;

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
