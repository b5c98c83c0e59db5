//! `/register`: a new account, once the code that goes to the mobile number comes back.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Page, Visit};

use super::code::path;
use super::{FormFaults, Onward, mendable, page};
use crate::Identity;
use crate::service::register_account::{NewAccount, register_account};
use crate::service::send_code::CodeMessages;
use crate::web::cookie;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    page: Page,
    login: String,
    mobile: String,
    next: String,
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
    /// Where whoever has no account was going.
    #[serde(default)]
    next: String,
}

pub(crate) async fn show(Query(asked): Query<Onward>, shell: Page) -> Answer {
    let nothing = (StatusCode::OK, FormFaults::default());
    let form = RegisterForm {
        next: asked.next,
        ..RegisterForm::default()
    };
    render(shell, &form, nothing)
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
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
    let codes = app.service::<CodeMessages>()?;
    match register_account(&identity, &ctx, &codes, &wish).await {
        Ok(sent) => Ok(cookie::see_other(&path(&sent, &form.next))),
        Err(problem) => render(shell, &form, mendable(problem)?),
    }
}

/// Passwords are never sent back.
fn render(shell: Page, form: &RegisterForm, (status, faults): (StatusCode, FormFaults)) -> Answer {
    let template = RegisterPage {
        page: shell.titled("注册账号"),
        login: form.login.clone(),
        mobile: form.mobile.clone(),
        next: form.next.clone(),
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}
