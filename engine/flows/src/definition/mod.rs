//! A process compiled once per release: nodes, flows, scopes, reachability.
//! Knows no XML and no instance.

mod attributes;
mod bits;
mod checks;
mod compile;
mod exhaustive;
mod reach;
mod timer;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chain::Origin;

pub use attributes::{Asks, EntryKind, Phase, Tone, Word};
pub(crate) use attributes::{Opinion, Sure};
pub use bits::Bits;
pub use timer::TimerSpec;
pub use tongban_operations::Effect;

pub(crate) use compile::compile;

/// A node of the process, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIx(pub u16);

/// A sequence flow, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowIx(pub u16);

/// The process itself (0) or a sub-process, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeIx(pub u16);

/// What is wrong with a definition, where, and why, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The id of the element; empty when the file as a whole is meant.
    pub element: String,
    pub name: String,
    pub line: u32,
    pub message: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "第 {} 行", self.line)?;
        match (self.name.is_empty(), self.element.is_empty()) {
            (false, _) => write!(f, "「{}」（{}）", self.name, self.element)?,
            (true, false) => write!(f, "（{}）", self.element)?,
            (true, true) => {}
        }
        write!(f, "：{}", self.message)
    }
}

/// Who a drawing names as signers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// As they are written: `role:…` or what an officer is called by.
    pub written: Vec<String>,
    /// Others are named by values, when the step begins.
    pub open: bool,
}

/// A compiled expression of the flow.
pub trait Condition: Send + Sync {
    /// As it is written.
    fn source(&self) -> &str;

    /// The texts that it can give; known before it runs where they are written in it.
    fn texts(&self) -> Named {
        Named {
            written: Vec::new(),
            open: true,
        }
    }

    /// The value under the given variables; `decision` is that of the task completed last upstream.
    fn value(&self, variables: &Value, decision: &str) -> Result<Value, String>;

    /// Anything but `true` counts as not met.
    fn holds(&self, variables: &Value, decision: &str) -> Result<bool, String> {
        Ok(self.value(variables, decision)? == Value::Bool(true))
    }
}

/// Compiles expressions when a definition is loaded; unknown names and wrong types are found here.
pub trait Conditions {
    fn compile(&self, source: &str) -> Result<Box<dyn Condition>, String>;
}

/// Which operations exist, and the effect class of each.
pub trait Effects {
    fn effect(&self, operation: &str) -> Option<Effect>;

    /// The names of the arguments that an operation reads.
    fn arguments(&self, _operation: &str) -> Vec<&str> {
        Vec::new()
    }

    /// Where the matter stands after an operation that moves it in law.
    fn phase_after(&self, _operation: &str) -> Option<Phase> {
        None
    }
}

impl<F: Fn(&str) -> Option<Effect>> Effects for F {
    fn effect(&self, operation: &str) -> Option<Effect> {
        self(operation)
    }
}

/// A choice that the handler of a task has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub name: String,
    pub label: String,
    pub opinion_required: bool,
    #[serde(default)]
    pub asks: Option<Asks>,
    #[serde(default)]
    pub tone: Tone,
    /// What law and office allow as reasons; each can be chosen instead of written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// It may be chosen for many tasks at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub batch: bool,
    /// What is written down with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
}

/// Something that is written down with a decision: the number of a parcel, the name of whoever signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub label: String,
    #[serde(default)]
    pub kind: EntryKind,
    #[serde(default)]
    pub required: bool,
}

impl Decision {
    /// What is decided for many at once is looked at in none: nothing may be missing in it, and it harms nobody.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let needs = self.entries.iter().any(|entry| entry.required);
        let asks = self.opinion_required || self.asks.is_some() || needs;
        match (self.batch, asks, self.tone) {
            (true, true, _) => Some("要写理由、要补正或者要登记内容的决定不能批量办理（batch）"),
            (true, _, Tone::Harmful) => Some("对申请人不利的决定不能批量办理（batch）"),
            _ => None,
        }
    }
}

/// When a joint sign is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Everyone has signed.
    All,
    /// The first signature decides.
    Any,
    /// So many signers have decided the same.
    Count(u32),
}

/// How the signers of a joint sign work together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joint {
    pub sequential: bool,
    pub rule: Rule,
}

/// Who signs, found when the activity begins.
pub enum Signers {
    /// A list of texts: accounts, or `role:…`.
    List(Box<dyn Condition>),
    /// A number of signers of the task's role.
    Count(Box<dyn Condition>),
}

pub struct Multi {
    pub joint: Joint,
    pub signers: Signers,
}

pub struct UserTask {
    pub role: String,
    /// What is shown while the task waits; only words.
    pub stage: String,
    /// Where the matter stands in law while the task waits; none where a process has no such thing.
    pub phase: Option<Phase>,
    /// Working days.
    pub limit: Option<u32>,
    pub decisions: Vec<Decision>,
    pub multi: Option<Multi>,
}

impl UserTask {
    /// The signers of a joint sign; nobody where it has none, or only a number of them.
    pub fn named(&self) -> Named {
        match self.multi.as_ref().map(|multi| &multi.signers) {
            Some(Signers::List(list)) => list.texts(),
            Some(Signers::Count(_)) | None => Named::default(),
        }
    }
}

