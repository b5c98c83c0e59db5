//! The public pages of verification: by a code, by a file, by a code that a holder shows.

use askama::Template;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use tongban_base::{Ctx, Date, Kind, Problem, date_words, typed};
use tongban_cases::{Desk, PublicLetter, verify_letter};
use tongban_documents::Verdict as FileVerdict;
use tongban_ui::view::Verdict;
use tongban_ui::{Answer, App, Fault, Page, Visit};

use super::upload;
use super::views::verdict;
use crate::licences::Licences;
use crate::service::file::TimeProof;
use crate::service::verify::{LARGEST_FILE, PublicLicence, VerifyReport};

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    page: Page,
    code: String,
    /// What is wrong with the file or the code that was given.
    error: String,
    code_error: String,
    answer: Option<Shown>,
    megabytes: usize,
}

/// A report in words.
struct Shown {
    verdict: Verdict,
    checked_at: String,
    /// Until when a shown code lasts; empty for others.
    presented: String,
    licence: Option<PublicLicence>,
    letter: Option<PublicLetter>,
    advice: &'static str,
    seal_title: &'static str,
    seal_name: String,
    time_title: &'static str,
    signed_at: String,
}

impl Shown {
    fn of(ctx: &Ctx, report: VerifyReport) -> Self {
        let file = report.file.as_ref();
        let seal = file.and_then(|f| f.seal_name.clone().or_else(|| f.signer.clone()));
        let is_genuine = file.is_some_and(|f| f.verdict == FileVerdict::Valid);
        let is_proven = file.is_some_and(|f| f.time_proof == TimeProof::Register);
        Self {
            advice: report.advice,
            seal_title: if is_genuine {
                "签章"
            } else {
                "文件上写的签章"
            },
            time_title: match (is_genuine, is_proven) {
                (true, true) => "签章时间",
                (true, false) => "签章时间（签章人写明）",
                (false, _) => "文件上写的签章时间",
            },
            verdict: verdict(&report),
            checked_at: ctx.now.words(),
            presented: String::new(),
            seal_name: seal.unwrap_or_default(),
            signed_at: file
                .and_then(|f| f.signed)
                .map(|at| at.words())
                .unwrap_or_default(),
            licence: report.licence,
            letter: report.letter,
        }
    }

    fn day(&self, date: &Date) -> String {
        date_words(*date)
    }
}

impl VerifyPage {
    fn new(page: Page) -> Self {
        Self {
            page: page.titled("证照核验"),
            code: String::new(),
            error: String::new(),
            code_error: String::new(),
            answer: None,
            megabytes: LARGEST_FILE / 1024 / 1024,
        }
    }

    fn show(self, status: StatusCode) -> Answer {
        Ok((status, Html(self.render()?)).into_response())
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
}

/// The empty form, or the answer for a code that was typed.
pub(super) async fn form(
    State(app): State<App>,
    Visit(ctx): Visit,
    Query(asked): Query<Asked>,
    page: Page,
) -> Answer {
    let Some(code) = asked.code else {
        return VerifyPage::new(page).show(StatusCode::OK);
    };
    if typed::visible(&code).is_empty() {
        let mut view = VerifyPage::new(page.with_faults(true));
        view.code_error = "请输入核验码".to_owned();
        return view.show(StatusCode::UNPROCESSABLE_ENTITY);
    }
    answer(&app, &ctx, page, &code).await
}

/// What the QR code on a face leads to.
pub(super) async fn code(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(code): Path<String>,
    page: Page,
) -> Answer {
    answer(&app, &ctx, page, &code).await
}

async fn answer(app: &App, ctx: &Ctx, page: Page, code: &str) -> Answer {
    let report = app.service::<Licences>()?.verify_code(ctx, code).await?;
    if report.licence.is_none()
        && let Ok(desk) = app.service::<Desk>()
        && verify_letter(&desk, code).await?.is_some()
    {
        let code = typed::code(code);
        let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        return Ok(Redirect::to(&format!("/d/{code}")).into_response());
    }
    let mut view = VerifyPage::new(page);
    view.code = code.chars().take(40).collect();
    view.answer = Some(Shown::of(ctx, report));
    view.show(StatusCode::OK)
}

pub(super) async fn upload(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    form: Multipart,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let report = match upload::file(form).await {
        Ok(content) => {
            let letters = app.service::<Desk>().ok();
            licences
                .verify_among(&ctx, content, letters.as_deref())
                .await
        }
        Err(problem) => Err(problem),
    };
    let mut view = VerifyPage::new(page);
    match report {
        Ok(report) => {
            view.answer = Some(Shown::of(&ctx, report));
            view.show(StatusCode::OK)
        }
        Err(problem) => refused(view, problem),
    }
}

/// What the visitor can mend is told beside the field.
fn refused(mut view: VerifyPage, problem: Problem) -> std::result::Result<Response, Fault> {
    if !matches!(
        problem.kind(),
        Kind::Invalid | Kind::TooLarge | Kind::Unavailable
    ) {
        return Err(problem.into());
    }
    let field = problem.field_errors().first().map(|f| f.message.clone());
    view.error = field.unwrap_or_else(|| problem.message().to_owned());
    let status = StatusCode::from_u16(problem.kind().status());
    view.show(status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY))
}

/// What whoever scans a holder's screen sees.
pub(super) async fn presentation(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(token): Path<String>,
    page: Page,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let (report, until) = licences.check_presentation(&ctx, &token).await?;
    let mut shown = Shown::of(&ctx, report);
    shown.presented = until.local().format("%H:%M:%S").to_string();
    let mut view = VerifyPage::new(page);
    view.answer = Some(shown);
    view.show(StatusCode::OK)
}
