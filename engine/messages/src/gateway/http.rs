//! One request signed by the contract. Knows neither gateways nor messages.

use std::time::Duration;

use tongban_outward::{Answer, Counterpart, Unanswered};

use super::contract::{ACCOUNT, SIGNATURE, Secret, TIMESTAMP};

/// A gateway that does not answer in this time is tried again later.
const PATIENCE: Duration = Duration::from_secs(8);

/// Who signs, and when.
pub(crate) struct Mark<'a> {
    pub account: &'a str,
    pub secret: &'a Secret,
    pub now: i64,
}

/// Posts `body`; the error says in words what went wrong.
pub(crate) async fn post(
    to: &Counterpart,
    path: &str,
    body: Vec<u8>,
    mark: &Mark<'_>,
) -> Result<Answer, Unanswered> {
    let at = mark.now.to_string();
    let signature = mark.secret.sign(&to.path(path), &at, &body);
    let headers = [
        (ACCOUNT, mark.account),
        (TIMESTAMP, &at),
        (SIGNATURE, &signature),
    ];
    to.post(PATIENCE, path, &headers, body).await
}
