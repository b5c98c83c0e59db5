//! Reading: tasks, queues, history.

use std::collections::BTreeSet;

use tongban_base::{Date, Result};
use tongban_store::{Cursor, KeyPage, Row, Tx};

use crate::definition::Definition;
use crate::model::{
    DoneStep, GroupQuery, HistoryStep, InstanceId, InstanceView, SignerPlaceView, Task, TaskGroup,
    TaskId, TaskQuery, Where,
};
use crate::net::{FiringKind, Instance};
use crate::store::{firings, groups, instances, queue, tasks, tokens};

/// A task, open or not.
pub async fn task(tx: &mut Tx, id: TaskId) -> Result<Task> {
    tasks::one(tx, id).await
}

/// The open tasks of a flow.
pub async fn tasks_of_instance(tx: &mut Tx, id: InstanceId) -> Result<Vec<Task>> {
    tasks::open_of(tx, id).await
}

/// The task that was completed last: from there a flow that waits for something can be sent back.
pub async fn last_done_task(tx: &mut Tx, id: InstanceId) -> Result<Option<Task>> {
    tasks::last_done(tx, id).await
}

/// A page of the open tasks of somebody, each with what `read_subject` makes of the columns that the owner of the
/// subjects gave; one of which it makes nothing is left out.
pub async fn open_tasks<S>(
    tx: &mut Tx,
    query: &TaskQuery,
    at: (Option<&Cursor>, usize),
    read_subject: impl Fn(&Tx, &Row) -> Result<Option<S>> + Send + Sync,
) -> Result<KeyPage<(Task, S)>> {
    queue::page(tx, query, at, read_subject).await
}

/// The open tasks before one, the last first, and those behind, whether it is itself still among them or not.
pub async fn beside_in_queue<S: Send>(
    tx: &mut Tx,
    query: &TaskQuery,
    task: &Task,
    read_subject: impl Fn(&Tx, &Row) -> Result<Option<S>> + Send + Sync,
    limit: usize,
) -> Result<[Vec<(Task, S)>; 2]> {
    queue::beside(tx, query, task, read_subject, limit).await
}

/// Counting stops at `most`.
pub async fn count_open_tasks(tx: &mut Tx, query: &TaskQuery, most: usize) -> Result<u64> {
    queue::count(tx, query, most).await
}

/// How many of the first `most` tasks have the same columns `by` of their `page` or of their subjects.
pub async fn tasks_by(tx: &mut Tx, query: &TaskQuery, by: &str, most: usize) -> Result<Vec<Row>> {
    queue::counted_by(tx, query, by, most).await
}

/// The owner of a flow says when what it is about has to be done: its open tasks are ordered anew.
pub async fn rank(tx: &mut Tx, id: InstanceId, due: Option<Date>, halted: bool) -> Result<()> {
    queue::rank(tx, id, due, halted).await
}

pub async fn instance(tx: &mut Tx, id: InstanceId) -> Result<InstanceView> {
    instances::view(tx, id).await
}

/// The whole state with its history, for pictures and checks.
pub async fn load_instance(
    tx: &mut Tx,
    id: InstanceId,
    definition: &Definition,
) -> Result<Instance> {
    Ok(instances::load_whole(tx, id, definition).await?.state)
}

/// Everything that happened, undone steps included.
pub async fn history(tx: &mut Tx, id: InstanceId) -> Result<Vec<HistoryStep>> {
    firings::history(tx, id).await
}

/// The steps to which one can return, the latest first, each element once.
pub async fn returnable_steps(tx: &mut Tx, id: InstanceId) -> Result<Vec<DoneStep>> {
    let mut seen = BTreeSet::new();
    let steps = firings::history(tx, id).await?;
    let done = steps.into_iter().rev().filter(|step| {
        step.undone_by.is_none() && matches!(step.kind, FiringKind::Complete | FiringKind::Open)
    });
    Ok(done
        .filter_map(|step| {
            let element = step.element?;
            seen.insert(element.clone()).then_some(DoneStep {
                element,
                name: step.name,
                actor: step.actor,
                at: step.at,
            })
        })
        .collect())
}

/// The places of the joint signs that are going on in a flow.
pub async fn places(tx: &mut Tx, id: InstanceId) -> Result<Vec<SignerPlaceView>> {
    tokens::places(tx, id).await
}

/// The groups of open tasks that are somebody's matter.
pub async fn open_groups(tx: &mut Tx, place: &Where) -> Result<Vec<TaskGroup>> {
    groups::open(tx, place).await
}

/// Open places of joint signs for a role, where somebody has signed already.
pub async fn joint_tasks(tx: &mut Tx, place: &Where, limit: i64) -> Result<Vec<Task>> {
    groups::joint(tx, place, limit).await
}

pub async fn tasks_of_groups(tx: &mut Tx, query: &GroupQuery) -> Result<KeyPage<Task>> {
    groups::tasks(tx, query).await
}
