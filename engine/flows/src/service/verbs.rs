//! Start, complete, return, withdraw, stop, hold, resume, wake.

use serde_json::Value;
use tongban_base::{ActorKind, Ctx, Problem, Result};
use tongban_store::Tx;

use super::assign::person;
use super::perform::{Loaded, perform};
use super::{Engine, UNDO_BLOCKING};
use crate::model::{InstanceId, InstanceView, NewInstance, Outcome, Task, TaskId};
use crate::net::{Closed, Completion, Instance, Mode, Status, Target, Verb};
use crate::store::{instances, tasks};

pub async fn start(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    new: &NewInstance,
    variables: &Value,
) -> Result<Outcome> {
    let loaded = Loaded {
        view: InstanceView {
            id: new.id,
            release: new.release.clone(),
            subject: new.subject.clone(),
            organisation: new.organisation.clone(),
            division: new.division.clone(),
            status: Status::Running,
            started_at: ctx.now,
            ended_at: None,
            version: 0,
        },
        state: Instance::default(),
        fresh: true,
        task: None,
    };
    perform(tx, ctx, engine, loaded, &Verb::Start, variables).await
}

/// Completes a task. `completion.task` is the token of the task as the officer saw it.
/// Of two officers the second is told who was first.
pub async fn complete(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    task: TaskId,
    completion: &Completion,
    variables: &Value,
) -> Result<Outcome> {
    let task = open_task(tx, ctx, task).await?;
    if completion.task != task.token {
        return Err(Problem::conflict(
            "flow.task_changed",
            "这一步刚有变化，请刷新后再试",
        ));
    }
    let loaded = instances::load_live(tx, task.instance, engine.definition).await?;
    let loaded = Loaded {
        task: Some(task),
        ..loaded.into()
    };
    let verb = Verb::Complete(completion.clone());
    perform(tx, ctx, engine, loaded, &verb, variables).await
}

/// The task, when it is open.
pub(super) async fn still_open(tx: &mut Tx, id: TaskId) -> Result<Task> {
    let task = tasks::one(tx, id).await?;
    match task.closed_at {
        Some(_) => Err(already_closed(&task)),
        None => Ok(task),
    }
}

/// The task, when it is open and the actor may work on it.
pub(super) async fn open_task(tx: &mut Tx, ctx: &Ctx, id: TaskId) -> Result<Task> {
    let task = still_open(tx, id).await?;
    if ctx.actor.kind != ActorKind::System {
        task.assignment.held_by(&person(ctx)?)?;
    }
    Ok(task)
}

fn already_closed(task: &Task) -> Problem {
    let by = task.closed_by.as_deref().unwrap_or("别人");
    let words = match task.closed_how {
        Some(Closed::Cancelled) => "这一步已不需要办理，请刷新后再看".to_owned(),
        Some(Closed::Replaced) => format!("这一步的办理人已由{by}变更，请刷新后再看"),
        Some(Closed::Undone) => format!("这一步已由{by}退回，请刷新后再看"),
        Some(Closed::Done) | None => format!("这一步已由{by}办理"),
    };
    Problem::conflict("flow.task_done", words)
}

/// Undoes a step and everything it caused; what did not depend on it stays.
#[expect(
    clippy::too_many_arguments,
    reason = "each one is a part of the order that an officer gives"
)]
pub async fn return_to(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    target: &Target,
    mode: Mode,
    reason: &str,
    variables: &Value,
) -> Result<Outcome> {
    let verb = Verb::Return {
        to: target.clone(),
        mode,
        reason: reason.to_owned(),
        permit_blocking: may_undo_blocking(ctx),
    };
    undoing(tx, ctx, engine, instance, &verb, variables).await
}

/// The applicant takes it back: everything is undone and the flow has ended.
pub async fn withdraw(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    reason: &str,
    variables: &Value,
) -> Result<Outcome> {
    let verb = Verb::Withdraw {
        reason: reason.to_owned(),
        permit_blocking: may_undo_blocking(ctx),
    };
    undoing(tx, ctx, engine, instance, &verb, variables).await
}

async fn undoing(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    verb: &Verb,
    variables: &Value,
) -> Result<Outcome> {
    let loaded = instances::load_whole(tx, instance, engine.definition).await?;
    perform(tx, ctx, engine, loaded.into(), verb, variables).await
}

/// Ends the flow where it stands; nothing is undone.
pub async fn stop(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    reason: &str,
) -> Result<Outcome> {
    let verb = Verb::Stop {
        reason: reason.to_owned(),
    };
    on_live(tx, ctx, engine, instance, &verb, &Value::Null).await
}

/// Tokens stay, timers stand still, tasks cannot be completed.
pub async fn hold(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
) -> Result<Outcome> {
    on_live(tx, ctx, engine, instance, &Verb::Hold, &Value::Null).await
}

pub async fn resume(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    variables: &Value,
) -> Result<Outcome> {
    on_live(tx, ctx, engine, instance, &Verb::Resume, variables).await
}

/// Tries again the operations that had to wait.
pub async fn wake(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    variables: &Value,
) -> Result<Outcome> {
    on_live(tx, ctx, engine, instance, &Verb::Wake, variables).await
}

pub(super) async fn on_live(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    verb: &Verb,
    variables: &Value,
) -> Result<Outcome> {
    let loaded = instances::load_live(tx, instance, engine.definition).await?;
    perform(tx, ctx, engine, loaded.into(), verb, variables).await
}

fn may_undo_blocking(ctx: &Ctx) -> bool {
    let staff = ctx.actor.staff.as_ref();
    ctx.actor.kind == ActorKind::System
        || staff.is_some_and(|staff| staff.permissions.contains(UNDO_BLOCKING))
}
