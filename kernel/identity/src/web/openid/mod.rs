//! The login provider for other applications: discovery, authorization, tokens, claims (docs/contracts/openid-connect.md).

mod authorize;
mod discovery;
mod token;

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::Response;
use tongban_base::Budget;
use tongban_ui::security::content_policy_with_form_to;
use tongban_ui::{Access, App, Routes};

use crate::Identity;
use crate::openid::{Destination, Scope, Scopes};

const AUTHORIZE: &str = "/oauth2/authorize";
const TOKEN: &str = "/oauth2/token";
const USERINFO: &str = "/oauth2/userinfo";
const JWKS: &str = "/oauth2/jwks";

pub(super) fn add(routes: Routes) -> Routes {
    routes
        .get(
            "/.well-known/openid-configuration",
            Access::Public,
            discovery::show,
        )
        .describe_oauth(discovery::described())
        .get(JWKS, Access::Public, discovery::keys)
        .describe_oauth(discovery::keys_described())
        .get(AUTHORIZE, Access::Public, authorize::show)
        .post(
            "/oauth2/consent",
            Access::Public,
            "openid.granted",
            authorize::decide,
        )
        .post(TOKEN, Access::Public, "openid.signed_in", token::redeem)
        .budget(Budget::ClientSecret)
        .describe_oauth(token::described())
        .get(USERINFO, Access::Public, token::claims)
        .budget(Budget::ClientSecret)
        .describe_oauth(token::claims_described())
}

/// The name of this provider, which stands in every token: the address that visitors know.
fn issuer(app: &App) -> &str {
    app.site().public_url.trim_end_matches('/')
}

/// The application that a page of ours leads on to, if it is one.
pub(super) fn destination(identity: &Identity, next: &str) -> Option<Destination> {
    let query = next.strip_prefix(AUTHORIZE)?.strip_prefix('?')?;
    Destination::of(&identity.openid, query)
}

/// After this form the browser is sent on to the application.
pub(super) fn let_form_lead_to(response: &mut Response, destination: &Destination) {
    let policy = content_policy_with_form_to(&destination.origin);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
}

/// What these scopes tell, in words.
pub(super) fn told(scopes: &Scopes) -> Vec<&'static str> {
    let mut told = vec!["专用标识"];
    if scopes.has(Scope::RealName) {
        told.extend(["完整姓名", "实名等级"]);
    } else if scopes.has(Scope::Profile) {
        told.extend(["姓名（隐去部分文字）", "实名等级"]);
    }
    told
}
