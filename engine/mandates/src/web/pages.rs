//! `/me/mandates`: who acts for whom, with the buttons that answer and end.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use tongban_base::{Ctx, Date, date_words, mask_number};
use tongban_procedures::Catalog;
use tongban_ui::view::{Badge, Tone};
use tongban_ui::{Answer, App, Flash, Page, Visit};

use super::MINE;
use crate::model::{EndedBy, Mandate, State as Standing};
use crate::service::answer::{Answered, answer};
use crate::service::end::end;
use crate::service::items;
use crate::service::own::own_mandates;
use crate::services::Mandates;

#[derive(Template)]
#[template(path = "mandates.html")]
struct MandatesPage {
    page: Page,
    /// Those that wait for an answer of whoever looks.
    asked: Vec<MandateRow>,
    given: Vec<MandateRow>,
    received: Vec<MandateRow>,
    unproven: bool,
}

struct MandateRow {
    id: String,
    /// The other side.
    name: String,
    number: String,
    items: String,
    until: String,
    badge: Badge,
    /// What became of it, and when.
    note: String,
    can_end: bool,
    /// What the button that ends it says.
    ending: &'static str,
}

pub(super) async fn show(State(app): State<App>, Visit(ctx): Visit, page: Page) -> Answer {
    let mandates = app.service::<Mandates>()?;
    let own = own_mandates(&mandates, &ctx).await?;
    let today = ctx.now.date();
    let row = |mandate: &Mandate, by_him: bool| row(&mandates.catalog, mandate, by_him, today);
    let waits = |mandate: &&Mandate| mandate.state_on(today) == Standing::Invited;
    let asked = own.received.iter().filter(waits);
    let received = own.received.iter().filter(|mandate| !waits(mandate));
    let view = MandatesPage {
        page: page.titled("亲友代办"),
        asked: asked.map(|mandate| row(mandate, false)).collect(),
        received: received.map(|mandate| row(mandate, false)).collect(),
        given: own.given.iter().map(|mandate| row(mandate, true)).collect(),
        unproven: own.unproven,
    };
    Ok(Html(view.render()?).into_response())
}

/// `by_him`: whoever looks gave it.
fn row(catalog: &Catalog, mandate: &Mandate, by_him: bool, today: Date) -> MandateRow {
    let state = mandate.state_on(today);
    let tone = match state {
        Standing::Invited => Tone::Warn,
        Standing::Confirmed => Tone::Ok,
        Standing::Declined | Standing::Ended => Tone::Quiet,
    };
    MandateRow {
        id: mandate.id.to_string(),
        name: match by_him {
            true => mandate.agent_name.clone(),
            false => mandate.principal_name.clone(),
        },
        number: match by_him {
            true => mask_number(&mandate.agent_number),
            false => String::new(),
        },
        items: items::words(catalog, mandate.items.as_ref(), today),
        until: date_words(mandate.last_day),
        badge: Badge::new(state.title(), tone),
        note: note(mandate, by_him),
        can_end: state.is_open() && (by_him || state == Standing::Confirmed),
        ending: match (by_him, state) {
            (true, Standing::Invited) => "收回邀请",
            (true, _) => "结束授权",
            (false, _) => "不再代办",
        },
    }
}

fn note(mandate: &Mandate, by_him: bool) -> String {
    let at = mandate.ended_at.map(|at| at.date_words());
    match (mandate.ended_by, at) {
        (Some(EndedBy::Time), _) => "已过最后一天".to_owned(),
        (Some(by), Some(at)) => match (by == EndedBy::Principal) == by_him {
            true => format!("您在{at}结束"),
            false => format!("对方在{at}结束"),
        },
        _ => match mandate.answered_at {
            Some(at) => format!("{}确认", at.date_words()),
            None => format!("{}发出邀请", mandate.invited_at.date_words()),
        },
    }
}

pub(super) async fn confirm(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    answered(&app, &ctx, &id, Answered::Confirmed).await
}

pub(super) async fn decline(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    answered(&app, &ctx, &id, Answered::Declined).await
}

async fn answered(app: &App, ctx: &Ctx, id: &str, what: Answered) -> Answer {
    let mandates = app.service::<Mandates>()?;
    answer(&mandates, ctx, id.parse()?, what).await?;
    let words = match what {
        Answered::Confirmed => "已确认。办理授权的事项时，可以选择为谁办理",
        Answered::Declined => "已谢绝，授权没有生效",
    };
    Ok(back(app, words))
}

pub(super) async fn end_one(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let mandates = app.service::<Mandates>()?;
    end(&mandates, &ctx, id.parse()?).await?;
    Ok(back(&app, "授权已结束"))
}

/// To the list, with a word about what was done.
pub(super) fn back(app: &App, words: &str) -> Response {
    let mut response = Redirect::to(MINE).into_response();
    Flash::done(words).tell(&mut response, app);
    response
}
