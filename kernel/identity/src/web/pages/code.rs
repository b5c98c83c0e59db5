//! `/code/{id}`: the code that was sent to a mobile number is filled in, and what was wished is done.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tongban_base::{Ctx, Problem, Uuid};
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit, session_token};

use super::login::{agent, enter, landing};
use super::{FormFaults, mendable, onward, page};
use crate::Identity;
use crate::model::{CodePurpose, SessionKind};
use crate::service::enter_code::{DoneByCode, EnteredCode, enter_code};
use crate::service::log_in::open_by_code;
use crate::service::log_out::log_out;
use crate::service::send_code::{CodeMessages, SentCode, send_code_again, sent_code};
use crate::web::cookie;

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    page: Page,
    id: Uuid,
    next: String,
    purpose: &'static str,
    mobile: String,
    sets_password: bool,
    /// Whether the earlier number has to be shown as well.
    leaves_number: bool,
    /// Whether only the owner of an account gets one, so that the page does not say that it was sent.
    asks_owner: bool,
    /// Whether another login name has to be chosen.
    asks_login: bool,
    login: String,
    id_number: String,
    /// What the telephone shows, where no SMS leaves the house.
    shown: Option<String>,
    back: String,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    next: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    old_code: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

/// Where the code for a wish is filled in; `next` is where whoever logs in was going.
pub(super) fn path(sent: &SentCode, next: &str) -> String {
    onward(&format!("/code/{}", sent.id), next)
}

pub(crate) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    Query(asked): Query<CodeForm>,
    shell: Page,
) -> Answer {
    let nothing = (StatusCode::OK, FormFaults::default());
    let site = (app, ctx, shell);
    let asked = CodeForm {
        next: asked.next,
        ..CodeForm::default()
    };
    render(site, parsed(&id)?, asked, nothing).await
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    shell: Page,
    Form(form): Form<CodeForm>,
) -> Answer {
    let id = parsed(&id)?;
    let identity = app.service::<Identity>()?;
    let codes = app.service::<CodeMessages>()?;
    let entered = EnteredCode {
        code: form.code.clone(),
        old_code: form.old_code.clone(),
        login: form.login.clone(),
        id_number: form.id_number.clone(),
        password: form.password.clone(),
        password_again: form.password_again.clone(),
    };
    let done = match enter_code(&identity, &ctx, &codes, (id, &entered)).await {
        Ok(done) => done,
        Err(problem) => {
            let site = (app, ctx, shell);
            return render(site, id, form, mendable(problem)?).await;
        }
    };
    let to = landing(&app, SessionKind::Citizen, &form.next);
    let (mut response, words) = match done.purpose {
        CodePurpose::Register => {
            let words = "注册成功，已为您登录。完成实名后就可以在线办事";
            let proof = onward("/me/real-name", &form.next);
            (
                logged_in(&identity, &ctx, &done, &headers, &proof).await?,
                words,
            )
        }
        CodePurpose::LogIn => (
            logged_in(&identity, &ctx, &done, &headers, &to).await?,
            "已登录",
        ),
        CodePurpose::Change => (cookie::see_other("/me"), "手机号已更换，下次用新号码登录"),
        CodePurpose::Recover => (
            cookie::see_other(&onward("/login", &form.next)),
            "密码已重新设定，请用新密码登录。原来的登录都已结束",
        ),
    };
    Flash::done(words).tell(&mut response, &app);
    Ok(response)
}

/// The browser gets a new session; the one it had must not live on beside it.
async fn logged_in(
    identity: &Identity,
    ctx: &Ctx,
    done: &DoneByCode,
    headers: &HeaderMap,
    to: &str,
) -> Answer {
    let opened = open_by_code(identity, ctx, done.account, agent(headers)).await?;
    if let Some(old) = session_token(headers) {
        log_out(identity, ctx, old).await?;
    }
    enter(&opened, to)
}

pub(crate) async fn again(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    shell: Page,
    Form(form): Form<CodeForm>,
) -> Answer {
    let id = parsed(&id)?;
    let identity = app.service::<Identity>()?;
    let codes = app.service::<CodeMessages>()?;
    match send_code_again(&identity, &ctx, &codes, id).await {
        Ok(sent) => {
            let mut response = cookie::see_other(&path(&sent, &form.next));
            Flash::done("验证码已重新发送，请以最新一条短信为准").tell(&mut response, &app);
            Ok(response)
        }
        Err(problem) => {
            let mut mended = mendable(problem)?;
            // There is no field for the number on this page.
            if let Some(fault) = mended.1.fields.pop() {
                mended.1.message = fault.message;
            }
            render((app, ctx, shell), id, form, mended).await
        }
    }
}

fn parsed(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

/// Neither code nor passwords are sent back.
async fn render(
    (app, ctx, shell): (App, Ctx, Page),
    id: Uuid,
    form: CodeForm,
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let identity = app.service::<Identity>()?;
    let codes: Arc<CodeMessages> = app.service::<CodeMessages>()?;
    let sent = sent_code(&identity, &ctx, id).await?;
    let shown = identity.shown_by_code(&codes, id).await?;
    let template = CodePage {
        page: shell.titled(sent.purpose.title()),
        id,
        purpose: sent.purpose.title(),
        mobile: sent.masked_mobile,
        sets_password: sent.purpose == CodePurpose::Recover,
        leaves_number: sent.purpose == CodePurpose::Change,
        asks_owner: matches!(sent.purpose, CodePurpose::Recover | CodePurpose::LogIn),
        asks_login: !faults.at("login").is_empty(),
        back: onward(asked_at(sent.purpose), &form.next),
        next: form.next,
        login: form.login,
        id_number: form.id_number,
        shown,
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}

/// The page on which the number was filled in.
fn asked_at(purpose: CodePurpose) -> &'static str {
    match purpose {
        CodePurpose::Register => "/register",
        CodePurpose::Change => "/me/contact",
        CodePurpose::Recover => "/forgotten-password",
        CodePurpose::LogIn => "/login/sms",
    }
}
