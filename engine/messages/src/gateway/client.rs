//! Handing one SMS to the gateway, and telling what its answer means. Knows no retries: the job does.

use hyper::{StatusCode, Uri};
use tongban_base::{Problem, Result, Timestamp};

use super::contract::{Outgoing, RECEIPT_PATH, Refusal, SEND_PATH, Secret};
use super::http::{self, Address, Mark};

/// What the installation says of its gateway.
#[derive(Clone)]
pub struct GatewayConfig {
    /// `http://host:port`
    pub url: String,
    pub account: String,
    pub secret: String,
    /// Stands before every text in 【】; gateways ask for it.
    pub signature: String,
}

#[derive(Debug)]
pub(crate) struct SmsGateway {
    address: Address,
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
    /// It may work later: no connection, too busy, a fault of the gateway, a wrong key.
    NotNow(String),
}

impl SmsGateway {
    pub fn new(config: GatewayConfig, public_url: &str) -> Result<Self> {
        let receipt_url = format!("{public_url}{RECEIPT_PATH}");
        let path = receipt_url.parse::<Uri>().map(|uri| uri.path().to_owned());
        Ok(Self {
            address: Address::parse(&config.url)?,
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
        Ok(
            match http::post(&self.address, SEND_PATH, body, &mark).await {
                Ok((status, answer)) => meaning(status, &answer),
                Err(why) => Answer::NotNow(why),
            },
        )
    }
}

fn meaning(status: StatusCode, answer: &[u8]) -> Answer {
    let refusal: Refusal = serde_json::from_slice(answer).unwrap_or_default();
    let why = match refusal.message.as_str() {
        "" => format!("网关应答 {}", status.as_u16()),
        message => message.chars().take(200).collect(),
    };
    match status.as_u16() {
        200..=299 => Answer::Taken,
        400 | 404 | 422 => Answer::Refused(why),
        _ => Answer::NotNow(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_message_itself_is_final() {
        let of = |code| {
            meaning(
                StatusCode::from_u16(code).unwrap_or_default(),
                b"{\"message\":\"x\"}",
            )
        };
        assert_eq!(of(202), Answer::Taken);
        assert_eq!(of(422), Answer::Refused("x".into()));
        for later in [401, 403, 429, 500, 503, 301] {
            assert_eq!(of(later), Answer::NotNow("x".into()), "{later}");
        }
    }
}
