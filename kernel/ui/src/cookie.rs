//! Reading and writing cookies, and their names on the way. Knows nothing of what they hold.
//!
//! Over an encrypted connection every cookie is `__Host-…` and `Secure`: no neighbouring site and no unencrypted page
//! can set one. Only here the prefix is known; everywhere else a cookie has its plain name.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

const PREFIX: &str = "__Host-";

/// The value of the cookie of that name; none when it is there twice, as somebody may have put the other one there.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = pairs(headers).filter(|(found, _)| *found == name);
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// A `Set-Cookie` value; `extra` are further attributes. None when the value has bytes that a header cannot hold.
pub(crate) fn write(name: &str, value: &str, seconds: u32, extra: &str) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax{extra}");
    HeaderValue::from_str(&text).ok()
}

/// What a browser sent under the names of the way, under their plain names; any other was not set by us.
pub(crate) fn unwrap(headers: &mut HeaderMap, is_encrypted: bool) {
    if !is_encrypted || !headers.contains_key(COOKIE) {
        return;
    }
    let ours: Vec<String> = pairs(headers)
        .filter_map(|(name, value)| Some(format!("{}={value}", name.strip_prefix(PREFIX)?)))
        .collect();
    headers.remove(COOKIE);
    if let Ok(value) = HeaderValue::from_str(&ours.join("; ")) {
        headers.insert(COOKIE, value);
    }
}

/// What is sent to a browser, under the names of the way.
pub(crate) fn wrap(headers: &mut HeaderMap, is_encrypted: bool) {
    if !is_encrypted {
        return;
    }
    let set: Vec<HeaderValue> = headers.get_all(SET_COOKIE).iter().cloned().collect();
    headers.remove(SET_COOKIE);
    for value in set {
        let wrapped = value.to_str().map(|text| format!("{PREFIX}{text}; Secure"));
        if let Some(value) = wrapped
            .ok()
            .and_then(|text| HeaderValue::try_from(text).ok())
        {
            headers.append(SET_COOKIE, value);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, line.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_that_is_there_twice_counts_for_nothing() {
        assert_eq!(read(&sent(&["a=1; b=2"]), "b"), Some("2"));
        for lines in [&["a=1; a=2"][..], &["a=1", "a=1"]] {
            assert_eq!(read(&sent(lines), "a"), None);
        }
    }

    #[test]
    fn over_an_encrypted_connection_only_cookies_of_the_host_itself_count() {
        let both = "tongban_session=planted; __Host-tongban_session=ours";
        let mut headers = sent(&[both, "__Host-b=2"]);
        unwrap(&mut headers, true);
        assert_eq!(read(&headers, "tongban_session"), Some("ours"));
        assert_eq!(read(&headers, "b"), Some("2"));
        let mut planted = sent(&["tongban_session=planted"]);
        unwrap(&mut planted, true);
        assert_eq!(read(&planted, "tongban_session"), None);
        let mut answer = HeaderMap::new();
        answer.append(SET_COOKIE, write("a", "1", 60, "").unwrap());
        answer.append(SET_COOKIE, write("b", "2", 60, "; HttpOnly").unwrap());
        wrap(&mut answer, true);
        let set = answer.get_all(SET_COOKIE).iter();
        let set: Vec<&str> = set.map(|v| v.to_str().unwrap()).collect();
        let first = "__Host-a=1; Path=/; Max-Age=60; SameSite=Lax; Secure";
        assert_eq!(set[0], first);
        assert!(set[1].starts_with("__Host-b=2; ") && set[1].ends_with("; HttpOnly; Secure"));
    }
}
