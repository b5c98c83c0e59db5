//! `/me/applications`: the applications that somebody logs in to with the account here, and taking that back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use tongban_base::Timestamp;
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::page;
use crate::Identity;
use crate::service::withdraw_consent::{ConsentView, own_consents, withdraw_consent};
use crate::web::{cookie, openid};

struct Line {
    client: String,
    title: String,
    told: String,
    at: Timestamp,
}

impl From<ConsentView> for Line {
    fn from(view: ConsentView) -> Self {
        Self {
            told: openid::told(&view.scopes).join("、"),
            client: view.client,
            title: view.title,
            at: view.at,
        }
    }
}

#[derive(Template)]
#[template(path = "applications.html")]
struct ApplicationsPage {
    page: Page,
    applications: Vec<Line>,
}

pub(crate) async fn show(State(app): State<App>, Visit(ctx): Visit, shell: Page) -> Answer {
    let identity = app.service::<Identity>()?;
    let consents = own_consents(&identity, &ctx).await?;
    let template = ApplicationsPage {
        page: shell.titled("已授权的应用"),
        applications: consents.into_iter().map(Line::from).collect(),
    };
    page(StatusCode::OK, &template)
}

pub(crate) async fn withdraw(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(client): Path<String>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    withdraw_consent(&identity, &ctx, &client).await?;
    let mut response = cookie::see_other("/me/applications");
    let words = "已取消授权，该应用不能再读取您的信息";
    Flash::done(words).tell(&mut response, &app);
    Ok(response)
}
