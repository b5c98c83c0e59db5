//! A token: produced by exactly one firing, consumed by at most one.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongban_base::Timestamp;

use super::firing::FiringNo;
use super::place::Place;
use crate::definition::Joint;

/// Counts from 1 within an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenNo(pub i64);

/// Who signed a place of a joint sign, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub account: String,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
}

/// What a token carries besides its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The decision of the task completed last upstream.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub decision: String,
    /// Who is to sign; empty: whoever has the role of the task.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signer: String,
    /// Who signs afterwards, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rest: Vec<String>,
    /// The signer was taken away and has decided nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Signature>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<Joint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

impl Note {
    pub fn decided(decision: impl Into<String>) -> Self {
        Self {
            decision: decision.into(),
            ..Self::default()
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub no: TokenNo,
    pub place: Place,
    /// The firing that opened the nested net in which the token lives; 0 for the process itself.
    pub net: FiringNo,
    pub by: FiringNo,
    pub consumed_by: Option<FiringNo>,
    /// Its producer was undone.
    pub undone: bool,
    pub note: Note,
}

impl Token {
    pub fn is_live(&self) -> bool {
        self.consumed_by.is_none() && !self.undone
    }
}
