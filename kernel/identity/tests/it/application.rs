//! Other applications, as their servers and their people's browsers behave: they send somebody here, and come for the
//! tokens of what they got back.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;
use tongban_crypto::sm3_hex;
use tongban_identity::{Client, NewClient};

use crate::house::{Answer, Browser, Site};

/// The example of RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SECRET: &str = "a-secret-of-the-test";
pub const ISSUER: &str = "http://127.0.0.1:8080";

pub struct Application {
    pub code: &'static str,
    pub redirect: &'static str,
    secret: Option<&'static str>,
}

pub const KEPT: Application = Application {
    code: "kept",
    redirect: "https://kept.example/back?tenant=1",
    secret: Some(SECRET),
};

/// One that can keep no secret.
pub const OPEN: Application = Application {
    code: "open",
    redirect: "http://127.0.0.1:8799/callback",
    secret: None,
};

pub fn registered() -> Vec<Client> {
    let all = ["openid", "profile", "real_name"].map(str::to_owned);
    let client = |application: &Application, title: &str, scopes: &[String]| {
        Client::new(NewClient {
            code: application.code.into(),
            title: title.into(),
            redirect_uris: vec![application.redirect.into()],
            secret_digest: application.secret.map(|s| sm3_hex(s.as_bytes())),
            public: application.secret.is_none(),
            scopes: scopes.to_vec(),
        })
        .unwrap()
    };
    vec![
        client(&KEPT, "示例应用", &all),
        client(&OPEN, "示例手机应用", &all[..2]),
    ]
}

/// The parameters, some of them changed: a value of "" takes one out.
fn encoded(usual: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut pairs: BTreeMap<&str, &str> = usual.iter().copied().collect();
    pairs.extend(changes.iter().copied());
    pairs.retain(|_, value| !value.is_empty());
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish()
}

impl Application {
    /// Where it sends the browser.
    pub fn request(&self, changes: &[(&str, &str)]) -> String {
        let usual = [
            ("client_id", self.code),
            ("redirect_uri", self.redirect),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "a state"),
            ("nonce", "a nonce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        format!("/oauth2/authorize?{}", encoded(&usual, changes))
    }

    /// The person is asked, and agrees; gives what came back.
    pub async fn agreed(
        &self,
        browser: &mut Browser,
        changes: &[(&str, &str)],
        ticked: bool,
    ) -> Answer {
        let page = browser.get(&self.request(changes)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.location);
        let html = page.html();
        let request = html.one("[name=request]");
        let request = request.attribute("value").unwrap();
        let mut form = vec![("request", request), ("decision", "allow")];
        if ticked {
            assert!(html.has("[type=checkbox][name=real_name]"));
            form.push(("real_name", "yes"));
        }
        browser.post("/oauth2/consent", &form).await
    }

    /// The code of a person who agrees.
    pub async fn code(&self, browser: &mut Browser) -> String {
        let answer = self.agreed(browser, &[], false).await;
        part(&answer, "code").unwrap()
    }

    pub async fn redeem(&self, site: &Site, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut usual = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect),
            ("code_verifier", VERIFIER),
            ("client_id", self.code),
        ];
        usual.extend(self.secret.map(|secret| ("client_secret", secret)));
        let request = Request::post("/oauth2/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded(&usual, changes)));
        site.browser().send(request.unwrap()).await
    }

    /// The access token of a person who agrees.
    pub async fn access(&self, site: &Site, browser: &mut Browser) -> String {
        let code = self.code(browser).await;
        self.access_for(site, &code).await
    }

    /// That of a person who agreed before.
    pub async fn access_again(&self, site: &Site, browser: &mut Browser) -> String {
        let code = part(&browser.get(&self.request(&[])).await, "code").unwrap();
        self.access_for(site, &code).await
    }

    async fn access_for(&self, site: &Site, code: &str) -> String {
        let answer = self.redeem(site, code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

pub async fn claims(site: &Site, token: &str) -> Answer {
    let request = Request::get("/oauth2/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty());
    site.browser().send(request.unwrap()).await
}

/// A parameter of the address that the browser is sent to.
pub fn part(answer: &Answer, name: &str) -> Option<String> {
    let url = url::Url::parse(&answer.location).unwrap_or_else(|_| {
        panic!("{} {:?} leads nowhere", answer.status, answer.location);
    });
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// The claims of an identity token whose signature holds under the published keys.
pub async fn verified(site: &Site, token: &str) -> Value {
    let parts: Vec<&str> = token.split('.').collect();
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let header: Value = serde_json::from_slice(&bytes(parts[0])).unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&"ES256".into(), &"JWT".into())
    );
    let keys = site.browser().get("/oauth2/jwks").await.json();
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let coordinate = |name: &str| bytes(key[name].as_str().unwrap());
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).unwrap();
    let signature = Signature::from_slice(&bytes(parts[2])).unwrap();
    let signed = format!("{}.{}", parts[0], parts[1]);
    key.verify(signed.as_bytes(), &signature).unwrap();
    serde_json::from_slice(&bytes(parts[1])).unwrap()
}
