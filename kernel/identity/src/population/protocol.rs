//! The messages of `docs/contracts/population-register.md` and their signatures. Knows no socket.

use serde::{Deserialize, Serialize};
use tongban_crypto::{hmac_sm3, sm3_hex};

pub(crate) const PATH: &str = "/v1/checks";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub name: String,
    pub id_number: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The idempotency key of the question that this answers.
    pub request: String,
    pub result: String,
}

/// HMAC-SM3 in hexadecimal over the lines of the contract, section 3.
pub(crate) fn sign_question(
    key: &[u8],
    path: &str,
    application: &str,
    timestamp: &str,
    idempotency: &str,
    body: &[u8],
) -> String {
    let text = format!(
        "POST\n{path}\n{application}\n{timestamp}\n{idempotency}\n{}",
        sm3_hex(body)
    );
    hex::encode(hmac_sm3(key, &[text.as_bytes()]))
}

/// The same for an answer, section 4.
pub(crate) fn sign_answer(key: &[u8], status: u16, idempotency: &str, body: &[u8]) -> String {
    let text = format!("{status}\n{idempotency}\n{}", sm3_hex(body));
    hex::encode(hmac_sm3(key, &[text.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_every_part_of_a_question() {
        let sign = |path, application, time, id, body: &str| {
            sign_question(b"key", path, application, time, id, body.as_bytes())
        };
        let right = sign("/v1/checks", "a", "1", "x", "{}");
        for other in [
            sign("/v2/checks", "a", "1", "x", "{}"),
            sign("/v1/checks", "b", "1", "x", "{}"),
            sign("/v1/checks", "a", "2", "x", "{}"),
            sign("/v1/checks", "a", "1", "y", "{}"),
            sign("/v1/checks", "a", "1", "x", "{ }"),
        ] {
            assert_ne!(other, right);
        }
    }
}
