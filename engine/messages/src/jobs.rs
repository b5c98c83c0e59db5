//! What leaves the house after the transaction: one job per message and external channel.

use serde::{Deserialize, Serialize};
use tongban_store::{Job, JobHandler, Lane};
use tongban_ui::App;

use crate::messaging::Messaging;
use crate::model::MessageId;
use crate::service::deliver::deliver;

/// Hands one SMS to the gateway. Running it twice does no harm: the gateway knows the message by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SendSms {
    pub message: MessageId,
}

impl Job for SendSms {
    const NAME: &'static str = "messages.send_sms";
    const TITLE: &'static str = "发送短信";
    const LANE: Lane = Lane::Counterpart("sms");
}

pub(crate) fn handlers(app: &App) -> Vec<JobHandler> {
    let app = app.clone();
    vec![JobHandler::new(move |ctx, job: SendSms| {
        let app = app.clone();
        async move {
            let messaging = app.service::<Messaging>()?;
            deliver(&messaging, &ctx, job.message).await
        }
    })]
}
