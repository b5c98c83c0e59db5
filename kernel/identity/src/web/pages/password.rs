//! `/me/password`: changing one's own password, in the shell of whoever asks.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tongban_base::Ctx;
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::login::{agent, enter};
use super::{FormFaults, mendable, page};
use crate::Identity;
use crate::model::SessionKind;
use crate::service::change_password::{NewPassword, change_password};
use crate::service::log_in::{LogIn, log_in};

#[derive(Template)]
#[template(path = "password.html")]
struct CitizenPassword {
    page: Page,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Template)]
#[template(path = "staff_password.html")]
struct StaffPassword {
    page: Page,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Deserialize)]
pub(crate) struct PasswordForm {
    #[serde(default)]
    old_password: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

pub(crate) async fn show(Visit(ctx): Visit, shell: Page) -> Answer {
    render(&ctx, shell, (StatusCode::OK, FormFaults::default()))
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    shell: Page,
    Form(form): Form<PasswordForm>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let wish = NewPassword {
        old_password: form.old_password,
        password: form.password,
        password_again: form.password_again,
    };
    match change_password(&identity, &ctx, &wish).await {
        Ok(login) => {
            let kind = match ctx.actor.staff {
                Some(_) => SessionKind::Staff,
                None => SessionKind::Citizen,
            };
            let password = wish.password;
            let again = LogIn {
                kind,
                login,
                password,
            };
            let opened = log_in(&identity, &ctx, &again, agent(&headers)).await?;
            let mut response = enter(&opened, "/me/sessions")?;
            let words = "密码已修改，其他地方的登录都已结束";
            Flash::done(words).tell(&mut response, &app);
            Ok(response)
        }
        Err(problem) => render(&ctx, shell, mendable(problem)?),
    }
}

/// Passwords are never sent back.
fn render(ctx: &Ctx, shell: Page, (status, faults): (StatusCode, FormFaults)) -> Answer {
    let (shell, tone) = (shell.titled("修改密码"), Tone::Late);
    if ctx.actor.staff.is_some() {
        let template = StaffPassword {
            page: shell,
            faults,
            tone,
        };
        return page(status, &template);
    }
    let template = CitizenPassword {
        page: shell,
        faults,
        tone,
    };
    page(status, &template)
}
