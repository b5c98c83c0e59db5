//! What a verb did, as the store and the caller need it. Task and timer changes are differences of the cut.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use tongban_base::Timestamp;

use super::firing::FiringNo;
use super::token::TokenNo;
use crate::definition::{Effect, NodeIx};

/// An operation to run now; its result is handed to `Run::supply`.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationCall {
    pub firing: FiringNo,
    pub element: String,
    pub operation: String,
    pub arguments: Value,
    pub effect: Effect,
}

/// An operation whose step was undone, with what it had given back. In reverse causal order.
#[derive(Clone, Debug, PartialEq)]
pub struct Inverse {
    pub firing: FiringNo,
    pub element: String,
    pub operation: String,
    pub arguments: Value,
    pub effect: Effect,
    pub result: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    pub token: TokenNo,
    pub node: NodeIx,
    pub due: Timestamp,
    /// When it began to run; none when it came with other work and keeps its end.
    pub since: Option<Timestamp>,
}

/// How a task ceased to be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    Done,
    /// Something else ended it: an event, a rule of a joint sign, a stop.
    Cancelled,
    /// A change of signers put another task in its place.
    Replaced,
    /// A return took it back.
    Undone,
}

impl Closed {
    pub fn write(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Replaced => "replaced",
            Self::Undone => "undone",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        [Self::Done, Self::Cancelled, Self::Replaced, Self::Undone]
            .into_iter()
            .find(|how| how.write() == text)
    }
}

/// Going straight back came out differently at a gateway, because a rule read changed data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    pub element: String,
    pub name: String,
    pub was: Vec<String>,
    pub now: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    pub firings: Vec<FiringNo>,
    pub undone: Vec<FiringNo>,
    /// Tokens that are new, or whose consumption or life changed.
    pub tokens: BTreeSet<TokenNo>,
    /// Tokens that came alive again.
    pub revived: Vec<TokenNo>,
    pub opened: Vec<TokenNo>,
    pub closed: Vec<(TokenNo, Closed)>,
    pub armed: Vec<Timer>,
    pub disarmed: Vec<(TokenNo, NodeIx)>,
    /// All timers run on by so many milliseconds.
    pub timers_shifted: Option<i64>,
    pub operations: Vec<OperationCall>,
    pub inverses: Vec<Inverse>,
    pub deviations: Vec<Deviation>,
    /// Recorded steps that a straight way back could not put back.
    pub dropped: Vec<FiringNo>,
}
