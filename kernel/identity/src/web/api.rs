//! The JSON interface: the same use cases for programs, with a bearer token instead of a cookie.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::{Value, json};
use tongban_base::{ActorKind, Budget, Problem};
use tongban_ui::{Access, Answer, App, Operation, Routes, Visit, session_token};

use super::codes;
use crate::Identity;
use crate::model::SessionView;
use crate::service::ask_real_name::{RealName, ask_real_name};
use crate::service::change_password::{NewPassword, change_password};
use crate::service::log_in::{LogIn, log_in};
use crate::service::log_out::log_out;
use crate::service::read_proof::own_profile;
use crate::service::register_account::{NewAccount, register_account};
use crate::service::revoke_session::revoke_session;
use crate::service::send_code::CodeMessages;
use crate::service::sessions::own_sessions;

pub(super) fn add(routes: Routes) -> Routes {
    codes::add(routes)
        .post(
            "/api/v1/accounts",
            Access::Public,
            "mobile.code_sent",
            create_account,
        )
        .budget(Budget::Register)
        .describe(operation(
            "createAccount",
            "注册账号：验证码发到手机，填回后账号才有",
            Some(strings(&["login", "mobile", "password", "password_again"])),
            codes::sent_schema(),
        ))
        .post(
            "/api/v1/sessions",
            Access::Public,
            "session.opened",
            open_session,
        )
        .budget(Budget::Login)
        .describe(operation(
            "openSession",
            "登录",
            Some(login_schema()),
            session_schema(),
        ))
        .post(
            "/api/v1/sessions/current/end",
            Access::SignedIn,
            "session.ended",
            end_session,
        )
        .describe(operation(
            "endSession",
            "退出登录",
            None,
            strings(&["state"]),
        ))
        .get("/api/v1/me", Access::SignedIn, read_me)
        .describe(operation(
            "readMe",
            "当前登录的人（个人信息已遮盖）",
            None,
            me_schema(),
        ))
        .get("/api/v1/me/sessions", Access::SignedIn, list_sessions)
        .describe(operation(
            "listSessions",
            "登录记录",
            None,
            sessions_schema(),
        ))
        .post(
            "/api/v1/me/sessions/{id}/revoke",
            Access::SignedIn,
            "session.revoked",
            revoke,
        )
        .describe(operation(
            "revokeSession",
            "结束一处登录",
            None,
            strings(&["state"]),
        ))
        .post(
            "/api/v1/me/password",
            Access::SignedIn,
            "account.password_changed",
            change_own_password,
        )
        .describe(operation(
            "changePassword",
            "修改密码，原来的登录都结束",
            Some(strings(&["old_password", "password", "password_again"])),
            strings(&["state"]),
        ))
        .get("/api/v1/me/real-name", Access::Citizen, read_real_name)
        .describe(operation(
            "readRealName",
            "实名核验的状态",
            None,
            proof_schema(),
        ))
        .post(
            "/api/v1/me/real-name",
            Access::Citizen,
            "real_name.asked",
            prove_real_name,
        )
        .budget(Budget::RealName)
        .describe(operation(
            "proveRealName",
            "提交姓名和身份证号核验",
            Some(strings(&["name", "id_number"])),
            proof_schema(),
        ))
}

async fn create_account(
    State(app): State<App>,
    Visit(ctx): Visit,
    Json(wish): Json<NewAccount>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let service = app.service::<CodeMessages>()?;
    let sent = register_account(&identity, &ctx, &service, &wish).await?;
    answer(codes::told(&sent))
}

async fn open_session(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    Json(wish): Json<LogIn>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let opened = log_in(&identity, &ctx, &wish, agent.unwrap_or_default()).await?;
    answer(json!({
        "token": opened.token,
        "kind": opened.kind,
        "account": opened.account,
        "expires_at": opened.expires_at.rfc3339(),
    }))
}

async fn end_session(State(app): State<App>, Visit(ctx): Visit, headers: HeaderMap) -> Answer {
    let identity = app.service::<Identity>()?;
    let token = session_token(&headers).ok_or_else(Problem::unauthenticated)?;
    log_out(&identity, &ctx, token).await?;
    answer(json!({ "state": "ended" }))
}

