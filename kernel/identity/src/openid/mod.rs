//! What the login provider for other applications (OpenID Connect Core 1.0, RFC 6749, RFC 7636) decides without a
//! table and without a page: who is registered, what a request says, what a token holds.

mod client;
mod credentials;
mod params;
mod request;
mod scope;
mod token;

use tongban_base::{Result, Uuid};
use tongban_crypto::{KeyRing, MacKey, Purpose};

pub use client::{Client, NewClient};
pub(crate) use credentials::client_of;
pub(crate) use params::Params;
pub(crate) use request::{
    AuthorizationRequest, Destination, Prompt, Refusal, SIGNED_IN_AFTER, answer_error,
    fits_challenge,
};
pub(crate) use scope::{Scope, Scopes};
pub(crate) use token::{IdToken, TokenKeys};

const MARKS: Purpose = Purpose::new("openid-marks");

/// How long the application has to come for its tokens.
pub(crate) const CODE_SECONDS: i64 = 60;
/// How long an access token opens the claims, and for how long an identity token may be believed.
pub(crate) const TOKEN_SECONDS: i64 = 600;

/// An error as RFC 6749 and OpenID Connect name it; the words are for the developer of the application, in ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub code: &'static str,
    pub words: &'static str,
}

/// What an application gets, or why it does not.
pub(crate) type Answered<T> = std::result::Result<T, OAuthError>;

impl OAuthError {
    pub const fn new(code: &'static str, words: &'static str) -> Self {
        Self { code, words }
    }
}

/// The registered applications and the keys that tokens are made with.
pub(crate) struct OpenId {
    clients: Vec<Client>,
    pub keys: TokenKeys,
    marks: MacKey,
}

impl OpenId {
    pub fn new(ring: &KeyRing, clients: Vec<Client>) -> Result<Self> {
        Ok(Self {
            clients,
            keys: TokenKeys::of(ring)?,
            marks: ring.mac_key(MARKS)?,
        })
    }

    pub fn client(&self, code: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.code == code)
    }

    /// What is kept of a code: who reads the table cannot use it.
    pub fn code_digest(&self, code: &str) -> String {
        hex::encode(self.marks.mac(&[b"code\0", code.as_bytes()]))
    }

    /// The same of an access token.
    pub fn token_digest(&self, token: &str) -> String {
        hex::encode(self.marks.mac(&[b"token\0", token.as_bytes()]))
    }

    /// What an application knows a person by. Two applications that compare what they have find nothing in common
    /// (pairwise identifiers; OpenID Connect Core, 8.1).
    pub fn subject(&self, client: &str, account: Uuid) -> String {
        let account = account.to_string();
        let parts: [&[u8]; 4] = [b"subject\0", client.as_bytes(), b"\0", account.as_bytes()];
        hex::encode(self.marks.mac(&parts))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_another_name_at_each_application_and_always_the_same_at_one() {
        let openid = OpenId::new(&KeyRing::ephemeral().unwrap(), Vec::new()).unwrap();
        let (person, other) = (Uuid::now_v7(), Uuid::now_v7());
        let subject = openid.subject("a", person);
        assert_eq!(subject, openid.subject("a", person));
        assert_ne!(subject, openid.subject("b", person));
        assert_ne!(subject, openid.subject("a", other));
        assert!(!subject.contains(&person.simple().to_string()));
    }
}
