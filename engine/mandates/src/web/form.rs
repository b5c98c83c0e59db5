//! `/me/mandates/new`: naming whoever shall act. Works without scripts: items are looked for by a button of the form.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use serde::Deserialize;
use tongban_base::{Ctx, Date};
use tongban_ui::view::{Choice, Link, Tone};
use tongban_ui::{Answer, App, FormFaults, Page, Visit, mendable};

use super::{MINE, pages};
use crate::service::invite::{Invitation, invite, latest_day, usual_last_day};
use crate::service::items;
use crate::services::Mandates;

/// As many items are listed at once; of more, those that are looked for.
const LISTED: usize = 30;

#[derive(Template)]
#[template(path = "mandates_new.html")]
struct NewPage {
    page: Page,
    crumbs: Vec<Link>,
    typed: Invitation,
    scopes: Vec<Choice>,
    items: Vec<Choice>,
    /// Items can be looked for, because not all are listed.
    seeks: bool,
    sought: String,
    /// More were found than are listed.
    more: bool,
    first_day: Date,
    latest_day: Date,
    faults: FormFaults,
    tone: Tone,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    /// The item from whose guide somebody comes.
    #[serde(default)]
    item: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Query(asked): Query<Asked>,
) -> Answer {
    let mandates = app.service::<Mandates>()?;
    let today = ctx.now.date();
    let named = items::is_known(&mandates.catalog, &asked.item, today);
    let typed = Invitation {
        all: !named,
        items: named.then_some(asked.item).into_iter().collect(),
        last_day: usual_last_day(&mandates, today).to_string(),
        ..Invitation::default()
    };
    let nothing = (StatusCode::OK, FormFaults::default());
    render((&mandates, &ctx), page, (typed, String::new()), nothing)
}

/// What a browser sends.
fn read(body: &str) -> (Invitation, String, bool) {
    let (mut typed, mut sought, mut seeks) = (Invitation::default(), String::new(), false);
    for (name, value) in url::form_urlencoded::parse(body.as_bytes()) {
        let value = value.into_owned();
        match name.as_ref() {
            "name" => typed.name = value,
            "id_number" => typed.id_number = value,
            "scope" => typed.all = value == "all",
            "items" => typed.items.push(value),
            "last_day" => typed.last_day = value,
            "q" => value.trim().clone_into(&mut sought),
            "go" => seeks = value == "seek",
            _ => {}
        }
    }
    (typed, sought, seeks)
}

pub(super) async fn send(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    body: String,
) -> Answer {
    let mandates = app.service::<Mandates>()?;
    let (typed, sought, seeks) = read(&body);
    if seeks {
        let nothing = (StatusCode::OK, FormFaults::default());
        let typed = Invitation {
            all: false,
            ..typed
        };
        return render((&mandates, &ctx), page, (typed, sought), nothing);
    }
    match invite(&mandates, &ctx, &typed).await {
        Ok(_) => Ok(pages::back(
            &app,
            "邀请已发出，请告诉对方登录后在“亲友代办”里确认；对方看不到的，多半是姓名或者身份证号写错了，请撤回后重新邀请",
        )),
        Err(problem) => {
            let faults = mendable(problem)?;
            render((&mandates, &ctx), page, (typed, sought), faults)
        }
    }
}

fn render(
    (mandates, ctx): (&Mandates, &Ctx),
    page: Page,
    (typed, sought): (Invitation, String),
    (status, faults): (StatusCode, FormFaults),
) -> Answer {
    let today = ctx.now.date();
    let open = items::open_to_citizens(&mandates.catalog, today);
    let seeks = open.len() > LISTED;
    let found: Vec<_> = open
        .iter()
        .filter(|offered| !seeks || (!sought.is_empty() && offered.face.name.contains(&sought)))
        .filter(|offered| !typed.items.contains(&offered.code))
        .collect();
    let chosen = typed.items.iter().map(|code| {
        let name = items::name_of(&mandates.catalog, code, today);
        Choice::new(code, name, true)
    });
    let listed = found.iter().take(LISTED);
    let listed = listed.map(|offered| Choice::new(&offered.code, &offered.face.name, false));
    let scope = |value: &str, label: &str, all: bool| Choice::new(value, label, typed.all == all);
    let view = NewPage {
        page: page
            .titled("授权亲友代办")
            .with_faults(!faults.fields.is_empty()),
        crumbs: vec![Link::new("亲友代办", MINE), Link::new("授权亲友代办", "")],
        scopes: vec![
            scope("all", "全部事项", true),
            scope("some", "只有下面勾选的事项", false),
        ],
        items: chosen.chain(listed).collect(),
        more: found.len() > LISTED,
        seeks,
        sought,
        first_day: today,
        latest_day: latest_day(today),
        typed,
        faults,
        tone: Tone::Late,
    };
    Ok((status, Html(view.render()?)).into_response())
}
