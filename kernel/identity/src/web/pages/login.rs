//! `/login` and `/logout`: two doors on one page, for people of the town and people of the office.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::{RETRY_AFTER, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tongban_ui::view::{Tab, Tone};
use tongban_ui::{Answer, App, Flash, Page, Visit, session_token};

use super::{FormFaults, mendable, onward, page};
use crate::model::SessionKind;
use crate::service::log_in::{LONGEST_LOGIN, LogIn, OpenedSession, log_in};
use crate::service::log_out::log_out;
use crate::web::{cookie, openid};
use crate::{DemoAccount, Identity};

const WORKBENCH: &str = "/workbench";
/// Where a working day begins: what that is for whom, the workbench knows.
const BEGINNING: &str = "/workbench?begin";

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    page: Page,
    staff: bool,
    tabs: Vec<Tab>,
    login: String,
    next: String,
    faults: FormFaults,
    tone: Tone,
    demo: Vec<&'a DemoAccount>,
    /// Whether a code by SMS opens as well.
    by_sms: bool,
    /// The application that the login is for.
    application: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Door {
    #[serde(default, rename = "as")]
    door: String,
    #[serde(default)]
    next: String,
    /// Asks for the password although somebody is logged in.
    #[serde(default)]
    again: String,
}

impl Door {
    fn kind(&self) -> SessionKind {
        match self.door.as_str() {
            "staff" => SessionKind::Staff,
            // Whoever was on the way to the workbench comes to the right door by himself.
            "" if self.next.starts_with(WORKBENCH) => SessionKind::Staff,
            _ => SessionKind::Citizen,
        }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(door): Query<Door>,
    shell: Page,
) -> Answer {
    if ctx.actor.is_signed_in() && door.again.is_empty() {
        let kind = match ctx.actor.staff {
            Some(_) => SessionKind::Staff,
            None => SessionKind::Citizen,
        };
        return Ok(cookie::see_other(&landing(&app, kind, &door.next)));
    }
    render(
        &app,
        shell,
        &door,
        String::new(),
        (StatusCode::OK, FormFaults::default()),
    )
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(flatten)]
    door: Door,
}

pub(crate) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    shell: Page,
    Form(form): Form<LoginForm>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let wish = LogIn {
        kind: form.door.kind(),
        login: form.login,
        password: form.password,
    };
    match log_in(&identity, &ctx, &wish, agent(&headers)).await {
        Ok(opened) => {
            // The browser gets a new session; the one it had must not live on beside it.
            if let Some(old) = session_token(&headers) {
                log_out(&identity, &ctx, old).await?;
            }
            enter(&opened, &landing(&app, opened.kind, &form.door.next))
        }
        Err(problem) => {
            let typed = wish.login.chars().take(LONGEST_LOGIN).collect();
            let wait = problem.retry_after();
            let mut answer = render(&app, shell, &form.door, typed, mendable(problem)?)?;
            if let Some(seconds) = wait {
                answer.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            Ok(answer)
        }
    }
}

pub(crate) async fn leave(State(app): State<App>, Visit(ctx): Visit, headers: HeaderMap) -> Answer {
    if let Some(token) = session_token(&headers) {
        let identity = app.service::<Identity>()?;
        log_out(&identity, &ctx, token).await?;
    }
    let mut response = cookie::see_other("/");
    cookie::add(&mut response, cookie::no_session()?);
    Flash::done("已退出登录").tell(&mut response, &app);
    Ok(response)
}

/// What the browser calls itself.
pub(in crate::web) fn agent(headers: &HeaderMap) -> &str {
    let value = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Sends the browser on with its new session.
pub(super) fn enter(opened: &OpenedSession, target: &str) -> Answer {
    let mut response = cookie::see_other(target);
    cookie::add(&mut response, cookie::session(&opened.token)?);
    cookie::add(&mut response, cookie::device(&opened.device)?);
    Ok(response)
}

/// Where a login leads: back to where it was asked for, if that belongs to this door.
pub(super) fn landing(app: &App, kind: SessionKind, next: &str) -> String {
    let next = app.page_at(next);
    let office = next == WORKBENCH || next.starts_with("/workbench/");
    match kind {
        SessionKind::Staff if office || next.starts_with("/me/") => next,
        SessionKind::Staff => BEGINNING.to_owned(),
        SessionKind::Citizen if office || next.starts_with("/log") => "/".to_owned(),
        SessionKind::Citizen => next,
    }
}

fn render(
    app: &App,
    shell: Page,
    door: &Door,
    login: String,
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let identity = app.service::<Identity>()?;
    let staff = door.kind() == SessionKind::Staff;
    let demo = identity.demo_accounts().iter();
    let destination = openid::destination(&identity, &door.next);
    let template = LoginPage {
        page: shell.titled(if staff {
            "工作人员登录"
        } else {
            "个人登录"
        }),
        staff,
        tabs: tabs(staff, &door.next),
        login,
        next: door.next.clone(),
        faults,
        tone: Tone::Late,
        demo: demo.filter(|account| account.staff == staff).collect(),
        by_sms: identity.logs_in_by_sms(),
        application: destination.as_ref().map(|d| d.title.clone()),
    };
    let mut response = page(status, &template)?;
    if let Some(destination) = destination {
        openid::let_form_lead_to(&mut response, &destination);
    }
    Ok(response)
}

fn tabs(staff: bool, next: &str) -> Vec<Tab> {
    let tab = |label: &str, door: &str, current| Tab {
        label: label.to_owned(),
        href: onward(&format!("/login?as={door}"), next),
        count: None,
        current,
    };
    vec![
        tab("个人登录", "citizen", !staff),
        tab("工作人员登录", "staff", staff),
    ]
}
