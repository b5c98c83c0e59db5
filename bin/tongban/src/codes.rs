//! How the codes of identity leave the house: as messages of the packs. In a demonstration, where no SMS leaves, the page
//! shows what the telephone would.

use serde_json::json;
use tongban_base::{Problem, Result};
use tongban_crypto::KeyRing;
use tongban_identity::{CodeMessage, CodeMessages, ReadMessage, SendMessage};
use tongban_messages::{MessageTemplates, Recipient, Subject};

use crate::wiring::Plan;

/// What messages about a code are about.
const SUBJECT: &str = "mobile_code";

/// Where nothing sends an SMS, whoever asks for a code is told so instead of waiting for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sms {
    Leaves,
    IsShown,
    HasNoGateway,
}

pub fn code_messages(
    ring: &KeyRing,
    templates: &MessageTemplates,
    sms: Sms,
) -> Result<CodeMessages> {
    let templates = templates.clone().with_cipher(ring.field_cipher()?);
    let of_pages = templates.clone();
    let send: Box<SendMessage> = Box::new(move |tx, ctx, message: CodeMessage| {
        let templates = templates.clone();
        Box::pin(async move {
            let to = Recipient {
                account: message.account,
                name: String::new(),
                mobile: Some(message.mobile),
            };
            let subject = Subject {
                kind: SUBJECT,
                id: message.id.to_string(),
                link: format!("/code/{}", message.id),
            };
            let data = json!({ "code": {
                "digits": message.digits, "purpose": message.purpose.title(),
                "minutes": message.minutes,
            } });
            let event = message.event;
            let sent = tongban_messages::send(tx, &ctx, &templates, event, &to, &subject, &data);
            match sent.await?.is_empty() {
                true => Err(Problem::internal(format!("no message carries {event}"))),
                false => Ok(()),
            }
        })
    });
    let shown: Option<Box<ReadMessage>> = match sms {
        Sms::IsShown => Some(Box::new(move |tx, id| {
            let templates = of_pages.clone();
            Box::pin(async move {
                let id = id.to_string();
                let sent = tongban_messages::of_subject(tx, SUBJECT, &id).await?;
                let words = sent.iter().map(|message| message.words(&templates));
                let words: Vec<String> = words.collect::<Result<_>>()?;
                Ok((!words.is_empty()).then(|| words.join("；")))
            })
        })),
        Sms::Leaves | Sms::HasNoGateway => None,
    };
    Ok(CodeMessages {
        leaves: sms != Sms::HasNoGateway,
        send,
        shown,
    })
}

/// How a code by SMS reaches its telephone.
pub fn sms(plan: &Plan) -> Sms {
    match (plan.site.demo, &plan.gateway) {
        (true, _) => Sms::IsShown,
        (false, Some(_)) => Sms::Leaves,
        (false, None) => Sms::HasNoGateway,
    }
}
