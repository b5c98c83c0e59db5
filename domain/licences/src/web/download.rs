//! The files of a licence, for whoever may see it.

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use tongban_base::Ctx;
use tongban_ui::{Answer, App, Visit};

use crate::licences::Licences;
use crate::model::LicenceId;
use crate::service::open::FileFormat;

pub(super) async fn picture(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    send(&app, &ctx, &id, FileFormat::Png, "inline").await
}

pub(super) async fn ofd(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    send(&app, &ctx, &id, FileFormat::Ofd, "attachment").await
}

pub(super) async fn pdf(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    send(&app, &ctx, &id, FileFormat::Pdf, "attachment").await
}

async fn send(app: &App, ctx: &Ctx, id: &str, format: FileFormat, how: &str) -> Answer {
    let licences = app.service::<Licences>()?;
    let id = id.parse::<LicenceId>()?;
    let (content, name) = licences.download(ctx, id, format).await?;
    // RFC 8187: names of files in Chinese.
    let encoded: String = name.bytes().map(percent).collect();
    let disposition = format!(
        "{how}; filename=\"licence.{}\"; filename*=UTF-8''{encoded}",
        format.extension()
    );
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, disposition),
        (CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, content).into_response())
}

fn percent(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}
