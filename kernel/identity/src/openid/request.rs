//! The request with which an application sends somebody here (OpenID Connect Core, 3.1.2; RFC 7636). Read strictly:
//! what is not understood is refused, unless the standard says to pass over it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tongban_base::{Kind, Problem};
use tongban_crypto::{constant_time_eq, sha256};
use url::Url;

use super::{Answered, Client, OAuthError, OpenId, Params, Scope, Scopes};

/// State and nonce come back or are stored; nobody needs longer ones.
const LONGEST: usize = 512;

/// What the application wants the person to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// What is necessary.
    Needed,
    /// Nothing: answer at once or not at all.
    None,
    LogIn,
    Consent,
}

/// Our own parameter, which stands in a request that comes back from the login.
pub(crate) const SIGNED_IN_AFTER: &str = "signed_in_after";

#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRequest {
    pub client: Client,
    pub redirect_uri: String,
    pub scopes: Scopes,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: String,
    pub prompt: Prompt,
    /// The login may be at most so many seconds old.
    pub max_age: Option<i64>,
    /// The login must be no older than this moment, in milliseconds: ours, where somebody was sent to log in again.
    pub signed_in_after: Option<i64>,
}

/// Whom to tell that a request is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The person: the application or its address is not known, so nothing is sent there.
    Person(Problem),
    /// The application, at its address.
    Application {
        redirect_uri: String,
        state: Option<String>,
        error: OAuthError,
    },
}

impl AuthorizationRequest {
    pub fn read(openid: &OpenId, params: &Params) -> Result<Self, Refusal> {
        let (client, redirect_uri) = known(openid, params).map_err(Refusal::Person)?;
        let state = params.get("state").filter(|s| s.len() <= LONGEST);
        rest(client, redirect_uri, params).map_err(|error| Refusal::Application {
            redirect_uri: redirect_uri.to_owned(),
            state: state.map(str::to_owned),
            error,
        })
    }

    /// The address of the application with an answer in it. `iss` tells it who answered (RFC 9207).
    pub fn answer(&self, issuer: &str, name: &str, value: &str) -> String {
        answer(
            &self.redirect_uri,
            issuer,
            &[(name, value)],
            self.state.as_deref(),
        )
    }
}

impl Refusal {
    pub fn of(request: &AuthorizationRequest, error: OAuthError) -> Self {
        Self::Application {
            redirect_uri: request.redirect_uri.clone(),
            state: request.state.clone(),
            error,
        }
    }
}

pub(crate) fn answer_error(
    redirect_uri: &str,
    issuer: &str,
    error: OAuthError,
    state: Option<&str>,
) -> String {
    let pairs = [("error", error.code), ("error_description", error.words)];
    answer(redirect_uri, issuer, &pairs, state)
}

fn answer(uri: &str, issuer: &str, pairs: &[(&str, &str)], state: Option<&str>) -> String {
    // It was parsed when it was registered.
    let Ok(mut url) = Url::parse(uri) else {
        return "/".to_owned();
    };
    let mut query = url.query_pairs_mut();
    query.extend_pairs(pairs);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
    drop(query);
    url.into()
}

/// Where the answer to a request goes.
pub(crate) struct Destination {
    /// The application's.
    pub title: String,
    /// `scheme://host:port`
    pub origin: String,
}

impl Destination {
    /// None for a request that is answered here. `query` is that of the authorization request.
    pub fn of(openid: &OpenId, query: &str) -> Option<Self> {
        let params = Params::read(query);
        let (client, uri) = known(openid, &params).ok()?;
        Some(Self {
            title: client.title.clone(),
            origin: Url::parse(uri).ok()?.origin().ascii_serialization(),
        })
    }
}

/// The application and one of its addresses, letter by letter.
fn known<'a>(openid: &'a OpenId, params: &Params) -> Result<(&'a Client, &'a str), Problem> {
    let client = params.get("client_id").and_then(|code| openid.client(code));
    let client = client.ok_or_else(|| {
        let words = "发起登录的应用没有在本平台登记，不能继续。请联系该应用的管理单位";
        Problem::new(Kind::NotFound, "openid.client_unknown", words)
    })?;
    let uri = params.get("redirect_uri").and_then(|given| {
        let mut registered = client.redirect_uris.iter().map(String::as_str);
        registered.find(|uri| *uri == given)
    });
    let uri = uri.ok_or_else(|| {
        let words = format!(
            "“{}”要求返回的地址没有登记，为了您的账号安全，登录没有继续。请联系该应用的管理单位",
            client.title
        );
        Problem::new(Kind::NotFound, "openid.redirect_unknown", words)
    })?;
    Ok((client, uri))
}

