//! How an application shows who it is when it comes for tokens (RFC 6749, 2.3; OpenID Connect Core, 9).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tongban_crypto::{constant_time_eq, sm3};

use super::{Answered, Client, OAuthError, OpenId, Params};

const INVALID: &str = "invalid_client";

/// The application that a request comes from: by its secret in the header or in the form, or by its name alone if it
/// has none. `header` is the value of `Authorization`.
pub(crate) fn client_of<'a>(
    openid: &'a OpenId,
    header: Option<&str>,
    params: &Params,
) -> Answered<&'a Client> {
    let (code, secret) = match header {
        Some(header) => {
            let (code, secret) = basic(header)?;
            if params.get("client_secret").is_some() {
                let words = "the secret came in two ways";
                return Err(OAuthError::new("invalid_request", words));
            }
            if params.get("client_id").is_some_and(|named| named != code) {
                let words = "client_id is not that of the header";
                return Err(OAuthError::new("invalid_request", words));
            }
            (code, Some(secret))
        }
        None => {
            let code = params.get("client_id");
            let code = code.ok_or(OAuthError::new(INVALID, "no client authentication"))?;
            (
                code.to_owned(),
                params.get("client_secret").map(str::to_owned),
            )
        }
    };
    let client = openid.client(&code);
    let known = client.is_some_and(|client| holds(client, secret.as_deref()));
    client
        .filter(|_| known)
        .ok_or(OAuthError::new(INVALID, "client authentication failed"))
}

fn holds(client: &Client, secret: Option<&str>) -> bool {
    match (&client.secret_digest, secret) {
        (Some(digest), Some(secret)) => constant_time_eq(&sm3(secret.as_bytes()), digest),
        (None, None) => true,
        _ => false,
    }
}

/// `Basic base64(id:secret)`, both as in a form.
fn basic(header: &str) -> Answered<(String, String)> {
    let wrong = OAuthError::new(INVALID, "the Authorization header is not readable");
    let (scheme, encoded) = header.split_once(' ').ok_or(wrong)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(wrong);
    }
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| wrong)?;
    let text = String::from_utf8(bytes).map_err(|_| wrong)?;
    let (code, secret) = text.split_once(':').ok_or(wrong)?;
    Ok((decoded(code), decoded(secret)))
}

/// A value as forms carry it.
fn decoded(text: &str) -> String {
    // `=` and `&` would end the value; in a well-made one they are escaped.
    let safe = text.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(safe.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::openid::NewClient;
    use tongban_crypto::KeyRing;

    const SECRET: &str = "a secret: 100%&=+";

    fn openid() -> OpenId {
        let client = |code: &str, secret: Option<&str>| {
            Client::new(NewClient {
                code: code.into(),
                title: "甲".into(),
                redirect_uris: vec!["https://a.example/".into()],
                secret_digest: secret.map(|s| hex::encode(sm3(s.as_bytes()))),
                public: secret.is_none(),
                scopes: vec!["openid".into()],
            })
            .unwrap()
        };
        let clients = vec![client("kept", Some(SECRET)), client("open", None)];
        OpenId::new(&KeyRing::ephemeral().unwrap(), clients).unwrap()
    }

    fn form(pairs: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs).finish()
    }

    fn tried(header: Option<&str>, pairs: &[(&str, &str)]) -> Result<String, &'static str> {
        client_of(&openid(), header, &Params::read(&form(pairs)))
            .map(|client| client.code.clone())
            .map_err(|error| error.code)
    }

    fn header(code: &str, secret: &str) -> String {
        let escaped = |text| url::form_urlencoded::byte_serialize(str::as_bytes(text)).collect();
        let (code, secret): (String, String) = (escaped(code), escaped(secret));
        format!("Basic {}", STANDARD.encode(format!("{code}:{secret}")))
    }

    #[test]
    fn the_secret_may_come_in_the_header_or_in_the_form() {
        assert_eq!(tried(Some(&header("kept", SECRET)), &[]).unwrap(), "kept");
        let both = [("client_id", "kept"), ("client_secret", SECRET)];
        assert_eq!(tried(None, &both).unwrap(), "kept");
        assert_eq!(tried(None, &[("client_id", "open")]).unwrap(), "open");
    }

    #[test]
    fn a_wrong_a_missing_and_a_needless_secret_are_refused_alike() {
        let invalid = Err("invalid_client");
        assert_eq!(tried(Some(&header("kept", "other")), &[]), invalid);
        assert_eq!(tried(Some(&header("nobody", SECRET)), &[]), invalid);
        assert_eq!(tried(Some("Bearer x"), &[]), invalid);
        assert_eq!(tried(Some("Basic !"), &[]), invalid);
        assert_eq!(tried(None, &[("client_id", "kept")]), invalid);
        assert_eq!(
            tried(None, &[("client_id", "open"), ("client_secret", "x")]),
            invalid
        );
        assert_eq!(tried(None, &[]), invalid);
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let invalid = Err("invalid_request");
        let right = header("kept", SECRET);
        assert_eq!(tried(Some(&right), &[("client_secret", SECRET)]), invalid);
        assert_eq!(tried(Some(&right), &[("client_id", "open")]), invalid);
    }
}