async fn read_me(State(app): State<App>, Visit(ctx): Visit) -> Answer {
    if ctx.actor.kind == ActorKind::Staff {
        let scope = ctx.actor.staff.unwrap_or_default();
        return answer(json!({
            "kind": "staff",
            "account": ctx.actor.account,
            "name": ctx.actor.name,
            "organisation": scope.organisation,
            "division": scope.division,
            "roles": scope.roles,
            "permissions": scope.permissions,
        }));
    }
    let identity = app.service::<Identity>()?;
    let person = own_profile(&identity, &ctx).await?.person;
    answer(json!({
        "kind": "citizen",
        "account": ctx.actor.account,
        "login": person.login,
        "name": person.masked_name(),
        "id_number": person.masked_id_number(),
        "mobile": person.masked_mobile(),
        "address": person.masked_address(),
        "assurance": person.assurance.code(),
    }))
}

#[derive(Serialize)]
struct SessionItem {
    id: String,
    created_at: String,
    seen_at: String,
    address: String,
    agent: String,
    current: bool,
}

impl From<SessionView> for SessionItem {
    fn from(view: SessionView) -> Self {
        Self {
            id: view.id.to_string(),
            created_at: view.created_at.rfc3339(),
            seen_at: view.seen_at.rfc3339(),
            address: view.address,
            agent: view.agent,
            current: view.current,
        }
    }
}

async fn list_sessions(State(app): State<App>, Visit(ctx): Visit, headers: HeaderMap) -> Answer {
    let identity = app.service::<Identity>()?;
    let token = session_token(&headers).unwrap_or_default();
    let sessions = own_sessions(&identity, &ctx, token).await?;
    let items: Vec<SessionItem> = sessions.into_iter().map(SessionItem::from).collect();
    answer(json!({ "items": items }))
}

async fn revoke(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let identity = app.service::<Identity>()?;
    revoke_session(&identity, &ctx, id.parse()?).await?;
    answer(json!({ "state": "ended" }))
}

async fn change_own_password(
    State(app): State<App>,
    Visit(ctx): Visit,
    Json(wish): Json<NewPassword>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    change_password(&identity, &ctx, &wish).await?;
    answer(json!({ "state": "changed" }))
}

async fn read_real_name(State(app): State<App>, visit: Visit) -> Answer {
    let identity = app.service::<Identity>()?;
    let profile = own_profile(&identity, &visit.0).await?;
    let proof = profile.proof.map(|proof| proof.state);
    answer(json!({
        "assurance": profile.person.assurance.code(),
        "state": proof.map_or("none", |state| state.code()),
        "message": proof.map_or("还没有提交过核验", |state| state.words()),
    }))
}

async fn prove_real_name(
    State(app): State<App>,
    visit: Visit,
    Json(wish): Json<RealName>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    ask_real_name(&identity, &visit.0, &wish).await?;
    read_real_name(State(app), visit).await
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every handler answers in one form"
)]
pub(super) fn answer(body: Value) -> Answer {
    Ok(Json(body).into_response())
}

pub(super) fn operation(
    id: &'static str,
    summary: &'static str,
    request: Option<Value>,
    response: Value,
) -> Operation {
    Operation {
        id,
        summary,
        request,
        response,
        query: &[],
    }
}

/// An object of required texts.
pub(super) fn strings(names: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "string" })))
        .collect();
    json!({
        "type": "object",
        "required": names,
        "additionalProperties": false,
        "properties": properties,
    })
}

fn login_schema() -> Value {
    let mut schema = strings(&["kind", "login", "password"]);
    schema["properties"]["kind"] = json!({ "enum": ["citizen", "staff"] });
    schema
}

pub(super) fn session_schema() -> Value {
    let mut schema = strings(&["token", "kind", "account", "expires_at"]);
    schema["properties"]["expires_at"] = json!({ "type": "string", "format": "date-time" });
    schema
}

fn me_schema() -> Value {
    json!({
        "type": "object",
        "required": ["kind", "account", "name"],
        "properties": {
            "kind": { "enum": ["citizen", "staff"] },
            "account": { "type": "string", "format": "uuid" },
            "name": { "type": ["string", "null"] },
            "assurance": { "enum": ["L1", "L2", "L3", "L4"] },
        },
    })
}

fn sessions_schema() -> Value {
    let mut item = strings(&["id", "created_at", "seen_at", "address", "agent", "current"]);
    item["properties"]["current"] = json!({ "type": "boolean" });
    json!({
        "type": "object",
        "required": ["items"],
        "properties": { "items": { "type": "array", "items": item } },
    })
}

fn proof_schema() -> Value {
    strings(&["assurance", "state", "message"])
}
