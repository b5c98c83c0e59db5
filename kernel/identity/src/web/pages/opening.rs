//! `/open-account`: an officer sets the first password with the code that was sent, and is logged in.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::login::{agent, enter};
use super::{FormFaults, mendable, page};
use crate::Identity;
use crate::model::SessionKind;
use crate::service::log_in::{LogIn, log_in};
use crate::service::take_up::{TakeUp, take_up};

#[derive(Template)]
#[template(path = "opening.html")]
struct OpeningPage {
    page: Page,
    login: String,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(crate) struct OpeningForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

pub(crate) async fn show(shell: Page) -> Answer {
    render(
        shell,
        String::new(),
        (StatusCode::OK, FormFaults::default()),
    )
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    shell: Page,
    Form(form): Form<OpeningForm>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let wish = TakeUp {
        login: form.login.clone(),
        code: form.code,
        password: form.password,
        password_again: form.password_again,
    };
    let login = match take_up(&identity, &ctx, &wish).await {
        Ok(login) => login,
        Err(problem) => return render(shell, form.login, mendable(problem)?),
    };
    let credentials = LogIn {
        kind: SessionKind::Staff,
        login,
        password: wish.password,
    };
    let opened = log_in(&identity, &ctx, &credentials, agent(&headers)).await?;
    let mut response = enter(&opened, "/workbench")?;
    let words = "账号已开通，密码已设定。下次用登录名和新密码登录";
    Flash::done(words).tell(&mut response, &app);
    Ok(response)
}

/// Neither code nor passwords are sent back.
fn render(shell: Page, login: String, (status, faults): (StatusCode, FormFaults)) -> Answer {
    let template = OpeningPage {
        page: shell.titled("开通账号"),
        login,
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}
