//! `/me/real-name`: the form, and how the proof stands. The part that changes asks again by itself while it is open.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tongban_ui::view::{Badge, Tone};
use tongban_ui::{Answer, App, Page, Visit};

use super::login::landing;
use super::{FormFaults, Onward, mendable, onward, page};
use crate::Identity;
use crate::model::{Person, ProofState, RealNameProof, SessionKind};
use crate::service::ask_real_name::{RealName, ask_real_name};
use crate::service::read_proof::own_profile;
use crate::web::cookie;

const PATH: &str = "/me/real-name";

#[derive(Template)]
#[template(path = "real_name.html")]
struct RealNamePage {
    page: Page,
    person: Person,
    badge: Badge,
    proof: Option<RealNameProof>,
    /// Asked, not answered: the form is not offered meanwhile.
    open: bool,
    /// This page again, and where one goes on to from here.
    here: String,
    next: String,
    onward: String,
    typed: RealName,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(crate) struct RealNameForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Onward>,
    shell: Page,
) -> Answer {
    let nothing = (StatusCode::OK, FormFaults::default());
    let typed = (RealName::default(), asked.next);
    render(&app, &visit, shell, typed, nothing).await
}

pub(crate) async fn send(
    State(app): State<App>,
    visit: Visit,
    shell: Page,
    Form(form): Form<RealNameForm>,
) -> Answer {
    let identity = app.service::<Identity>()?;
    let wish = RealName {
        name: form.name,
        id_number: form.id_number,
    };
    match ask_real_name(&identity, &visit.0, &wish).await {
        Ok(()) => Ok(cookie::see_other(&onward(PATH, &form.next))),
        Err(problem) => {
            let typed = (wish, form.next);
            render(&app, &visit, shell, typed, mendable(problem)?).await
        }
    }
}

async fn render(
    app: &App,
    visit: &Visit,
    shell: Page,
    (typed, next): (RealName, String),
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let identity = app.service::<Identity>()?;
    let profile = own_profile(&identity, &visit.0).await?;
    let state = profile.proof.as_ref().map(|proof| proof.state);
    let template = RealNamePage {
        page: shell.titled("实名认证"),
        badge: badge(state),
        here: onward(PATH, &next),
        onward: landing(app, SessionKind::Citizen, &next),
        next,
        open: state.is_some_and(ProofState::is_open),
        person: profile.person,
        proof: profile.proof,
        typed,
        faults,
        tone: Tone::Late,
    };
    page(status, &template)
}

fn badge(state: Option<ProofState>) -> Badge {
    let tone = match state {
        None | Some(ProofState::Checking) => Tone::Info,
        Some(ProofState::Proven) => Tone::Ok,
        Some(ProofState::Waiting) => Tone::Warn,
        Some(_) => Tone::Late,
    };
    Badge::new(state.map_or("未实名", ProofState::title), tone)
}
