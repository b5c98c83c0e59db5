//! What travels between us and a gateway, and the mark that proves who sent it. Knows no socket.

use serde::{Deserialize, Serialize};
use tongban_base::Timestamp;
use tongban_crypto::{MacKey, sm3};

pub(crate) const SEND_PATH: &str = "/v1/messages";
pub(crate) const RECEIPT_PATH: &str = "/api/v1/messages/receipts";
pub(crate) const ACCOUNT: &str = "x-tongban-account";
pub(crate) const TIMESTAMP: &str = "x-tongban-timestamp";
pub(crate) const SIGNATURE: &str = "x-tongban-signature";
/// A request older or newer than this is refused.
const WINDOW_MILLIS: u64 = 5 * 60_000;

/// One SMS on its way out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outgoing {
    /// The same message has the same reference at every attempt; the gateway sends it once.
    pub reference: String,
    pub mobile: String,
    pub text: String,
    pub receipt_url: String,
}

/// What became of an SMS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
    pub reference: String,
    pub state: ReceiptState,
    #[serde(default)]
    pub reason: String,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReceiptState {
    Delivered,
    Failed,
}

/// What a gateway says when it has taken a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub reference: String,
}

/// What a gateway says when it will not take a message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Refusal {
    #[serde(default)]
    pub message: String,
}

/// The shared secret of one account.
#[derive(Clone, Debug)]
pub(crate) struct Secret(MacKey);

impl Secret {
    pub fn new(secret: &str) -> Self {
        Self(MacKey::new(sm3(secret.as_bytes())))
    }

    /// HMAC-SM3 over the path, the time and the body, in hexadecimal.
    pub fn sign(&self, path: &str, at: &str, body: &[u8]) -> String {
        let mac = self.0.mac(&parts(path, at, body));
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a request that says it was made at `at` carries our mark and is fresh.
    pub fn accepts(
        &self,
        path: &str,
        at: &str,
        signature: &str,
        body: &[u8],
        now: Timestamp,
    ) -> bool {
        let fresh = at
            .parse::<i64>()
            .is_ok_and(|at| at.abs_diff(now.0) <= WINDOW_MILLIS);
        let expected = self.sign(path, at, body);
        fresh && tongban_crypto::constant_time_eq(expected.as_bytes(), signature.as_bytes())
    }
}

fn parts<'p>(path: &'p str, at: &'p str, body: &'p [u8]) -> [&'p [u8]; 5] {
    [path.as_bytes(), b"\n", at.as_bytes(), b"\n", body]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_fits_one_path_one_time_and_one_body_and_grows_old() {
        let secret = Secret::new("示例密钥");
        let now = Timestamp(1_000_000);
        let mark = secret.sign(SEND_PATH, "1000000", b"{}");
        let accepts = |path, at, body, now| secret.accepts(path, at, &mark, body, now);
        assert!(accepts(SEND_PATH, "1000000", b"{}", now));
        assert!(!accepts(RECEIPT_PATH, "1000000", b"{}", now));
        assert!(!accepts(SEND_PATH, "1000001", b"{}", now));
        assert!(!accepts(SEND_PATH, "1000000", b"{ }", now));
        assert!(!accepts(SEND_PATH, "1000000", b"{}", now.plus_minutes(6)));
        let other = Secret::new("另一个");
        assert!(!other.accepts(SEND_PATH, "1000000", &mark, b"{}", now));
    }
}
