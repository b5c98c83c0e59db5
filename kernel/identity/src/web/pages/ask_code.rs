//! `/login/sms` and `/forgotten-password`: a citizen asks for a code with the mobile number.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tongban_base::{Ctx, Problem};
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Page, Visit};

use super::code::path;
use super::{FormFaults, mendable, page};
use crate::Identity;
use crate::model::CodePurpose;
use crate::service::ask_code::{OwnMobile, ask_code};
use crate::service::send_code::CodeMessages;
use crate::web::cookie;

#[derive(Template)]
#[template(path = "ask_code.html")]
struct AskPage {
    page: Page,
    recovers: bool,
    next: String,
    mobile: String,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(crate) struct AskForm {
    #[serde(default)]
    mobile: String,
    /// Where whoever logs in was going.
    #[serde(default)]
    next: String,
}

const NOTHING: fn() -> (StatusCode, FormFaults) = || (StatusCode::OK, FormFaults::default());

pub(crate) async fn show_login(
    State(app): State<App>,
    Query(asked): Query<AskForm>,
    shell: Page,
) -> Answer {
    if !app.service::<Identity>()?.logs_in_by_sms() {
        return Err(Problem::not_found().into());
    }
    render(shell, CodePurpose::LogIn, asked, NOTHING())
}

pub(crate) async fn show_recovery(Query(asked): Query<AskForm>, shell: Page) -> Answer {
    render(shell, CodePurpose::Recover, asked, NOTHING())
}

pub(crate) async fn send_login(
    State(app): State<App>,
    Visit(ctx): Visit,
    shell: Page,
    Form(form): Form<AskForm>,
) -> Answer {
    ask((app, ctx, shell), CodePurpose::LogIn, form).await
}

pub(crate) async fn send_recovery(
    State(app): State<App>,
    Visit(ctx): Visit,
    shell: Page,
    Form(form): Form<AskForm>,
) -> Answer {
    ask((app, ctx, shell), CodePurpose::Recover, form).await
}

async fn ask((app, ctx, shell): (App, Ctx, Page), purpose: CodePurpose, form: AskForm) -> Answer {
    let identity = app.service::<Identity>()?;
    let codes = app.service::<CodeMessages>()?;
    let wish = OwnMobile {
        mobile: form.mobile.clone(),
    };
    match ask_code(&identity, &ctx, &codes, (purpose, &wish)).await {
        Ok(sent) => Ok(cookie::see_other(&path(&sent, &form.next))),
        Err(problem) => render(shell, purpose, form, mendable(problem)?),
    }
}

fn render(
    shell: Page,
    purpose: CodePurpose,
    form: AskForm,
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let recovers = purpose == CodePurpose::Recover;
    let title = match recovers {
        true => "忘记密码",
        false => "短信验证码登录",
    };
    let template = AskPage {
        page: shell.titled(title),
        recovers,
        next: form.next,
        mobile: form.mobile,
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}
