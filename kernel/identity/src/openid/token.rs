//! Identity tokens (JWS in compact form, RFC 7515) and the public keys they are checked with (RFC 7517). Knows no table.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use tongban_base::{Problem, Result, Timestamp};
use tongban_crypto::{Es256Key, KeyRing, Purpose, sha256};

use super::TOKEN_SECONDS;

const SIGNING: Purpose = Purpose::new("openid-signing");
/// The key in use and the one before it: tokens live for minutes, the ring is rotated in years.
const PUBLISHED: usize = 2;

pub(crate) struct TokenKeys(Vec<(String, Es256Key)>);

impl TokenKeys {
    pub fn of(ring: &KeyRing) -> Result<Self> {
        let keys = ring.es256_keys(SIGNING)?.into_iter().take(PUBLISHED);
        Ok(Self(keys.map(|key| (thumbprint(&key), key)).collect()))
    }

    /// The set of public keys.
    pub fn published(&self) -> Json {
        let keys: Vec<Json> = self
            .0
            .iter()
            .map(|(id, key)| {
                let (x, y) = coordinates(key);
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": x, "y": y})
            })
            .collect();
        json!({ "keys": keys })
    }

    pub fn sign(&self, token: &IdToken) -> Result<String> {
        let (id, key) = self
            .0
            .first()
            .ok_or_else(|| Problem::internal("no key for identity tokens"))?;
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": id});
        let part = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let signed = format!("{}.{}", part(header), part(token.claims()));
        let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

/// What an identity token says: who logged in where, for whom, and when. No name, no number.
pub(crate) struct IdToken<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub audience: &'a str,
    pub issued_at: Timestamp,
    pub signed_in_at: Timestamp,
    pub nonce: Option<&'a str>,
    /// The access token that came with it.
    pub access_token: &'a str,
}

impl IdToken<'_> {
    fn claims(&self) -> Json {
        let issued_at = seconds(self.issued_at);
        let mut claims = json!({
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "iat": issued_at,
            "exp": issued_at + TOKEN_SECONDS,
            "auth_time": seconds(self.signed_in_at),
            "at_hash": half_hash(self.access_token),
        });
        if let Some(nonce) = self.nonce {
            claims["nonce"] = nonce.into();
        }
        claims
    }
}

pub(crate) fn seconds(time: Timestamp) -> i64 {
    time.0.div_euclid(1000)
}

/// The left half of the digest (OpenID Connect Core, 3.1.3.6).
fn half_hash(token: &str) -> String {
    let digest = sha256(token.as_bytes());
    URL_SAFE_NO_PAD.encode(digest.split_at(16).0)
}

fn coordinates(key: &Es256Key) -> (String, String) {
    let (x, y) = key.point();
    (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
}

/// The digest of the members that make the key, in their order (RFC 7638).
fn thumbprint(key: &Es256Key) -> String {
    let (x, y) = coordinates(key);
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn token() -> IdToken<'static> {
        IdToken {
            issuer: "https://t.example",
            subject: "s",
            audience: "a",
            issued_at: Timestamp(1_500),
            signed_in_at: Timestamp(999),
            nonce: None,
            access_token: "x",
        }
    }

    #[test]
    fn a_rotated_ring_signs_anew_and_still_publishes_the_key_before() {
        let mut ring = KeyRing::ephemeral().unwrap();
        let id = |keys: &TokenKeys, index: usize| keys.published()["keys"][index]["kid"].clone();
        let first = TokenKeys::of(&ring).unwrap();
        ring.rotate().unwrap();
        ring.rotate().unwrap();
        let third = TokenKeys::of(&ring).unwrap();
        assert_eq!(third.published()["keys"].as_array().unwrap().len(), 2);
        assert_ne!(id(&third, 0), id(&first, 0));
        assert_ne!(id(&third, 1), id(&first, 0), "the first is too old now");
        let header = third.sign(&token()).unwrap();
        let header = URL_SAFE_NO_PAD
            .decode(header.split('.').next().unwrap())
            .unwrap();
        let header: Json = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["kid"], id(&third, 0));
        assert_eq!(header["alg"], "ES256");
    }

    #[test]
    fn times_are_whole_seconds_and_a_nonce_is_there_only_if_it_was_given() {
        let claims = token().claims();
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(1), &json!(601)));
        assert_eq!(claims["auth_time"], 0);
        assert!(claims.get("nonce").is_none());
        let with = IdToken {
            nonce: Some("n"),
            ..token()
        };
        assert_eq!(with.claims()["nonce"], "n");
    }
}
