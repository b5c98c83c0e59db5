//! The part of the JSON interface that works with codes by SMS.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};
use tongban_base::{Budget, Problem, Uuid};
use tongban_ui::{Access, Answer, App, Routes, Visit};

use super::api::{answer, operation, session_schema, strings};
use super::pages::login::agent;
use crate::Identity;
use crate::audit;
use crate::model::CodePurpose;
use crate::service::ask_code::{OwnMobile, ask_code};
use crate::service::enter_code::{EnteredCode, enter_code};
use crate::service::log_in::open_by_code;
use crate::service::send_code::{CodeMessages, SentCode, send_code_again};

pub(super) fn add(routes: Routes) -> Routes {
    let event = audit::CODE_SENT.name;
    routes
        .post("/api/v1/passwords", Access::Public, event, recover)
        .budget(Budget::AskCode)
        .describe(operation(
            "recoverPassword",
            "忘记密码：向账号的手机发验证码；号码没有账号的，应答相同",
            Some(strings(&["mobile"])),
            sent_schema(),
        ))
        .post("/api/v1/sessions/sms", Access::Public, event, log_in)
        .budget(Budget::AskCode)
        .describe(operation(
            "sendLoginCode",
            "短信登录：向账号的手机发验证码；号码没有账号的，应答相同",
            Some(strings(&["mobile"])),
            sent_schema(),
        ))
        .post(
            "/api/v1/codes/{id}",
            Access::Public,
            audit::REGISTERED.name,
            enter,
        )
        .budget(Budget::Login)
        .describe(operation(
            "enterCode",
            "填回验证码：注册、换手机号、重设密码完成；短信登录的给出令牌",
            Some(entered_schema()),
            done_schema(),
        ))
        .post("/api/v1/codes/{id}/again", Access::Public, event, again)
        .budget(Budget::AskCode)
        .describe(operation(
            "sendCodeAgain",
            "重新发送验证码，前一个不再有效",
            None,
            sent_schema(),
        ))
}

async fn recover(State(app): State<App>, visit: Visit, Json(wish): Json<OwnMobile>) -> Answer {
    ask(app, visit, (CodePurpose::Recover, wish)).await
}

async fn log_in(State(app): State<App>, visit: Visit, Json(wish): Json<OwnMobile>) -> Answer {
    ask(app, visit, (CodePurpose::LogIn, wish)).await
}

async fn ask(app: App, Visit(ctx): Visit, (purpose, wish): (CodePurpose, OwnMobile)) -> Answer {
    let identity = app.service::<Identity>()?;
    let codes = app.service::<CodeMessages>()?;
    let sent = ask_code(&identity, &ctx, &codes, (purpose, &wish)).await?;
    answer(told(&sent))
}

async fn enter(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(entered): Json<EnteredCode>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let codes = app.service::<CodeMessages>()?;
    let done = enter_code(&identity, &ctx, &codes, (parsed(&id)?, &entered)).await?;
    let mut told = json!({ "purpose": done.purpose.code(), "account": done.account });
    if done.purpose == CodePurpose::LogIn {
        let opened = open_by_code(&identity, &ctx, done.account, agent(&headers)).await?;
        told["token"] = opened.token.into();
        told["expires_at"] = opened.expires_at.rfc3339().into();
    }
    answer(told)
}

async fn again(State(app): State<App>, Visit(ctx): Visit, Path(id): Path<String>) -> Answer {
    let identity = app.service::<Identity>()?;
    let codes = app.service::<CodeMessages>()?;
    let sent = send_code_again(&identity, &ctx, &codes, parsed(&id)?).await?;
    answer(told(&sent))
}

fn parsed(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

pub(super) fn told(sent: &SentCode) -> Value {
    json!({
        "id": sent.id,
        "purpose": sent.purpose.code(),
        "mobile": sent.masked_mobile,
        "expires_at": sent.expires_at.rfc3339(),
    })
}

pub(super) fn sent_schema() -> Value {
    let mut schema = strings(&["id", "purpose", "mobile", "expires_at"]);
    schema["properties"]["expires_at"] = json!({ "type": "string", "format": "date-time" });
    schema
}

fn entered_schema() -> Value {
    let mut schema = strings(&[
        "code",
        "old_code",
        "login",
        "id_number",
        "password",
        "password_again",
    ]);
    schema["required"] = json!(["code"]);
    schema
}

fn done_schema() -> Value {
    let mut schema = session_schema();
    schema["required"] = json!(["purpose", "account"]);
    schema["properties"]["purpose"] =
        json!({ "enum": ["register", "change", "recover", "log_in"] });
    schema
}
