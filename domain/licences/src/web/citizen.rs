//! A holder's own licences: list, detail, presenting.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::REFRESH;
use axum::response::{Html, IntoResponse, Redirect};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tongban_base::Date;
use tongban_documents::qr_png;
use tongban_procedures::Catalog;
use tongban_ui::view::{Badge, Link};
use tongban_ui::{Answer, App, Page, Visit};

use super::ending::{ends_soon, renewals};
use super::views::{LicenceRow, badge, face_rows};
use crate::licences::{HolderLookup, Licences};
use crate::model::{Licence, LicenceId, Status};
use crate::service::open::OpenLicence;

#[derive(Template)]
#[template(path = "licences.html")]
struct ListPage {
    page: Page,
    rows: Vec<LicenceRow>,
}

pub(super) async fn list(State(app): State<App>, Visit(ctx): Visit, page: Page) -> Answer {
    let licences = app.service::<Licences>()?;
    // Without the look-up only licences issued to the account itself are shown.
    let lookup = app.service::<HolderLookup>().ok();
    let today = ctx.now.date();
    let own = licences.own(&ctx, lookup.as_deref()).await?;
    let catalog = app.service::<Catalog>().ok();
    let view = ListPage {
        page: page.titled("我的证照"),
        rows: own
            .iter()
            .map(|licence| row(catalog.as_deref(), licence, today))
            .collect(),
    };
    Ok(Html(view.render()?).into_response())
}

/// Without a catalogue nothing is offered to renew it.
fn row(catalog: Option<&Catalog>, licence: &Licence, today: Date) -> LicenceRow {
    let mut row = LicenceRow::of(licence, today);
    let ending = catalog.filter(|catalog| ends_soon(licence, catalog, today).is_some());
    if let Some(catalog) = ending {
        row.renewals = renewals(catalog, licence, today);
    }
    row
}

#[derive(Template)]
#[template(path = "licence.html")]
struct DetailPage {
    page: Page,
    crumbs: Vec<Link>,
    row: LicenceRow,
    badge: Badge,
    face: Vec<(String, String)>,
    identifier: String,
    verify_code: String,
    /// Why it no longer counts, in words.
    ended: String,
    is_made: bool,
}

pub(super) async fn detail(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    page: Page,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let open = licences.open(&ctx, id.parse::<LicenceId>()?).await?;
    let is_made = match licences.files(&ctx, &open).await {
        Ok(_) => true,
        Err(problem) => {
            tracing::error!(%problem, licence = %open.licence.id, "the files of a licence were not made");
            false
        }
    };
    let status = open.licence.status_on(ctx.now.date());
    let release = open.edition.release.as_ref();
    let kind = licences.kind_of(&open.licence.kind, release).await?;
    let face = face_rows(&kind, &open);
    let view = DetailPage {
        crumbs: crumbs(&open.licence.title),
        row: LicenceRow::of(&open.licence, ctx.now.date()),
        badge: badge(status),
        face: told_once(face, &open),
        identifier: open.edition.identifier.clone(),
        verify_code: open.licence.verify_code.clone(),
        ended: ended(status, &open.licence),
        is_made,
        page: page.titled(open.licence.title.clone()),
    };
    Ok(Html(view.render()?).into_response())
}

/// What the face says, without the number that stands above it already, and with the holder's own number masked: others may
/// look at the screen.
fn told_once(face: Vec<(String, String)>, open: &OpenLicence) -> Vec<(String, String)> {
    let number = &open.licence.number;
    let rest = face.into_iter().filter(|(_, words)| words != number);
    rest.map(|(title, words)| match words == open.holder_number {
        true => (title, open.licence.holder_number_masked.clone()),
        false => (title, words),
    })
    .collect()
}

fn ended(status: Status, licence: &Licence) -> String {
    match (&licence.ended, status) {
        (Some(ended), _) => {
            let on = tongban_base::date_words(ended.on);
            let why = [&ended.basis, &ended.reason].map(String::as_str);
            let why: Vec<&str> = why.into_iter().filter(|w| !w.is_empty()).collect();
            let why = match why.is_empty() {
                true => String::new(),
                false => format!("：{}", why.join("，")),
            };
            format!("{on}，{}{}{why}", ended.by, ended_words(status))
        }
        (None, Status::Expired) => "有效期已经届满，请办理换证。".to_owned(),
        (None, _) => String::new(),
    }
}

/// What was done to it.
fn ended_words(status: Status) -> &'static str {
    match status {
        Status::Replaced => "换发了新证，这一本不再使用",
        Status::Cancelled => "注销了这本证照",
        Status::Revoked => "撤销了这本证照",
        Status::Valid | Status::Expired | Status::Void => "收回了这本证照",
    }
}

fn crumbs(last: &str) -> Vec<Link> {
    vec![
        Link::new("首页", "/"),
        Link::new("我的证照", "/me/licences"),
        Link::new(last, ""),
    ]
}

#[derive(Template)]
#[template(path = "licence_present.html")]
struct PresentPage {
    page: Page,
    crumbs: Vec<Link>,
    row: LicenceRow,
    holder: String,
    code: Option<ShownCode>,
}

struct ShownCode {
    /// The QR code as a data address.
    picture: String,
    until: String,
}

#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    code: String,
}

pub(super) async fn present(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let id = id.parse::<LicenceId>()?;
    let code = licences.present(&ctx, id).await?;
    let place = format!("/me/licences/{id}/present?code={code}");
    Ok(Redirect::to(&place).into_response())
}

pub(super) async fn presented(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    Query(asked): Query<Shown>,
    page: Page,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let id = id.parse::<LicenceId>()?;
    let (open, shown) = licences.shown(&ctx, id, &asked.code).await?;
    let code = match &shown {
        Some(shown) => {
            let picture = qr_png(&shown.url).map_err(tongban_base::Problem::from)?;
            Some(ShownCode {
                picture: format!("data:image/png;base64,{}", STANDARD.encode(picture)),
                until: shown.expires_at.local().format("%H:%M:%S").to_string(),
            })
        }
        None => None,
    };
    let view = PresentPage {
        crumbs: crumbs("亮证"),
        row: LicenceRow::of(&open.licence, ctx.now.date()),
        holder: open.holder_name.clone(),
        code,
        page: page.titled("亮证"),
    };
    let mut response = Html(view.render()?).into_response();
    // A code that has ended does not stay on the screen. In elder mode nothing runs away.
    if let Some(shown) = shown.filter(|_| !view.page.is_elder()) {
        let left = (shown.expires_at.0 - ctx.now.0) / 1000 + 1;
        response.headers_mut().insert(REFRESH, left.into());
    }
    Ok(response)
}
