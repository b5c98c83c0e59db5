//! The mark that ties a form to the session it was shown in. Knows no session store: the caller gives the id.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tongban_base::{Kind, Problem, Result};
use tongban_crypto::MacKey;

/// The field that carries the mark in every form.
pub const FIELD: &str = "csrf";
/// The header that carries it in requests made by a script.
pub const HEADER: &str = "x-csrf-token";

pub fn token(key: &MacKey, session: &str) -> String {
    URL_SAFE_NO_PAD.encode(key.mac(&[b"csrf\0", session.as_bytes()]))
}

/// Refuses a form that was not shown in this session.
pub fn check(key: &MacKey, session: &str, given: &str) -> Result<()> {
    let matches = URL_SAFE_NO_PAD
        .decode(given)
        .is_ok_and(|given| key.matches(&[b"csrf\0", session.as_bytes()], &given));
    if matches {
        Ok(())
    } else {
        Err(Problem::new(
            Kind::Forbidden,
            "csrf",
            "页面停留太久，已经失效。请返回上一页刷新后重新提交",
        ))
    }
}
