//! `/me/sessions`: where I am logged in, and ending it from here. In the shell of whoever asks.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use tongban_base::Timestamp;
use tongban_ui::{Answer, App, Flash, Page, Visit, session_token};

use super::page;
use crate::Identity;
use crate::model::{SessionId, SessionView, agent_words};
use crate::service::revoke_session::revoke_session;
use crate::service::sessions::own_sessions;
use crate::web::cookie;

struct Line {
    id: SessionId,
    device: String,
    address: String,
    created_at: Timestamp,
    seen_at: Timestamp,
    current: bool,
}

impl From<SessionView> for Line {
    fn from(view: SessionView) -> Self {
        Self {
            id: view.id,
            device: agent_words(&view.agent),
            address: view.address,
            created_at: view.created_at,
            seen_at: view.seen_at,
            current: view.current,
        }
    }
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct CitizenSessions {
    page: Page,
    sessions: Vec<Line>,
}

#[derive(Template)]
#[template(path = "staff_sessions.html")]
struct StaffSessions {
    page: Page,
    sessions: Vec<Line>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    headers: HeaderMap,
    shell: Page,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let token = session_token(&headers).unwrap_or_default();
    let sessions = own_sessions(&identity, &ctx, token).await?;
    let sessions = sessions.into_iter().map(Line::from).collect();
    let shell = shell.titled("登录记录");
    if ctx.actor.staff.is_some() {
        let template = StaffSessions {
            page: shell,
            sessions,
        };
        return page(StatusCode::OK, &template);
    }
    let template = CitizenSessions {
        page: shell,
        sessions,
    };
    page(StatusCode::OK, &template)
}

pub(crate) async fn revoke(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    revoke_session(&identity, &ctx, id.parse()?).await?;
    let mut response = cookie::see_other("/me/sessions");
    Flash::done("已结束这处登录").tell(&mut response, &app);
    Ok(response)
}
