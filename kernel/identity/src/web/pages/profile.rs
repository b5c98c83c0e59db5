//! `/me`: what is known of me, masked.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use tongban_ui::view::{Badge, Event, Tone};
use tongban_ui::{Answer, App, Page, Visit};

use super::page;
use crate::Identity;
use crate::model::{AssuranceChange, Person};
use crate::service::read_proof::own_profile;

#[derive(Template)]
#[template(path = "profile.html")]
struct ProfilePage {
    page: Page,
    person: Person,
    assurance: Badge,
    history: Vec<Event>,
}

pub(crate) async fn show(State(app): State<App>, Visit(ctx): Visit, shell: Page) -> Answer {
    let identity = app.service::<Identity>()?;
    let profile = own_profile(&identity, &ctx).await?;
    let proven = profile.person.assurance.is_real_name();
    let tone = if proven { Tone::Ok } else { Tone::Warn };
    let template = ProfilePage {
        page: shell.titled("我的账号"),
        assurance: Badge::new(profile.person.assurance.title(), tone),
        history: profile.history.iter().rev().map(event).collect(),
        person: profile.person,
    };
    page(StatusCode::OK, &template)
}

fn event(change: &AssuranceChange) -> Event {
    let title = match change.reason.as_str() {
        "registered" => "注册账号",
        "population-register" => "人口库核验通过，完成实名",
        "released" => "窗口解除实名，身份证号可以重新核验",
        "demonstration" => "演示账号，预先完成实名",
        other => other,
    };
    Event {
        title: title.to_owned(),
        when: change.at.words(),
        ..Event::default()
    }
}
