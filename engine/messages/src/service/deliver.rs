//! One attempt to hand an SMS to the gateway, and what follows from its answer. Waits for the end of the quiet hours
//! and between attempts by having the job run again; nothing is awaited inside a transaction but the database.

use tongban_base::{Ctx, Result, Timestamp};
use tongban_store::{Outcome, Tx};

use crate::gateway::{Answer, SmsGateway};
use crate::messaging::Messaging;
use crate::model::{MessageId, State};
use crate::service::send::due_at;
use crate::store::delivery::{self, Waiting};
use crate::template::MessageTemplates;

/// After this many attempts (about three hours) an SMS has failed.
const ATTEMPTS: i64 = 10;
/// How long a gateway is left alone that takes no more and does not say for how long, and at most.
const BUSY_SECONDS: u32 = 30;
const LONGEST_BUSY_SECONDS: u32 = 3600;

pub(crate) async fn deliver(messaging: &Messaging, ctx: &Ctx, id: MessageId) -> Result<Outcome> {
    let templates = messaging.templates.clone();
    let input = (id, ctx.now, templates, messaging.gateway.is_some());
    let taken = messaging
        .db
        .write(input, |tx, (id, now, templates, has_gateway)| {
            Box::pin(take(tx, *id, *now, templates, *has_gateway))
        })
        .await?;
    let (waiting, gateway) = match (taken, &messaging.gateway) {
        (Taken::Now(waiting), Some(gateway)) => (waiting, gateway),
        (Taken::Later(at), _) => return Ok(Outcome::Again { at, why: None }),
        // Nobody was asked: this says nothing of the gateway.
        (Taken::Now(_) | Taken::Nothing, _) => return Ok(Outcome::GivenUp),
    };
    let answer = attempt(messaging, gateway, &waiting, ctx.now).await?;
    let input = (waiting, answer, ctx.now, messaging.templates.clone());
    messaging
        .db
        .write(input, |tx, (waiting, answer, now, templates)| {
            Box::pin(settle(tx, waiting, answer, *now, templates))
        })
        .await
}

enum Taken {
    Now(Waiting),
    Later(Timestamp),
    Nothing,
}

/// The message, if it is to be handed over now.
async fn take(
    tx: &mut Tx,
    id: MessageId,
    now: Timestamp,
    templates: &MessageTemplates,
    has_gateway: bool,
) -> Result<Taken> {
    // Its job would be gone, had nobody asked for it again.
    delivery::reopen(tx, id, ATTEMPTS).await?;
    let Some(waiting) = delivery::waiting(tx, id).await? else {
        return Ok(Taken::Nothing);
    };
    if !has_gateway {
        delivery::close(tx, id, State::NoGateway, "").await?;
        return Ok(Taken::Nothing);
    }
    let due = due_at(tx, templates, &waiting.template, now).await?;
    Ok(match due > now {
        true => Taken::Later(due),
        false => Taken::Now(waiting),
    })
}

async fn attempt(
    messaging: &Messaging,
    gateway: &SmsGateway,
    waiting: &Waiting,
    now: Timestamp,
) -> Result<Answer> {
    let (templates, id) = (&messaging.templates, waiting.id);
    let text = templates.open_text(&waiting.text, id)?;
    let mobile = templates.open_mobile(&waiting.mobile, id)?;
    gateway.send(id.to_string(), mobile, &text, now).await
}

async fn settle(
    tx: &mut Tx,
    waiting: &Waiting,
    answer: &Answer,
    now: Timestamp,
    templates: &MessageTemplates,
) -> Result<Outcome> {
    let attempts = waiting.attempts + 1;
    match answer {
        Answer::Taken => delivery::sent(tx, waiting.id, now).await?,
        Answer::Refused(why) => delivery::close(tx, waiting.id, State::Failed, why).await?,
        Answer::NotNow(why) if attempts >= ATTEMPTS => {
            let why = format!("试了 {attempts} 次都没有发出：{why}");
            delivery::close(tx, waiting.id, State::Failed, &why).await?;
            return Ok(Outcome::Rests { why });
        }
        Answer::Busy(seconds, why) => {
            let seconds = seconds.unwrap_or(BUSY_SECONDS);
            let seconds = seconds.clamp(1, LONGEST_BUSY_SECONDS);
            let why = format!("网关暂时不再收，稍后再发：{why}");
            delivery::postponed(tx, waiting.id, &why).await?;
            let until = now.plus_millis(i64::from(seconds) * 1000);
            let until = due_at(tx, templates, &waiting.template, until).await?;
            return Ok(Outcome::Busy { until, why });
        }
        Answer::NotNow(why) => {
            let told = format!("第 {attempts} 次没有发出，将再试：{why}");
            delivery::attempted(tx, waiting.id, &told).await?;
            return Ok(Outcome::Again {
                at: due_at(
                    tx,
                    templates,
                    &waiting.template,
                    now.plus_millis(pause(attempts)),
                )
                .await?,
                why: Some(why.clone()),
            });
        }
    }
    Ok(Outcome::Done)
}

/// Half a minute after the first attempt, then twice as long each time, at most an hour.
fn pause(attempts: i64) -> i64 {
    let doubled = 30_000_i64 << (attempts - 1).clamp(0, 10);
    doubled.min(3_600_000)
}
