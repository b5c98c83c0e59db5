//! JSON: verifying a code or a file, and one licence for whoever may see it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tongban_base::{FieldError, Problem, Result};
use tongban_cases::Desk;
use tongban_ui::{Answer, App, Operation, Visit};

use super::upload;
use super::views::LicenceView;
use crate::licences::Licences;
use crate::model::LicenceId;

/// Exactly one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerifyBody {
    code: Option<String>,
    /// The file in base64.
    file: Option<String>,
}

enum Asked {
    Code(String),
    File(Vec<u8>),
}

/// JSON with a code or a file in base64, or a form with the field `file`.
pub(super) async fn verify(State(app): State<App>, Visit(ctx): Visit, request: Request) -> Answer {
    let licences = app.service::<Licences>()?;
    let report = match asked(&app, request).await? {
        Asked::Code(code) => licences.verify_code(&ctx, &code).await?,
        Asked::File(content) => {
            let letters = app.service::<Desk>().ok();
            licences
                .verify_among(&ctx, content, letters.as_deref())
                .await?
        }
    };
    Ok(Json(report).into_response())
}

async fn asked(app: &App, request: Request) -> Result<Asked> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let form = Multipart::from_request(request, app).await;
        return upload::file(form.map_err(|_| unreadable())?)
            .await
            .map(Asked::File);
    }
    let too_large = |status: u16| match status {
        413 => crate::error::too_large(crate::service::verify::LARGEST_FILE / 1024 / 1024),
        _ => unreadable(),
    };
    let body = Bytes::from_request(request, app).await;
    let body = body.map_err(|e| too_large(e.into_response().status().as_u16()))?;
    let body: VerifyBody = serde_json::from_slice(&body).map_err(|_| unreadable())?;
    match (body.code, body.file) {
        (Some(code), None) => Ok(Asked::Code(code)),
        (None, Some(file)) => decode(&file).map(Asked::File),
        _ => {
            let fault = FieldError::new("/code", "one_of", "请给出核验码或者文件，两者选一");
            Err(Problem::fields(vec![fault]))
        }
    }
}

fn decode(file: &str) -> Result<Vec<u8>> {
    STANDARD.decode(file).map_err(|_| {
        let fault = FieldError::new("/file", "base64", "文件内容应当是 base64 编码");
        Problem::fields(vec![fault])
    })
}

fn unreadable() -> Problem {
    Problem::invalid(
        "input.unreadable",
        "提交的内容无法识别，应为 JSON 或者文件表单",
    )
}

pub(super) async fn licence(
    State(app): State<App>,
    Visit(ctx): Visit,
    Path(id): Path<String>,
) -> Answer {
    let licences = app.service::<Licences>()?;
    let open = licences.open(&ctx, id.parse::<LicenceId>()?).await?;
    let is_holder =
        open.licence.holder_account.is_some() && open.licence.holder_account == ctx.actor.account;
    let url = licences.verify_url(&open.licence.verify_code);
    let view = LicenceView::of(&open, url, ctx.now.date(), is_holder);
    Ok(Json(view).into_response())
}

pub(super) fn verify_operation() -> Operation {
    let date = json!({ "type": ["string", "null"], "format": "date" });
    let text = json!({ "type": ["string", "null"] });
    let reason = json!({ "type": "object", "required": ["code", "message"],
        "properties": { "code": { "type": "string" }, "message": { "type": "string" } } });
    Operation {
        id: "verify_licence",
        summary: "核验证照：按核验码，或者上传 OFD、PDF 文件（base64，或者 multipart 表单的 file 字段）",
        request: Some(json!({
            "oneOf": [
                { "type": "object", "required": ["code"], "additionalProperties": false,
                  "properties": { "code": { "type": "string" } } },
                { "type": "object", "required": ["file"], "additionalProperties": false,
                  "properties": { "file": { "type": "string", "contentEncoding": "base64" } } }
            ]
        })),
        response: json!({
            "type": "object",
            "required": ["answer", "title", "reasons", "advice", "checked_at"],
            "properties": {
                "answer": { "enum": ["valid", "invalid", "cancelled", "revoked", "expired", "unknown"] },
                "title": { "type": "string" },
                "reasons": { "type": "array", "items": reason },
                "advice": { "type": "string" },
                "checked_at": { "type": "string" },
                "licence": { "type": ["object", "null"], "properties": {
                    "title": { "type": "string" }, "number": { "type": "string" }, "identifier": { "type": "string" },
                    "holder_name": { "type": "string" }, "holder_number": { "type": "string" },
                    "issuer_name": { "type": "string" }, "status": { "type": "string" },
                    "valid_from": date, "valid_to": date, "since": date
                } },
                "letter": { "type": ["object", "null"], "properties": {
                    "title": { "type": "string" }, "number": { "type": "string" }, "office": { "type": "string" },
                    "made_on": date, "is_void": { "type": "boolean" }, "holder_name": { "type": "string" }
                } },
                "file": { "type": ["object", "null"], "properties": {
                    "kind": { "enum": ["ofd", "pdf", "unknown"] }, "verdict": { "enum": ["valid", "invalid", "unknown", "unreadable"] },
                    "answer": { "enum": ["有效", "无效", "无法核验"] },
                    "ground": { "enum": ["genuine", "unsealed", "time_unproven", "authority_unknown", "unprotected",
                        "unsupported", "too_large", "unreadable", "exposed", "broken", "seal_removed", "changed"] },
                    "time_proof": { "enum": ["claimed", "register"] },
                    "signer": text, "seal_name": text, "signed_at": text, "identifier": text,
                    "reasons": { "type": "array", "items": reason }
                } }
            }
        }),
        query: &[],
    }
}

pub(super) fn licence_operation() -> Operation {
    let string = json!({ "type": "string" });
    Operation {
        id: "get_licence",
        summary: "一张证照：持证人看到全部，工作人员看到遮掩后的持证人信息",
        request: None,
        response: json!({
            "type": "object",
            "required": ["id", "title", "number", "identifier", "version", "status", "issued_on", "valid_from", "verify_url"],
            "properties": {
                "id": string, "title": string, "type_code": string, "kind": string, "number": string,
                "identifier": string, "version": { "type": "integer" }, "holder_name": string,
                "holder_number": string, "issuer_name": string, "issued_on": string, "valid_from": string,
                "valid_to": { "type": ["string", "null"] },
                "status": { "enum": ["valid", "expired", "replaced", "cancelled", "revoked"] },
                "status_title": string, "verify_url": string, "is_made": { "type": "boolean" },
                "face": { "type": ["object", "null"] }
            }
        }),
        query: &[],
    }
}
