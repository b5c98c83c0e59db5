//! One attempt to hand an SMS to the gateway, and what follows from its outcome. Waits for the end of the quiet hours
//! and between attempts by putting the job back; nothing is awaited inside a transaction but the database.

use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::Tx;

use crate::gateway::{Outcome, SmsGateway};
use crate::jobs::SendSms;
use crate::messaging::Messaging;
use crate::model::{MessageId, State};
use crate::service::send::due_at;
use crate::store::delivery::{self, Waiting};
use crate::template::MessageTemplates;

/// After this many attempts (about three hours) an SMS has failed.
const ATTEMPTS: i64 = 10;

pub(crate) async fn deliver(messaging: &Messaging, ctx: &Ctx, id: MessageId) -> Result<()> {
    let templates = messaging.templates.clone();
    let input = (id, ctx.now, templates, messaging.gateway.is_some());
    let waiting = messaging
        .db
        .write(input, |tx, (id, now, templates, has_gateway)| {
            Box::pin(take(tx, *id, *now, templates, *has_gateway))
        })
        .await?;
    let (Some(waiting), Some(gateway)) = (waiting, &messaging.gateway) else {
        return Ok(());
    };
    let outcome = attempt(messaging, gateway, &waiting, ctx.now).await?;
    let input = (waiting, outcome, ctx.now, messaging.templates.clone());
    messaging
        .db
        .write(input, |tx, (waiting, outcome, now, templates)| {
            Box::pin(settle(tx, waiting, outcome, *now, templates))
        })
        .await
}

/// The message, if it is to be handed over now.
async fn take(
    tx: &mut Tx,
    id: MessageId,
    now: Timestamp,
    templates: &MessageTemplates,
    has_gateway: bool,
) -> Result<Option<Waiting>> {
    let Some(waiting) = delivery::waiting(tx, id).await? else {
        return Ok(None);
    };
    if !has_gateway {
        delivery::close(tx, id, State::NoGateway, "").await?;
        return Ok(None);
    }
    let due = due_at(tx, templates, now).await?;
    if due > now {
        tx.enqueue(&SendSms { message: id }, due).await?;
        return Ok(None);
    }
    Ok(Some(waiting))
}

async fn attempt(
    messaging: &Messaging,
    gateway: &SmsGateway,
    waiting: &Waiting,
    now: Timestamp,
) -> Result<Outcome> {
    let text = messaging.templates.open_text(&waiting.text)?;
    let mobile = messaging.templates.open_mobile(&waiting.mobile)?;
    gateway
        .send(waiting.id.to_string(), mobile, &text, now)
        .await
}

async fn settle(
    tx: &mut Tx,
    waiting: &Waiting,
    outcome: &Outcome,
    now: Timestamp,
    templates: &MessageTemplates,
) -> Result<()> {
    let attempts = waiting.attempts + 1;
    match outcome {
        Outcome::Taken => delivery::sent(tx, waiting.id, now).await,
        Outcome::Refused(why) => delivery::close(tx, waiting.id, State::Failed, why).await,
        Outcome::NotNow(why) if attempts >= ATTEMPTS => {
            let why = format!("试了 {attempts} 次都没有发出：{why}");
            delivery::close(tx, waiting.id, State::Failed, &why).await
        }
        Outcome::NotNow(why) => {
            delivery::attempted(
                tx,
                waiting.id,
                &format!("第 {attempts} 次没有发出，将再试：{why}"),
            )
            .await?;
            let run_at = due_at(tx, templates, now.plus_millis(pause(attempts))).await?;
            let again = SendSms {
                message: waiting.id,
            };
            tx.enqueue(&again, run_at).await
        }
    }
}

/// Half a minute after the first attempt, then twice as long each time, at most an hour.
fn pause(attempts: i64) -> i64 {
    let doubled = 30_000_i64 << (attempts - 1).clamp(0, 10);
    doubled.min(3_600_000)
}
