//! Telling someone of an event: written in the transaction of what happened, so that both stay or neither.

use serde_json::Value as Json;
use tongban_base::{Ctx, Result, Timestamp};
use tongban_packs::changed_settings;
use tongban_store::Tx;

use crate::jobs::SendSms;
use crate::model::{Channel, MessageId, Recipient, State, Subject, masked};
use crate::store::insert::{self, NewMessage};
use crate::template::{MessageTemplate, MessageTemplates};

/// Writes the messages of `event` to one recipient, and a job for each that leaves the house. An event for which
/// the pack has no message writes none. Returns the ids.
pub async fn send(
    tx: &mut Tx,
    ctx: &Ctx,
    templates: &MessageTemplates,
    event: &str,
    to: &Recipient,
    subject: &Subject,
    data: &Json,
) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for template in templates.for_event(event) {
        let text = template.render(data)?;
        for channel in &template.channels {
            let message = message(templates, template, *channel, &text, to)?;
            insert::message(tx, &message, to, subject, ctx.now)?;
            if message.state == State::Queued {
                let job = SendSms {
                    message: message.id,
                };
                // Whether these are quiet hours is asked when it is handed over.
                tx.enqueue(&job, ctx.now).await?;
            }
            ids.push(message.id.to_string());
        }
    }
    Ok(ids)
}

fn message<'m>(
    templates: &MessageTemplates,
    template: &'m MessageTemplate,
    channel: Channel,
    text: &str,
    to: &Recipient,
) -> Result<NewMessage<'m>> {
    let mobile = to
        .mobile
        .as_deref()
        .filter(|m| channel == Channel::Sms && !m.is_empty());
    let state = match (channel, mobile) {
        (Channel::Site, _) => State::Delivered,
        (Channel::Sms, Some(_)) => State::Queued,
        (Channel::Sms, None) => State::NoMobile,
    };
    let id = MessageId::new();
    let closed = mobile.map(|mobile| templates.close_mobile(mobile, id));
    Ok(NewMessage {
        id,
        channel,
        template,
        text: templates.close_text(text, id)?,
        mobile: closed.transpose()?,
        mobile_masked: mobile.map(masked).unwrap_or_default(),
        state,
    })
}

/// Now, or the end of the quiet hours as the office has set them, where the message of this template can wait for it.
pub(crate) async fn due_at(
    tx: &mut Tx,
    templates: &MessageTemplates,
    template: &str,
    now: Timestamp,
) -> Result<Timestamp> {
    if templates.is_urgent(template) {
        return Ok(now);
    }
    let quiet = templates.quiet().changed_by(&changed_settings(tx).await?);
    Ok(quiet.next_allowed(now))
}
