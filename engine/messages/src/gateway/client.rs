//! Handing one SMS to the gateway, and telling what its answer means. Knows no retries: the job does.

use tongban_base::{Problem, Result, Timestamp};
use tongban_outward::Counterpart;
use url::Url;

use super::contract::{Outgoing, RECEIPT_PATH, Refusal, SEND_PATH, Secret, Taken};
use super::http::{self, Mark};

/// What the installation says of its gateway.
#[derive(Clone)]
pub struct GatewayConfig {
    pub counterpart: Counterpart,
    /// Under which address the gateway reaches this house with its receipts, without a slash at the end.
    pub receipts: String,
    pub account: String,
    pub secret: String,
    /// Stands before every text in 【】; gateways ask for it.
    pub signature: String,
}

pub(crate) struct SmsGateway {
    counterpart: Counterpart,
    account: String,
    pub secret: Secret,
    signature: String,
    receipt_url: String,
    receipt_path: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Taken,
    /// The gateway will never take it: a number that is none, a forbidden text.
    Refused(String),
    /// It may work later: no connection, a fault of the gateway, a wrong key.
    NotNow(String),
    /// It takes no more at present, of anything; perhaps it says for how many seconds.
    Busy(Option<u32>, String),
}

impl SmsGateway {
    /// Errors: receipts cannot come back to such an address.
    pub fn new(config: GatewayConfig) -> Result<Self> {
        let receipt_url = format!("{}{RECEIPT_PATH}", config.receipts);
        let path = Url::parse(&receipt_url).map(|url| url.path().to_owned());
        Ok(Self {
            counterpart: config.counterpart,
            account: config.account,
            secret: Secret::new(&config.secret),
            signature: config.signature,
            receipt_path: path.map_err(Problem::internal)?,
            receipt_url,
        })
    }

    /// The path that a receipt's mark is made over: of the address that the gateway was given.
    pub fn receipt_path(&self) -> &str {
        &self.receipt_path
    }

    pub async fn send(
        &self,
        reference: String,
        mobile: String,
        text: &str,
        now: Timestamp,
    ) -> Result<Answer> {
        let outgoing = Outgoing {
            reference,
            mobile,
            text: format!("【{}】{text}", self.signature),
            receipt_url: self.receipt_url.clone(),
        };
        let mark = Mark {
            account: &self.account,
            secret: &self.secret,
            now: now.0,
        };
        let body = serde_json::to_vec(&outgoing)?;
        let reference = &outgoing.reference;
        Ok(
            match http::post(&self.counterpart, SEND_PATH, body, &mark).await {
                Ok(answer) => {
                    let seconds = answer.header("retry-after").and_then(seconds);
                    meaning(answer.status, (&answer.body, reference), seconds)
                }
                Err(why) => Answer::NotNow(why.to_string()),
            },
        )
    }
}

fn seconds(header: &[u8]) -> Option<u32> {
    std::str::from_utf8(header).ok()?.trim().parse().ok()
}

/// Only an answer that names the message was given by whoever has taken it, and not by something in between.
fn meaning(status: u16, (answer, reference): (&[u8], &str), seconds: Option<u32>) -> Answer {
    let refusal: Refusal = serde_json::from_slice(answer).unwrap_or_default();
    let why = match refusal.message.as_str() {
        "" => format!("网关应答 {status}"),
        message => message.chars().take(200).collect(),
    };
    match status {
        200..=299 if takes(answer, reference) => Answer::Taken,
        200..=299 => Answer::NotNow("网关的应答里没有这条消息的编号，不能确定它收下了".into()),
        400 | 404 | 422 => Answer::Refused(why),
        429 | 503 => Answer::Busy(seconds, why),
        _ => Answer::NotNow(why),
    }
}

fn takes(answer: &[u8], reference: &str) -> bool {
    serde_json::from_slice::<Taken>(answer).is_ok_and(|taken| taken.reference == reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_message_itself_is_final() {
        let said = b"{\"message\":\"x\",\"reference\":\"r\"}";
        let of = |status| meaning(status, (said, "r"), seconds(b" 7"));
        assert_eq!(of(202), Answer::Taken);
        for said in [
            &b"{\"reference\":\"other\"}"[..],
            b"{\"result\":1}",
            b"<html>",
            b"",
        ] {
            let answer = meaning(200, (said, "r"), None);
            assert!(matches!(answer, Answer::NotNow(_)), "{answer:?}");
        }
        assert_eq!(of(422), Answer::Refused("x".into()));
        for later in [401, 403, 500, 301] {
            assert_eq!(of(later), Answer::NotNow("x".into()), "{later}");
        }
        for busy in [429, 503] {
            assert_eq!(of(busy), Answer::Busy(Some(7), "x".into()), "{busy}");
        }
        assert_eq!(seconds(b"soon"), None);
    }
}
