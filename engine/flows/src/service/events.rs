//! Messages from outside and timers that went off.

use serde_json::Value;
use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::Tx;

use super::Engine;
use super::perform::perform;
use super::verbs::on_live;
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

/// What a job asks for again and again.
pub async fn due_timers(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<DueTimer>> {
    timers::gone_off(tx, now, limit).await
}

/// Refused with `flow.timer_gone` when it was dealt with before: a second delivery has no effect.
pub async fn fire_timer(
    tx: &mut Tx,
    ctx: &Ctx,
    engine: &Engine<'_>,
    timer: &DueTimer,
    variables: &Value,
) -> Result<Outcome> {
    let due = timers::due(tx, timer).await?.ok_or(Refusal::TimerGone)?;
    let event = engine
        .definition
        .find(&timer.element)
        .ok_or(Refusal::TimerGone)?;
    let mut loaded = instances::load_live(tx, timer.instance, engine.definition).await?;
    loaded.state.timers.insert((timer.token, event), due);
    let verb = Verb::Timer {
        token: timer.token,
        event,
    };
    perform(tx, ctx, engine, loaded.into(), &verb, variables).await
}
