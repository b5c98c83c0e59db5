//! `/oauth2/token` and `/oauth2/userinfo`: called by applications, not by browsers. Errors as RFC 6749 and RFC 6750 want them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tongban_ui::{Answer, App, Operation, Visit};

use super::issuer;
use crate::Identity;
use crate::openid::{OAuthError, Params, TOKEN_SECONDS, client_of};
use crate::service::read_claims::read_claims;
use crate::service::redeem_code::redeem_code;

const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) async fn redeem(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let identity = app.service::<Identity>()?;
    if !text(&headers, CONTENT_TYPE).is_some_and(|kind| kind.starts_with(FORM)) {
        let error = OAuthError::new("invalid_request", "the body must be a form");
        return Ok(refuse(error));
    }
    let params = Params::read(&String::from_utf8_lossy(&body));
    let client = match client_of(&identity.openid, text(&headers, AUTHORIZATION), &params) {
        Ok(client) => client,
        Err(error) => return Ok(refuse(error)),
    };
    match redeem_code(&identity, &ctx, issuer(&app), client, &params).await? {
        Err(error) => Ok(refuse(error)),
        Ok(tokens) => {
            let answer = json!({
                "access_token": tokens.access_token,
                "token_type": "Bearer",
                "expires_in": TOKEN_SECONDS,
                "scope": tokens.scopes.to_string(),
                "id_token": tokens.id_token,
            });
            Ok(([(PRAGMA, "no-cache")], Json(answer)).into_response())
        }
    }
}

pub(crate) async fn claims(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let header = text(&headers, AUTHORIZATION).and_then(|value| value.split_once(' '));
    let token = header.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        // The header names no error to whoever shows nothing (RFC 6750, 3.1); the body has the form of every other.
        let asked = [(WWW_AUTHENTICATE, "Bearer realm=\"tongban\"")];
        let body = Json(json!({ "error": "invalid_token" }));
        return Ok((StatusCode::UNAUTHORIZED, asked, body).into_response());
    };
    match read_claims(&identity, &ctx, token).await? {
        Some(claims) => Ok(Json(claims).into_response()),
        None => {
            let asked = "Bearer realm=\"tongban\", error=\"invalid_token\"";
            let body = Json(json!({ "error": "invalid_token" }));
            Ok((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, asked)], body).into_response())
        }
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn refuse(error: OAuthError) -> Response {
    let body = Json(json!({ "error": error.code, "error_description": error.words }));
    if error.code == "invalid_client" {
        let asked = [(WWW_AUTHENTICATE, "Basic realm=\"tongban\"")];
        return (StatusCode::UNAUTHORIZED, asked, body).into_response();
    }
    (StatusCode::BAD_REQUEST, body).into_response()
}

pub(super) fn described() -> Operation {
    let string = json!({ "type": "string" });
    Operation {
        id: "redeemCode",
        summary: "用授权码换取令牌（OpenID Connect）",
        request: Some(json!({
            "type": "object",
            "required": ["grant_type", "code", "redirect_uri", "code_verifier"],
            "properties": {
                "grant_type": { "const": "authorization_code" },
                "code": string, "redirect_uri": string, "code_verifier": string,
                "client_id": string, "client_secret": string,
            },
        })),
        response: json!({
            "type": "object",
            "required": ["access_token", "token_type", "expires_in", "scope", "id_token"],
            "properties": {
                "access_token": string, "token_type": { "const": "Bearer" },
                "expires_in": { "type": "integer" }, "scope": string, "id_token": string,
            },
        }),
        query: &[],
    }
}

pub(super) fn claims_described() -> Operation {
    Operation {
        id: "readClaims",
        summary: "登录的人同意提供的信息（OpenID Connect）",
        request: None,
        response: json!({
            "type": "object",
            "required": ["sub"],
            "properties": {
                "sub": { "type": "string" },
                "name": { "type": "string" },
                "real_name_level": { "enum": ["L1", "L2", "L3", "L4"] },
            },
        }),
        query: &[],
    }
}
