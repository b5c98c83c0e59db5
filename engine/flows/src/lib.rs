//! Flows: a BPMN 2.0 engine whose state is an occurrence net. Each verb of an office (complete, return,
//! withdraw, add a signer …) is an operation on that net, so that it is well defined on any process.
//! Knows no case, form or document; operations and conditions are handed in.

mod bpmn;
mod definition;
mod net;

pub use definition::{
    Condition, Conditions, Decision, Definition, Diagnostic, Effect, Effects, FlowIx, Joint, Kind,
    Node, NodeIx, Rule, TimerSpec, Trigger, UserTask,
};
pub use net::{
    AddedSigner, Assignment, Change, Closed, Completion, Deviation, Environment, Firing,
    FiringKind, FiringNo, Instance, Inverse, Message, Mode, Note, OperationCall, OperationRecord,
    Person, Place, Plan, PlanStep, Refusal, Run, SignerPlace, Status, Target, Timer, Token,
    TokenNo, Verb, apply,
};