fn rest(client: &Client, uri: &str, params: &Params) -> Answered<AuthorizationRequest> {
    let invalid = |words| Err(OAuthError::new("invalid_request", words));
    if params.has_twins() {
        return invalid("a parameter is repeated");
    }
    for (name, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if params.get(name).is_some() {
            return Err(OAuthError::new(code, "this parameter is not supported"));
        }
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => {
            let words = "only response_type=code is supported";
            return Err(OAuthError::new("unsupported_response_type", words));
        }
        None => return invalid("response_type is missing"),
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return invalid("only response_mode=query is supported");
    }
    let too_long = |name| params.get(name).is_some_and(|value| value.len() > LONGEST);
    if too_long("state") || too_long("nonce") {
        return invalid("state and nonce have at most 512 bytes");
    }
    let owned = |name| params.get(name).map(str::to_owned);
    Ok(AuthorizationRequest {
        scopes: scopes(client, params)?,
        challenge: challenge(params)?,
        prompt: prompt(params)?,
        max_age: max_age(params)?,
        signed_in_after: params.get(SIGNED_IN_AFTER).and_then(|at| at.parse().ok()),
        state: owned("state"),
        nonce: owned("nonce"),
        redirect_uri: uri.to_owned(),
        client: client.clone(),
    })
}

fn scopes(client: &Client, params: &Params) -> Answered<Scopes> {
    let invalid = |words| Err(OAuthError::new("invalid_scope", words));
    let scopes = Scopes::read(params.get("scope").unwrap_or_default());
    if !scopes.has(Scope::OpenId) {
        return invalid("scope must contain openid");
    }
    if !scopes.are_within(&client.scopes) {
        return invalid("a scope is not registered for this client");
    }
    if scopes.has(Scope::RealName) && !scopes.has(Scope::Profile) {
        return invalid("real_name needs profile");
    }
    Ok(scopes)
}

/// PKCE is wanted of everybody, and only with S256 (OAuth 2.0 security best practice, RFC 9700, 2.1.1).
fn challenge(params: &Params) -> Answered<String> {
    let invalid = |words| Err(OAuthError::new("invalid_request", words));
    let Some(challenge) = params.get("code_challenge") else {
        return invalid("code_challenge is missing: PKCE is required");
    };
    if params.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    match URL_SAFE_NO_PAD.decode(challenge) {
        Ok(bytes) if bytes.len() == 32 => Ok(challenge.to_owned()),
        _ => invalid("code_challenge is not a SHA-256 digest in base64url"),
    }
}

fn prompt(params: &Params) -> Answered<Prompt> {
    let wishes: Vec<&str> = params
        .get("prompt")
        .unwrap_or_default()
        .split(' ')
        .collect();
    if wishes.contains(&"none") && wishes.len() > 1 {
        let words = "prompt=none goes with nothing else";
        return Err(OAuthError::new("invalid_request", words));
    }
    // Whoever logs in anew chooses the account by it, and a consent that is asked for again comes after it.
    Ok(match wishes.as_slice() {
        ["none"] => Prompt::None,
        wishes if wishes.contains(&"login") || wishes.contains(&"select_account") => Prompt::LogIn,
        wishes if wishes.contains(&"consent") => Prompt::Consent,
        _ => Prompt::Needed,
    })
}

fn max_age(params: &Params) -> Answered<Option<i64>> {
    let Some(text) = params.get("max_age") else {
        return Ok(None);
    };
    match text.parse() {
        Ok(seconds) if seconds >= 0 => Ok(Some(seconds)),
        _ => Err(OAuthError::new(
            "invalid_request",
            "max_age is no number of seconds",
        )),
    }
}

/// Whether a verifier is the one whose digest came with the request (RFC 7636, 4.6).
pub(crate) fn fits_challenge(verifier: &str, challenge: &str) -> bool {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let formed = (43..=128).contains(&verifier.len()) && verifier.chars().all(unreserved);
    let digest = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    formed && constant_time_eq(digest.as_bytes(), challenge.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_fits_and_nothing_else() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(fits_challenge(verifier, challenge));
        assert!(!fits_challenge(&verifier.replace('d', "e"), challenge));
        assert!(!fits_challenge(challenge, challenge), "plain is not S256");
        assert!(!fits_challenge("short", challenge));
    }

    #[test]
    fn an_answer_keeps_what_the_address_had() {
        let url = answer(
            "https://a.example/back?tenant=1",
            "https://t.example",
            &[("code", "x y")],
            Some("s&t"),
        );
        assert_eq!(
            url,
            "https://a.example/back?tenant=1&code=x+y&state=s%26t&iss=https%3A%2F%2Ft.example"
        );
    }
}
