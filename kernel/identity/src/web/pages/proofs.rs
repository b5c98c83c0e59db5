//! `/workbench/proofs`: the window finds who has proven an identity number, and gives the number back to its owner. The
//! number is sent in a form: in an address it would stand in logs and histories.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tongban_base::{Ctx, Problem, Uuid};
use tongban_ui::view::Tone;
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::{FormFaults, mendable, page};
use crate::Identity;
use crate::service::release_proof::{
    AfterRelease, Proof, Release, end_citizens_sessions, find_proof, release_proof,
};
use crate::web::cookie;

pub(crate) const PATH: &str = "/workbench/proofs";

#[derive(Template)]
#[template(path = "proofs.html")]
struct ProofsPage {
    page: Page,
    id_number: String,
    reason: String,
    /// A number was looked for.
    asked: bool,
    found: Option<Proof>,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show(shell: Page) -> Answer {
    let nothing = (StatusCode::OK, FormFaults::default());
    render(shell, Sent::default(), None, nothing)
}

pub(crate) async fn find(
    State(app): State<App>,
    Visit(ctx): Visit,
    shell: Page,
    Form(sent): Form<Sent>,
) -> Answer {
    looked_up(
        &app,
        &ctx,
        shell,
        sent,
        (StatusCode::OK, FormFaults::default()),
    )
    .await
}

pub(crate) async fn release(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(account): Path<String>,
    shell: Page,
    Form(sent): Form<Sent>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let wish = Release {
        account: account_of(&account)?,
        id_number: sent.id_number.clone(),
        reason: sent.reason.clone(),
    };
    let after = app.service::<AfterRelease>().ok();
    match release_proof(&identity, &ctx, &wish, after).await {
        Ok(()) => done(
            &app,
            "已解除实名，原账号的登录都已结束；请当事人在自己的账号里重新核验",
        ),
        Err(problem) => looked_up(&app, &ctx, shell, sent, mendable(problem)?).await,
    }
}

pub(crate) async fn end_sessions(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(account): Path<String>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    end_citizens_sessions(&identity, &ctx, account_of(&account)?).await?;
    done(&app, "这个账号的登录都已结束")
}

fn account_of(text: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|_| Problem::not_found())
}

fn done(app: &App, words: &'static str) -> Answer {
    let mut response = cookie::see_other(PATH);
    Flash::done(words).tell(&mut response, app);
    Ok(response)
}

/// What the number finds, below what was wrong before.
async fn looked_up(
    app: &App,
    ctx: &Ctx,
    shell: Page,
    sent: Sent,
    told: (StatusCode, FormFaults),
) -> Answer {
    let identity = app.service::<Identity>()?;
    match find_proof(&identity, ctx, &sent.id_number).await {
        Ok(found) => render(shell, sent, Some(found), told),
        Err(problem) => render(shell, sent, None, mendable(problem)?),
    }
}

fn render(
    shell: Page,
    sent: Sent,
    found: Option<Option<Proof>>,
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let template = ProofsPage {
        page: shell.titled("实名账号"),
        id_number: sent.id_number,
        reason: sent.reason,
        asked: found.is_some(),
        found: found.flatten(),
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}
