//! `/register`: a new account, which is logged in at once and led on to the real name.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit, session_token};

use super::login::{agent, enter};
use super::{FormFaults, mendable, page};
use crate::Identity;
use crate::model::SessionKind;
use crate::service::log_in::{LogIn, log_in};
use crate::service::log_out::log_out;
use crate::service::register_account::{NewAccount, register_account};

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    login: String,
    mobile: String,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(crate) struct RegisterForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    mobile: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

pub(crate) async fn show(shell: Page) -> Answer {
    let nothing = (StatusCode::OK, FormFaults::default());
    render(shell, &RegisterForm::default(), nothing)
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    shell: Page,
    Form(form): Form<RegisterForm>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let wish = NewAccount {
        login: form.login.clone(),
        mobile: form.mobile.clone(),
        password: form.password.clone(),
        password_again: form.password_again.clone(),
    };
    if let Err(problem) = register_account(&identity, &ctx, &wish).await {
        return render(shell, &form, mendable(problem)?);
    }
    let credentials = LogIn {
        kind: SessionKind::Citizen,
        login: wish.login,
        password: wish.password,
    };
    let opened = log_in(&identity, &ctx, &credentials, agent(&headers)).await?;
    if let Some(old) = session_token(&headers) {
        log_out(&identity, &ctx, old).await?;
    }
    let mut response = enter(&opened, "/me/real-name")?;
    let words = "注册成功，已为您登录。完成实名后就可以在线办事";
    Flash::done(words).tell(&mut response, &app);
    Ok(response)
}

/// Passwords are never sent back.
fn render(shell: Page, form: &RegisterForm, (status, faults): (StatusCode, FormFaults)) -> Answer {
    let template = RegisterPage {
        page: shell.titled("注册账号"),
        login: form.login.clone(),
        mobile: form.mobile.clone(),
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}
