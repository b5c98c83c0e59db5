//! Writing a message.

use tongban_base::{Result, Timestamp};
use tongban_store::{Tx, params};

use super::MESSAGES;
use crate::model::{Channel, MessageId, Recipient, State, StoredText, Subject};
use crate::template::MessageTemplate;

pub(crate) struct NewMessage<'m> {
    pub id: MessageId,
    pub channel: Channel,
    pub template: &'m MessageTemplate,
    pub text: StoredText,
    /// Encrypted.
    pub mobile: Option<String>,
    pub mobile_masked: String,
    pub state: State,
}

pub(crate) fn message(
    tx: &mut Tx,
    new: &NewMessage<'_>,
    to: &Recipient,
    subject: &Subject,
    now: Timestamp,
) -> Result<()> {
    let delivered = (new.state == State::Delivered).then_some(now);
    tx.insert_marked(
        &MESSAGES,
        params![
            new.id,
            to.account,
            &to.name,
            new.channel.code(),
            &new.template.event,
            &new.template.code,
            &new.template.title,
            &new.text.0,
            new.mobile.clone(),
            &new.mobile_masked,
            subject.kind,
            &subject.id,
            &subject.link,
            now,
            new.state.code(),
            delivered,
            delivered
        ],
    )
}
