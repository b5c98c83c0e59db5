//! What an application reads before it sends anybody (OpenID Connect Discovery 1.0), and the keys of the tokens.

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tongban_ui::{Answer, App, Operation};

use super::{AUTHORIZE, JWKS, TOKEN, USERINFO, issuer};
use crate::Identity;
use crate::openid::Scope;

/// Nothing personal, and the same for a long time.
const KEEP: [(axum::http::HeaderName, &str); 1] = [(CACHE_CONTROL, "public, max-age=300")];

pub(crate) async fn show(State(app): State<App>) -> Answer {
    let at = |path: &str| format!("{}{path}", issuer(&app));
    let document = json!({
        "issuer": issuer(&app),
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "userinfo_endpoint": at(USERINFO),
        "jwks_uri": at(JWKS),
        "scopes_supported": Scope::ALL.map(Scope::code),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "real_name_level"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["zh-CN"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    });
    Ok((KEEP, Json(document)).into_response())
}

pub(crate) async fn keys(State(app): State<App>) -> Answer {
    let identity = app.service::<Identity>()?;
    Ok((KEEP, Json(identity.openid.keys.published())).into_response())
}

pub(super) fn described() -> Operation {
    Operation {
        id: "readOpenIdConfiguration",
        summary: "统一登录（OpenID Connect）的配置",
        request: None,
        response: json!({ "type": "object", "required": ["issuer", "jwks_uri"] }),
        query: &[],
    }
}

pub(super) fn keys_described() -> Operation {
    Operation {
        id: "readOpenIdKeys",
        summary: "身份令牌的公钥（JWKS）",
        request: None,
        response: keys_schema(),
        query: &[],
    }
}

fn keys_schema() -> Value {
    json!({
        "type": "object",
        "required": ["keys"],
        "properties": { "keys": { "type": "array", "items": { "type": "object" } } },
    })
}
