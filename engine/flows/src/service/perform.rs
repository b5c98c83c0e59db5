//! One verb from the loaded state to the written one. Every service goes through here.

use serde_json::Value;
use tongban_base::{Ctx, Result};
use tongban_store::Tx;

use super::Engine;
use crate::model::{InstanceView, Outcome, Task, TaskId};
use crate::net::{Change, Environment, Instance, OperationCall, Person, Run, TokenNo, Verb};
use crate::store::{firings, instances, tasks, timers, tokens};

pub(super) struct Loaded {
    pub view: InstanceView,
    pub state: Instance,
    pub fresh: bool,
}

impl From<instances::Loaded> for Loaded {
    fn from(loaded: instances::Loaded) -> Self {
        Self {
            view: loaded.view,
            state: loaded.state,
            fresh: false,
        }
    }
}

pub(super) async fn perform(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    loaded: Loaded,
    verb: &Verb,
    variables: &Value,
) -> Result<Outcome> {
    let Loaded {
        mut view,
        state,
        fresh,
    } = loaded;
    let environment = Environment {
        variables: variables.clone(),
        now: ctx.now,
        actor: ctx.actor.name.clone(),
        account: ctx.actor.account.map(|account| account.to_string()),
        calendar: engine.calendar,
    };
    let mut run = Run::new(engine.definition, state, environment);
    run.begin(verb)?;
    for inverse in run.inverses() {
        let call = OperationCall {
            firing: inverse.firing,
            element: inverse.element.clone(),
            operation: inverse.operation.clone(),
            arguments: inverse.arguments.clone(),
            effect: inverse.effect,
        };
        engine
            .operations
            .undo(tx, ctx, &call, &inverse.result)
            .await?;
    }
    while let Some(call) = run.step()? {
        let result = engine.operations.run(tx, ctx, &call).await?;
        run.supply(call.firing, result);
    }
    let (state, change) = run.finish();
    if state.status.is_over() {
        view.ended_at = Some(ctx.now);
    }
    if fresh {
        instances::insert(tx, &view, &state)?;
    } else {
        instances::update(tx, &view, &state).await?;
    }
    let opened = save(tx, ctx, engine, &view, &state, &change).await?;
    Ok(Outcome {
        instance: view.id,
        status: state.status,
        opened,
        closed: change.closed,
        undone: change.undone,
        deviations: change.deviations,
        dropped: change.dropped,
    })
}

async fn save(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    view: &InstanceView,
    state: &Instance,
    change: &Change,
) -> Result<Vec<Task>> {
    let definition = engine.definition;
    firings::save(tx, view.id, definition, state, change).await?;
    tokens::save(tx, view.id, definition, state, change)?;
    tasks::close(tx, view.id, &change.closed, &ctx.actor.name, ctx.now).await?;
    timers::save(tx, view.id, definition, change).await?;
    let mut opened: Vec<Task> = change
        .opened
        .iter()
        .filter_map(|no| new_task(ctx, engine, view, state, *no))
        .collect();
    let revived: Vec<TokenNo> = opened
        .iter()
        .map(|task| task.token)
        .filter(|token| change.revived.contains(token))
        .collect();
    let former = tasks::former_assignees(tx, view.id, &revived).await?;
    for task in &mut opened {
        if let Some(person) = former.get(&task.token) {
            task.assignment.assignee = Some(person.clone());
        }
    }
    tasks::insert(tx, &opened)?;
    Ok(opened)
}

fn new_task(
    ctx: &Ctx,
    engine: &Engine<'_>,
    view: &InstanceView,
    state: &Instance,
    no: TokenNo,
) -> Option<Task> {
    let token = state.token(no)?;
    let ix = token.place.task(engine.definition)?;
    let (node, user) = (engine.definition.node(ix), engine.definition.user_task(ix)?);
    let mut task = Task {
        id: TaskId::new(),
        instance: view.id,
        token: no,
        subject: view.subject.clone(),
        stage: user.stage.clone(),
        element: node.id.clone(),
        name: node.name.clone(),
        role: user.role.clone(),
        organisation: view.organisation.clone(),
        division: view.division.clone(),
        limit: user.limit,
        decisions: user.decisions.clone(),
        assignment: crate::net::Assignment::default(),
        opened_at: ctx.now,
        closed_at: None,
        closed_how: None,
        closed_by: None,
        version: 1,
    };
    match token.note.signer.as_str() {
        "" => {}
        signer => match signer.strip_prefix("role:") {
            Some(role) => role.clone_into(&mut task.role),
            None => task.assignment.assignee = Some(signing_person(signer)),
        },
    }
    Some(task)
}

/// A signer is written `account` or `account name`.
fn signing_person(signer: &str) -> Person {
    let (account, name) = signer.split_once(' ').unwrap_or((signer, ""));
    Person {
        account: account.to_owned(),
        name: name.to_owned(),
    }
}
