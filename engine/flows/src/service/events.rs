//! Messages from outside and timers that went off.

use serde_json::Value;
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::Tx;

use super::Engine;
use super::perform::perform;
use super::verbs::on_live;
use crate::definition::Trigger;
use crate::model::{DueTimer, InstanceId, Outcome};
use crate::net::{Message, Refusal, Verb};
use crate::store::{instances, timers};

/// A message arrives; when nothing waits for it yet, it waits itself.
pub async fn deliver_message(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    instance: InstanceId,
    message: Message,
    variables: &Value,
) -> Result<Outcome> {
    on_live(
        tx,
        ctx,
        engine,
        instance,
        &Verb::Message(message),
        variables,
    )
    .await
}

/// What a job asks for again and again, page by page: one that fails must not hide those behind it.
pub async fn due_timers(
    tx: &mut Tx,
    now: Timestamp,
    after: Option<&DueTimer>,
    limit: i64,
) -> Result<Vec<DueTimer>> {
    timers::gone_off(tx, now, after, limit).await
}

/// None when it is too early by the present calendar of working days: it then goes off later.
/// Refused with `flow.timer_gone` when it was dealt with before: a second delivery has no effect.
pub async fn fire_timer(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    timer: &DueTimer,
    variables: &Value,
) -> Result<Option<Outcome>> {
    let (due, since) = timers::running(tx, timer)
        .await?
        .ok_or(Refusal::TimerGone)?;
    let event = engine
        .definition
        .find(&timer.element)
        .ok_or(Refusal::TimerGone)?;
    if let (Some(Trigger::Timer(spec)), Some(since)) = (engine.definition.trigger(event), since)
        && let Some(later) = spec.not_before(since, ctx.now, engine.calendar)
    {
        timers::put_off(tx, timer, later).await?;
        return Ok(None);
    }
    let mut loaded = instances::load_live(tx, timer.instance, engine.definition).await?;
    loaded.state.timers.insert((timer.token, event), due);
    let verb = Verb::Timer {
        token: timer.token,
        event,
    };
    let outcome = perform(tx, ctx, engine, loaded.into(), &verb, variables).await?;
    Ok(Some(outcome))
}
