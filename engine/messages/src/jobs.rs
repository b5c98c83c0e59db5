//! What leaves the house after the transaction: one job per message and external channel.

use serde::{Deserialize, Serialize};
use tongban_store::Job;

use crate::model::MessageId;

/// Hands one SMS to the gateway. Running it twice does no harm: the gateway knows the message by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SendSms {
    pub message: MessageId,
}

impl Job for SendSms {
    const NAME: &'static str = "messages.send_sms";
}
