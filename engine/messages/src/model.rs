//! A message, its recipient, its subject, and the states it goes through. Knows no table and no gateway.

use serde::{Deserialize, Serialize};
use tongban_base::{Result, Timestamp, Uuid};

use crate::MessageTemplates;

tongban_base::id!(MessageId);
tongban_store::store_ids!(MessageId);

/// Who is told. `mobile` is 11 digits; without it nothing goes out by SMS, and the message says so.
#[derive(Clone, Debug)]
pub struct Recipient {
    pub account: Uuid,
    pub name: String,
    pub mobile: Option<String>,
}

/// What the message is about, and the page where the recipient sees it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub kind: &'static str,
    pub id: String,
    /// A path of this site: it begins with one `/`.
    pub link: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Site,
    Sms,
}

impl Channel {
    pub fn code(self) -> &'static str {
        match self {
            Channel::Site => "site",
            Channel::Sms => "sms",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Channel::Site => "站内消息",
            Channel::Sms => "短信",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        [Channel::Site, Channel::Sms]
            .into_iter()
            .find(|channel| channel.code() == code)
    }
}

/// What became of a message. Only a receipt of the gateway makes an SMS `Delivered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its turn: for the gateway, for the end of the quiet hours, or for the next attempt.
    Queued,
    /// The gateway has taken it over.
    Sent,
    Delivered,
    Failed,
    /// No SMS gateway is configured, so it did not leave the house.
    NoGateway,
    /// The recipient has given no mobile number.
    NoMobile,
}

const STATES: [State; 6] = [
    State::Queued,
    State::Sent,
    State::Delivered,
    State::Failed,
    State::NoGateway,
    State::NoMobile,
];

impl State {
    pub fn code(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Sent => "sent",
            State::Delivered => "delivered",
            State::Failed => "failed",
            State::NoGateway => "no_gateway",
            State::NoMobile => "no_mobile",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            State::Queued => "待发送",
            State::Sent => "已发出",
            State::Delivered => "已送达",
            State::Failed => "发送失败",
            State::NoGateway => "未配置短信网关",
            State::NoMobile => "没有手机号，未发送",
        }
    }

    pub(crate) fn of(code: &str) -> Option<Self> {
        STATES.into_iter().find(|state| state.code() == code)
    }
}

/// The words of a message as they are stored: encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredText(pub(crate) String);

/// One message as the page of its subject and the inbox show it.
#[derive(Clone, Debug)]
pub struct MessageView {
    pub id: MessageId,
    pub channel: Channel,
    pub event: String,
    pub title: String,
    pub text: StoredText,
    pub recipient: String,
    /// `138****0001`; empty for messages within the site.
    pub mobile_masked: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub link: String,
    pub state: State,
    /// Why it failed or waits, in words; empty when there is nothing to say.
    pub detail: String,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
}

impl MessageView {
    /// The words that the recipient got.
    pub fn words(&self, templates: &MessageTemplates) -> Result<String> {
        templates.open_text(&self.text, self.id)
    }

    /// `短信 138****0001：已送达`; a message within the site says whether it was read.
    pub fn state_words(&self) -> String {
        let state = match (self.channel, self.read_at) {
            (Channel::Site, Some(_)) => "已读",
            (Channel::Site, None) => "未读",
            (Channel::Sms, _) => self.state.title(),
        };
        match (self.mobile_masked.as_str(), self.detail.as_str()) {
            ("", "") => format!("{}：{state}", self.channel.title()),
            ("", why) => format!("{}：{state}（{why}）", self.channel.title()),
            (mobile, "") => format!("{} {mobile}：{state}", self.channel.title()),
            (mobile, why) => format!("{} {mobile}：{state}（{why}）", self.channel.title()),
        }
    }
}

/// `138****0001`
pub(crate) fn masked(mobile: &str) -> String {
    let digits: Vec<char> = mobile.chars().collect();
    match digits.len() {
        8.. => {
            let head: String = digits.iter().take(3).collect();
            let tail: String = digits.iter().skip(digits.len() - 4).collect();
            format!("{head}****{tail}")
        }
        _ => "****".into(),
    }
}
