//! The public page behind the QR picture of a letter, and the same as JSON.

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse};
use serde_json::json;
use tongban_base::{Problem, date_words};
use tongban_documents::Answer as Verified;
use tongban_ui::view::{Tone, Verdict};
use tongban_ui::{Answer, App, Operation, Page, Visit};

use crate::desk::Desk;
use crate::service::public::PublicLetter;
use crate::service::verify_letter::verify_letter;

const UNKNOWN: &str = "没有查到这份文书";

#[derive(Template)]
#[template(path = "letter_verify.html")]
struct LetterPage {
    page: Page,
    verdict: Verdict,
    letter: Option<PublicLetter>,
    day: String,
    checked_at: String,
}

pub async fn show(
    State(app): State<App>,
    Visit(ctx): Visit,
    page: Page,
    Path(code): Path<String>,
) -> Answer {
    let letter = verify_letter(&*app.service::<Desk>()?, &code).await?;
    let view = LetterPage {
        page: page.titled("文书核验"),
        verdict: verdict(letter.as_ref()),
        day: letter
            .as_ref()
            .map_or(String::new(), |l| date_words(l.made_on)),
        checked_at: ctx.now.words(),
        letter,
    };
    Ok(Html(view.render()?).into_response())
}

fn verdict(letter: Option<&PublicLetter>) -> Verdict {
    let answer = letter.map_or(Verified::Unknown, PublicLetter::answer);
    let reasons = letter.map(PublicLetter::reasons);
    let words = reasons.map(|all| all.into_iter().map(|reason| reason.message).collect());
    Verdict {
        answer: answer.title().to_owned(),
        tone: match answer {
            Verified::Valid => Tone::Ok,
            Verified::Invalid => Tone::Late,
            Verified::Cancelled | Verified::Revoked | Verified::Expired | Verified::Unknown => {
                Tone::Quiet
            }
        },
        reasons: words.unwrap_or_else(|| vec![UNKNOWN.to_owned()]),
    }
}

pub async fn json(State(app): State<App>, Visit(ctx): Visit, Path(code): Path<String>) -> Answer {
    let letter = verify_letter(&*app.service::<Desk>()?, &code).await?;
    let letter = letter.ok_or_else(|| {
        Problem::new(tongban_base::Kind::NotFound, "letter.code_unknown", UNKNOWN)
    })?;
    let answer = letter.answer();
    let told = json!({
        "answer": answer, "title": answer.title(), "reasons": letter.reasons(),
        "checked_at": ctx.now.rfc3339(), "letter": letter,
    });
    Ok(Json(told).into_response())
}

pub fn operation() -> Operation {
    let string = || json!({ "type": "string" });
    let maybe = || json!({ "type": ["string", "null"] });
    let flag = || json!({ "type": "boolean" });
    Operation {
        id: "verify_letter",
        summary: "核验文书：按二维码里的核验码；要核验文件，用 verify_licence",
        request: None,
        response: json!({
            "type": "object", "required": ["answer", "title", "reasons", "checked_at", "letter"],
            "properties": {
                "answer": { "enum": ["valid", "invalid", "unknown"] }, "title": string(),
                "reasons": { "type": "array", "items": { "type": "object" } }, "checked_at": string(),
                "letter": { "type": "object", "properties": {
                    "title": string(), "number": string(), "office": string(), "item": string(),
                    "case_number": string(), "holder_name": string(), "holder_number": string(),
                    "made_on": string(), "is_made": flag(), "is_void": flag(), "later": maybe(),
                    "pdf": maybe(), "ofd": maybe()
                } }
            }
        }),
        query: &[],
    }
}
