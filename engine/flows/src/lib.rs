//! Flows: a BPMN 2.0 engine whose state is an occurrence net. Each verb of an office (complete, return,
//! withdraw, add a signer …) is an operation on that net, so that it is well defined on any process.
//! Knows no case, form or document; operations and conditions are handed in.

mod bpmn;
mod chain;
mod definition;
mod model;
mod net;
mod service;
mod store;

use tongban_store::{Marked, Migration};

pub use chain::{APPLICANT, ChainFile, Drawing};
pub use definition::{
    Asks, Condition, Conditions, Decision, Definition, Diagnostic, Effect, Effects, Entry,
    EntryKind, FlowIx, Joint, Kind, Named, Node, NodeIx, Phase, Rule, ServiceTask, Signers,
    TimerSpec, Tone, Trigger, UserTask, Word,
};
pub use model::{
    DoneStep, DueTimer, GroupQuery, HistoryStep, InstanceId, InstanceView, NewInstance, Outcome,
    SignerPlaceView, Subjects, Task, TaskFilter, TaskGroup, TaskId, TaskOrder, TaskQuery, Where,
};
pub use net::{
    AddedSigner, Assignment, Change, Closed, Completion, Deviation, Environment, Firing,
    FiringKind, FiringNo, Instance, Inverse, Message, Mode, Note, OperationCall, OperationRecord,
    People, Person, Place, Plan, PlanStep, Refusal, Run, Signature, Signer, SignerPlace, Status,
    Target, Timer, Token, TokenNo, Verb, apply,
};
pub use service::{
    Engine, Operations, UNDO_BLOCKING, add_signer, beside_in_queue, claim, complete,
    count_open_tasks, delegate, deliver_message, due_timers, fire_timer, hand_over, history, hold,
    instance, joint_tasks, last_done_task, load_instance, open_groups, open_tasks, places, rank,
    release_task, remove_signer, resume, return_to, returnable_steps, start, stop, take_back, task,
    tasks_by, tasks_of_groups, tasks_of_instance, wake, withdraw,
};

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "flows",
        name: "0001_flows",
        sql: include_str!("../migrations/0001_flows.sql"),
    },
    Migration {
        module: "flows",
        name: "0002_timers_claimed",
        sql: include_str!("../migrations/0002_timers_claimed.sql"),
    },
    Migration {
        module: "flows",
        name: "0003_people",
        sql: include_str!("../migrations/0003_people.sql"),
    },
    Migration {
        module: "flows",
        name: "0004_marks",
        sql: include_str!("../migrations/0004_marks.sql"),
    },
    Migration {
        module: "flows",
        name: "0005_marked_firings",
        sql: include_str!("../migrations/0005_marked_firings.sql"),
    },
    Migration {
        module: "flows",
        name: "0006_queue",
        sql: include_str!("../migrations/0006_queue.sql"),
    },
];

/// The tables whose rows carry a mark.
pub static MARKED: &[&Marked] = &store::MARKED;