pub struct ServiceTask {
    pub operation: String,
    pub arguments: Value,
    pub effect: Effect,
}

pub enum Trigger {
    Timer(TimerSpec),
    /// `key` is compared with the key of the message; without one every message of the name fits.
    Message {
        name: String,
        key: Option<Box<dyn Condition>>,
    },
}

pub enum Kind {
    Start,
    End {
        terminate: bool,
    },
    /// A milestone: nothing happens.
    Pass,
    User(UserTask),
    Service(ServiceTask),
    Catch(Trigger),
    Exclusive,
    Parallel,
    Inclusive,
    EventGateway,
    Boundary {
        host: NodeIx,
        interrupting: bool,
        trigger: Trigger,
    },
    SubProcess(ScopeIx),
}

pub struct Node {
    pub id: String,
    pub name: String,
    /// Where it was written: of a chain, the line of the chain.
    pub line: u32,
    /// The step that it was drawn for, where it was written as a chain.
    pub step: Option<String>,
    pub scope: ScopeIx,
    pub kind: Kind,
    pub incoming: Vec<FlowIx>,
    pub outgoing: Vec<FlowIx>,
    pub default: Option<FlowIx>,
    pub boundaries: Vec<NodeIx>,
}

pub struct Flow {
    pub id: String,
    pub source: NodeIx,
    pub target: NodeIx,
    pub condition: Option<Box<dyn Condition>>,
}

pub struct Scope {
    /// The sub-process node; none for the process itself.
    pub node: Option<NodeIx>,
    pub start: NodeIx,
}

/// An incoming flow of an inclusive join, and the nodes from which it can be reached without passing the join.
pub struct JoinInput {
    pub join: NodeIx,
    pub flow: FlowIx,
    pub scope: ScopeIx,
    pub sources: Bits,
}

pub struct Definition {
    pub id: String,
    pub name: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) flows: Vec<Flow>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) join_inputs: Vec<JoinInput>,
    pub(crate) nodes_by_id: HashMap<String, NodeIx>,
    pub(crate) flows_by_id: HashMap<String, FlowIx>,
}

pub const ROOT: ScopeIx = ScopeIx(0);

impl Node {
    /// What whoever wrote it calls it; nothing for the beginning and the ends of a chain.
    pub fn called(&self) -> &str {
        self.step.as_deref().unwrap_or(&self.id)
    }
}

impl Definition {
    /// Tells of nodes where they were written, instead of where they were drawn.
    pub(crate) fn written_as(&mut self, origins: &HashMap<String, Origin>) {
        for node in &mut self.nodes {
            if let Some(origin) = origins.get(&node.id) {
                node.line = origin.line;
                node.step = Some(origin.step.clone());
            }
        }
    }

    pub fn node(&self, ix: NodeIx) -> &Node {
        &self.nodes[usize::from(ix.0)]
    }

    pub fn flow(&self, ix: FlowIx) -> &Flow {
        &self.flows[usize::from(ix.0)]
    }

    pub fn scope(&self, ix: ScopeIx) -> &Scope {
        &self.scopes[usize::from(ix.0)]
    }

    pub fn find(&self, id: &str) -> Option<NodeIx> {
        self.nodes_by_id.get(id).copied()
    }

    pub fn find_flow(&self, id: &str) -> Option<FlowIx> {
        self.flows_by_id.get(id).copied()
    }

    pub fn nodes(&self) -> impl Iterator<Item = (NodeIx, &Node)> {
        (0..).map(NodeIx).zip(&self.nodes)
    }

    pub fn flows(&self) -> impl Iterator<Item = (FlowIx, &Flow)> {
        (0..).map(FlowIx).zip(&self.flows)
    }

    /// The conditions as they are written, each with the node that it leads away from.
    pub fn conditions(&self) -> impl Iterator<Item = (&Node, &str)> {
        let of = |flow: &'_ Flow| flow.condition.is_some();
        self.flows.iter().filter(move |flow| of(flow)).map(|flow| {
            let source = flow.condition.as_ref().map_or("", |c| c.source());
            (self.node(flow.source), source)
        })
    }

    pub fn user_task(&self, ix: NodeIx) -> Option<&UserTask> {
        match &self.node(ix).kind {
            Kind::User(task) => Some(task),
            _ => None,
        }
    }

    /// Whether a node is drawn in a sub-process.
    pub fn is_inside(&self, ix: NodeIx) -> bool {
        self.node(ix).scope != ROOT
    }

    /// Whether officers are named, by what they are called or by values.
    pub fn names_officers(&self) -> bool {
        self.nodes().any(|(ix, _)| {
            let named = self.user_task(ix).map(UserTask::named).unwrap_or_default();
            named.open || named.written.iter().any(|text| !text.starts_with("role:"))
        })
    }

    /// An inclusive gateway that waits for several flows.
    pub(crate) fn is_inclusive_join(&self, ix: NodeIx) -> bool {
        let node = self.node(ix);
        matches!(node.kind, Kind::Inclusive) && node.incoming.len() > 1
    }
}
