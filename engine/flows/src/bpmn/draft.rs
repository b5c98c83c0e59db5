//! The process as it was drawn, names not yet resolved. Knows no XML and no rule.

use crate::definition::{Decision, Diagnostic, Joint, Phase, TimerSpec};

pub(crate) struct Draft {
    pub id: String,
    pub name: String,
    pub line: u32,
    pub nodes: Vec<DraftNode>,
    pub flows: Vec<DraftFlow>,
    /// The node of each scope; the first is the process itself.
    pub scopes: Vec<Option<usize>>,
}

pub(crate) struct DraftNode {
    pub id: String,
    pub name: String,
    pub line: u32,
    pub scope: usize,
    pub kind: DraftKind,
    pub default: Option<String>,
}

impl DraftNode {
    pub fn fault(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            element: self.id.clone(),
            name: self.name.clone(),
            line: self.line,
            message: message.into(),
        }
    }
}

pub(crate) struct DraftFlow {
    pub id: String,
    pub name: String,
    pub line: u32,
    pub scope: usize,
    pub source: String,
    pub target: String,
    pub condition: Option<String>,
}

impl DraftFlow {
    pub fn fault(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            element: self.id.clone(),
            name: self.name.clone(),
            line: self.line,
            message: message.into(),
        }
    }
}

pub(crate) enum DraftKind {
    Start,
    End {
        terminate: bool,
    },
    Pass,
    User(DraftUser),
    Service {
        operation: String,
        arguments: Option<String>,
    },
    Catch(DraftTrigger),
    Exclusive,
    Parallel,
    Inclusive,
    EventGateway,
    Boundary {
        host: String,
        interrupting: bool,
        trigger: DraftTrigger,
    },
    SubProcess(usize),
}

pub(crate) struct DraftUser {
    pub role: String,
    pub stage: String,
    pub phase: Option<Phase>,
    pub limit: Option<u32>,
    pub decisions: Vec<Decision>,
    pub multi: Option<DraftMulti>,
}

pub(crate) struct DraftMulti {
    pub joint: Joint,
    pub signers: DraftSigners,
}

pub(crate) enum DraftSigners {
    List(String),
    Count(String),
}

#[derive(Clone)]
pub(crate) enum DraftTrigger {
    Timer(TimerSpec),
    Message { name: String, key: Option<String> },
}
