//! What callers see of a stored flow: ids, tasks, history, timers. Knows no statement.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongban_base::{Date, Timestamp, id};
use tongban_store::{Cursor, store_ids};

use crate::definition::Decision;
use crate::net::{Assignment, Closed, Deviation, FiringKind, FiringNo, Status, TokenNo};

id!(InstanceId, TaskId);
store_ids!(InstanceId, TaskId);

/// A flow to start. `id` is the caller's, so that starting twice is refused.
#[derive(Clone, Debug)]
pub struct NewInstance {
    pub id: InstanceId,
    /// The hash of the release whose definition it follows.
    pub release: String,
    /// What it is about, as text: the id of a case.
    pub subject: String,
    pub organisation: String,
    pub division: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceView {
    pub id: InstanceId,
    pub release: String,
    pub subject: String,
    pub organisation: String,
    pub division: String,
    pub status: Status,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub version: i64,
}

/// A task as a work queue needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    pub instance: InstanceId,
    pub token: TokenNo,
    pub subject: String,
    pub stage: String,
    pub element: String,
    pub name: String,
    pub role: String,
    pub organisation: String,
    pub division: String,
    /// Working days.
    pub limit: Option<u32>,
    /// The last day of the limit; none without a limit, or while the day is not certain.
    pub due_on: Option<Date>,
    pub decisions: Vec<Decision>,
    pub assignment: Assignment,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub closed_how: Option<Closed>,
    /// The name of the person whose verb closed it.
    pub closed_by: Option<String>,
    pub version: i64,
}

/// The open tasks of some roles in one organisation, within a division prefix, and those for which `account` was named
/// by order; without those that somebody else has, and without further places of a joint sign in which `account` has
/// signed.
#[derive(Clone, Debug)]
pub struct TaskQuery {
    pub account: String,
    pub roles: Vec<String>,
    pub organisation: String,
    pub division_prefix: String,
    pub subjects: Option<Subjects>,
    pub filter: TaskFilter,
}

/// Which of them, and in which order.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    pub element: Option<String>,
    /// The last days that are meant.
    pub due: Option<(Date, Date)>,
    /// Only those for which somebody is named, who then is the one asking.
    pub claimed: bool,
    pub order: TaskOrder,
    pub falling: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskOrder {
    /// By the day on which the first limit ends.
    #[default]
    Danger,
    /// As they were opened.
    Arrival,
    /// By their steps, each by danger.
    Step,
}

/// What the owner of the subjects gives to a queue: SQL over tables of his, of which this crate knows none.
#[derive(Clone, Debug)]
pub struct Subjects {
    /// Read beside each task of a page: columns of what `join` names.
    pub columns: String,
    /// `JOIN t ON t.id = page.subject`
    pub join: &'static str,
    /// The subjects of an account, which follows: nobody works on his own.
    pub own: &'static str,
    /// Conditions on `waiting.subject`, with a `?` for each value.
    pub only: Vec<(String, Vec<tongban_store::Value>)>,
}

/// Open tasks that the same people can do: of a role, or of one person who is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskGroup {
    pub organisation: String,
    pub division: String,
    pub role: String,
    pub assignment: Assignment,
}

/// Open tasks of some groups, and some by their ids, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct GroupQuery {
    pub groups: Vec<TaskGroup>,
    pub tasks: Vec<TaskId>,
    pub at: Option<Cursor>,
    pub limit: usize,
}

/// Within one organisation and a division prefix; none is everywhere.
#[derive(Clone, Debug)]
pub struct Where {
    pub office: Option<(String, String)>,
    /// The role whose tasks are no matter of an office.
    pub but: String,
}

/// A place of a joint sign that is open or signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerPlaceView {
    pub token: TokenNo,
    /// Places of one joint sign have the same.
    pub net: FiringNo,
    /// Who is named for it, or has signed it.
    pub account: Option<String>,
    /// Who is named to sign after it.
    pub to_come: Vec<String>,
    pub signed: bool,
    pub removed: bool,
}

/// A line of the history; an undone one says by which step.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryStep {
    pub no: FiringNo,
    pub kind: FiringKind,
    pub element: Option<String>,
    pub name: String,
    pub at: Timestamp,
    pub actor: String,
    pub decision: String,
    pub opinion: String,
    pub data: Value,
    pub restores: Option<FiringNo>,
    pub undone_by: Option<FiringNo>,
}

/// A step to which one can return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneStep {
    pub element: String,
    pub name: String,
    pub actor: String,
    pub at: Timestamp,
}

/// A timer that has gone off and waits to be dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueTimer {
    pub due: Timestamp,
    pub instance: InstanceId,
    pub token: TokenNo,
    pub element: String,
    pub subject: String,
    pub release: String,
}

/// What a verb came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub instance: InstanceId,
    pub status: Status,
    /// How many operations could not be run yet and wait for `wake`.
    pub postponed: usize,
    /// Tasks that are new.
    pub opened: Vec<Task>,
    /// Tokens of tasks that are no longer open, and why.
    pub closed: Vec<(TokenNo, Closed)>,
    /// Steps that were undone.
    pub undone: Vec<FiringNo>,
    /// Where going straight back came out otherwise.
    pub deviations: Vec<Deviation>,
    /// Undone steps that could not be put back.
    pub dropped: Vec<FiringNo>,
}
