//! Claim, put back, hand over, delegate, take back: who has a task. The net does not move; a place of a joint sign
//! remembers who it was handed to.

use tongban_base::{Ctx, Problem, Result};
use tongban_store::Tx;

use super::verbs::{open_task, still_open};
use crate::definition::Definition;
use crate::model::{Task, TaskId};
use crate::net::{Assignment, Person, Place, written};
use crate::store::{instances, tasks, tokens};

pub async fn claim(tx: &mut Tx, ctx: &Ctx, definition: &Definition, task: TaskId) -> Result<Task> {
    let me = person(ctx)?;
    fits(tx, definition, task, &me).await?;
    change(tx, ctx, task, |assignment| assignment.claim(me)).await
}

/// Puts a claimed task back for everyone with its role.
pub async fn release_task(tx: &mut Tx, ctx: &Ctx, task: TaskId) -> Result<Task> {
    let me = person(ctx)?;
    change(tx, ctx, task, |assignment| assignment.release(&me)).await
}

/// For good, whoever had it until now. Who gets it `by_order` needs no role.
pub async fn hand_over(
    tx: &mut Tx,
    definition: &Definition,
    task: TaskId,
    to: Person,
    by_order: bool,
) -> Result<Task> {
    let task = still_open(tx, task).await?;
    let assignment = Assignment::named(to.clone(), by_order);
    let state = instances::load_live(tx, task.instance, definition)
        .await?
        .state;
    if let Some(token) = state.token(task.token) {
        state.may_sign(token, &to.account, (&to.name, &task.name))?;
        if matches!(token.place, Place::Signer(_)) {
            let mut token = token.clone();
            token.note.signer = written(&assignment);
            tokens::write(tx, task.instance, definition, &token)?;
        }
    }
    write(tx, task, assignment).await
}

pub async fn delegate(
    tx: &mut Tx,
    ctx: &Ctx,
    definition: &Definition,
    task: TaskId,
    to: Person,
) -> Result<Task> {
    let me = person(ctx)?;
    fits(tx, definition, task, &to).await?;
    change(tx, ctx, task, |assignment| assignment.delegate(&me, to)).await
}

/// Only the one who delegated it can; the task is then someone else's, so that is not asked.
pub async fn take_back(tx: &mut Tx, ctx: &Ctx, task: TaskId) -> Result<Task> {
    let me = person(ctx)?;
    let task = tasks::one(tx, task).await?;
    let assignment = task.assignment.take_back(&me)?;
    write(tx, task, assignment).await
}

/// Nobody gets a further place of a joint sign in which they have one.
async fn fits(tx: &mut Tx, definition: &Definition, task: TaskId, to: &Person) -> Result<()> {
    let task = tasks::one(tx, task).await?;
    let state = instances::load_live(tx, task.instance, definition)
        .await?
        .state;
    if let Some(place) = state.token(task.token) {
        state.may_sign(place, &to.account, (&to.name, &task.name))?;
    }
    Ok(())
}

async fn change(
    tx: &mut Tx,
    ctx: &Ctx,
    task: TaskId,
    change: impl FnOnce(&Assignment) -> Result<Assignment>,
) -> Result<Task> {
    let task = open_task(tx, ctx, task).await?;
    let assignment = change(&task.assignment)?;
    write(tx, task, assignment).await
}

async fn write(tx: &mut Tx, mut task: Task, assignment: Assignment) -> Result<Task> {
    tasks::assign(tx, &task, &assignment).await?;
    task.assignment = assignment;
    task.version += 1;
    Ok(task)
}

/// The actor as one who can have a task.
pub(super) fn person(ctx: &Ctx) -> Result<Person> {
    let account = ctx.actor.account.ok_or_else(Problem::unauthenticated)?;
    Ok(Person {
        account: account.to_string(),
        name: ctx.actor.name.clone(),
    })
}
