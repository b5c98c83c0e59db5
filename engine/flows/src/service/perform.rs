//! One verb from the loaded state to the written one. Every service goes through here.

use std::collections::BTreeMap;

use serde_json::Value;
use tongban_base::{Ctx, Date, Result};
use tongban_store::Tx;

use super::Engine;
use crate::model::{InstanceId, InstanceView, Outcome, Task, TaskId};
use crate::net::{
    Change, Closed, Environment, Instance, OperationCall, Run, Signer, TokenNo, Verb,
};
use crate::store::{firings, instances, tasks, timers, tokens};

pub(super) struct Loaded {
    pub view: InstanceView,
    pub state: Instance,
    pub fresh: bool,
    /// The task that the verb completes.
    pub task: Option<Task>,
}

impl From<instances::Loaded> for Loaded {
    fn from(loaded: instances::Loaded) -> Self {
        Self {
            view: loaded.view,
            state: loaded.state,
            fresh: false,
            task: None,
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
        task,
    } = loaded;
    let environment = Environment {
        variables: variables.clone(),
        now: ctx.now,
        actor: ctx.actor.name.clone(),
        account: ctx.actor.account.map(|account| account.to_string()),
        calendar: engine.calendar,
        people: engine.people,
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
        if engine.operations.must_wait(tx, ctx, &call).await? {
            run.postpone(call.firing);
            continue;
        }
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
    let opened = save(tx, ctx, engine, (&view, &state), &change, task).await?;
    Ok(Outcome {
        instance: view.id,
        status: state.status,
        postponed: match state.status.is_over() {
            true => 0,
            false => state.postponed(engine.definition).count(),
        },
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
    (view, state): (&InstanceView, &Instance),
    change: &Change,
    known: Option<Task>,
) -> Result<Vec<Task>> {
    let definition = engine.definition;
    firings::save(tx, view.id, definition, state, change)?;
    tokens::save(tx, view.id, definition, state, change)?;
    let began = limits_that_run_on(tx, view.id, change).await?;
    let by = (ctx.actor.name.as_str(), ctx.now);
    tasks::close(tx, view.id, &change.closed, known, by).await?;
    if let Some(pause) = change.timers_shifted {
        let from = ctx.now.plus_millis(-pause).date();
        tasks::put_off(tx, view.id, engine.calendar, (from, ctx.now.date())).await?;
    }
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
        if let Some(assignment) = former.get(&task.token) {
            task.assignment = assignment.clone();
        }
        if let Some(due) = began.get(&task.element) {
            task.due_on = *due;
        }
    }
    tasks::insert(tx, &opened)?;
    Ok(opened)
}

/// By element, the last days of tasks that only change hands: it is the same work, so their limits run on.
async fn limits_that_run_on(
    tx: &mut Tx,
    id: InstanceId,
    change: &Change,
) -> Result<BTreeMap<String, Option<Date>>> {
    let replaced = |(no, how): &(TokenNo, Closed)| (*how == Closed::Replaced).then_some(*no);
    let tokens: Vec<TokenNo> = change.closed.iter().filter_map(replaced).collect();
    if tokens.is_empty() {
        return Ok(BTreeMap::new());
    }
    let open = tasks::open_of(tx, id).await?.into_iter();
    Ok(open
        .filter(|task| tokens.contains(&task.token))
        .map(|task| (task.element, task.due_on))
        .collect())
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
        due_on: due_on(engine, user.limit, ctx.now.date()),
        decisions: user.decisions.clone(),
        assignment: crate::net::Assignment::default(),
        opened_at: ctx.now,
        closed_at: None,
        closed_how: None,
        closed_by: None,
        version: 1,
    };
    let signer = Signer::read(&token.note.signer);
    if let Signer::Role(role) = signer {
        role.clone_into(&mut task.role);
    }
    task.assignment = signer.assignment();
    Some(task)
}

/// The last working day of the step's own limit; none while days off up to there are not published.
fn due_on(engine: &Engine<'_>, limit: Option<u32>, today: Date) -> Option<Date> {
    let due = engine.calendar.last_day(today, limit?);
    due.is_known().then_some(due.on)
}
