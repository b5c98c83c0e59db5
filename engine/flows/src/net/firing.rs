//! A firing: one step that happened. Never erased; an undone one says by which verb.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongban_base::Timestamp;

use super::token::TokenNo;
use crate::definition::{Effect, NodeIx};

/// Counts from 1 within an instance; 0 stands for the world outside. Effects have greater numbers than causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FiringNo(pub i64);

impl FiringNo {
    pub const OUTSIDE: Self = Self(0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FiringKind {
    /// A scope began.
    Start,
    /// A gateway or a milestone was passed.
    Pass,
    Service,
    Complete,
    /// A joint sign was opened.
    Open,
    Sign,
    AddSigner,
    RemoveSigner,
    /// A sub-process was entered.
    Enter,
    /// A joint sign or a sub-process was finished.
    Close,
    /// A message arrived from outside.
    Message,
    Timer,
    Catch,
    End,
    Terminate,
    Withdraw,
    Stop,
    /// The record of a return. Moves no token; messages of interruptions that it lifts are used up by it.
    Return,
}

impl FiringKind {
    pub fn write(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pass => "pass",
            Self::Service => "service",
            Self::Complete => "complete",
            Self::Open => "open",
            Self::Sign => "sign",
            Self::AddSigner => "add_signer",
            Self::RemoveSigner => "remove_signer",
            Self::Enter => "enter",
            Self::Close => "close",
            Self::Message => "message",
            Self::Timer => "timer",
            Self::Catch => "catch",
            Self::End => "end",
            Self::Terminate => "terminate",
            Self::Withdraw => "withdraw",
            Self::Stop => "stop",
            Self::Return => "return",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_value(Value::String(text.to_owned())).ok()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct OperationRecord {
    pub operation: String,
    pub arguments: Value,
    pub effect: Effect,
    /// What the operation gave back; its inverse is called with it.
    pub result: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Firing {
    pub no: FiringNo,
    pub kind: FiringKind,
    pub node: Option<NodeIx>,
    pub net: FiringNo,
    pub consumes: Vec<TokenNo>,
    /// Tokens that were needed but stay.
    pub reads: Vec<TokenNo>,
    pub produces: Vec<TokenNo>,
    pub at: Timestamp,
    pub actor: String,
    pub decision: String,
    pub opinion: String,
    /// The change of data that came with it.
    pub data: Value,
    pub operation: Option<OperationRecord>,
    /// The undone firing that this one puts back.
    pub restores: Option<FiringNo>,
    pub undone_by: Option<FiringNo>,
}

impl Firing {
    pub fn is_undone(&self) -> bool {
        self.undone_by.is_some()
    }

    pub(crate) fn causes(&self) -> impl Iterator<Item = TokenNo> {
        self.consumes.iter().chain(&self.reads).copied()
    }
}
