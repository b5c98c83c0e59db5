//! A holder's own licences: list, detail, presenting.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::REFRESH;
use axum::response::{Html, IntoResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tongban_documents::qr_png;
use tongban_ui::view::{Badge, Link};
use tongban_ui::{Answer, App, Page, Visit};

use super::views::{LicenceRow, badge, face_rows};
use crate::licences::{HolderLookup, Licences};
use crate::model::{LicenceId, Status};

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
    let view = ListPage {
        page: page.titled("我的证照"),
        rows: own.iter().map(|l| LicenceRow::of(l, today)).collect(),
    };
    Ok(Html(view.render()?).into_response())
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
    let view = DetailPage {
        crumbs: crumbs(&open.licence.title),
        row: LicenceRow::of(&open.licence, ctx.now.date()),
        badge: badge(status),
        face: face_rows(
            &*licences.kind(&open.licence.kind, open.edition.release.as_ref())?,
            &open,
        ),
        identifier: open.edition.identifier.clone(),
        verify_code: open.licence.verify_code.clone(),
        ended: ended(status, &open.licence),
        is_made,
        page: page.titled(open.licence.title.clone()),
    };
    Ok(Html(view.render()?).into_response())
}

fn ended(status: Status, licence: &crate::model::Licence) -> String {
    match (&licence.ended, status) {
        (Some(ended), _) => {
            let on = tongban_base::date_words(ended.on);
            let why = [&ended.basis, &ended.reason].map(String::as_str);
            let why: Vec<&str> = why.into_iter().filter(|w| !w.is_empty()).collect();
            format!("{}于{on}{}。{}", ended.by, status.title(), why.join("，"))
        }
        (None, Status::Expired) => "有效期已经届满，请办理换证。".to_owned(),
        (None, _) => String::new(),
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
    /// The QR code as a data address.
    picture: String,
    until: String,
}

pub(super) async fn present(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
    page: Page,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let (open, shown) = licences.present(&ctx, id.parse::<LicenceId>()?).await?;
    let picture = STANDARD.encode(qr_png(&shown.url).map_err(tongban_base::Problem::from)?);
    let view = PresentPage {
        crumbs: crumbs("亮证"),
        row: LicenceRow::of(&open.licence, ctx.now.date()),
        holder: open.holder_name.clone(),
        picture: format!("data:image/png;base64,{picture}"),
        until: shown.expires_at.local().format("%H:%M:%S").to_string(),
        page: page.titled("亮证"),
    };
    let mut response = Html(view.render()?).into_response();
    // A browser without scripts asks for a new code when this one ends. In elder mode the visitor does it, so that
    // nothing runs away.
    if !view.page.is_elder() {
        response.headers_mut().insert(REFRESH, shown.seconds.into());
    }
    Ok(response)
}
