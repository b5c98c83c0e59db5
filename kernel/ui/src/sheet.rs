//! A form with files, as browsers send it.

use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tongban_base::{Kind, Problem, Result, typed};

/// One uploaded file.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The field of the form that it came in.
    pub field: String,
    pub name: String,
    pub content: Vec<u8>,
}

#[derive(Debug, Default)]
pub struct Sheet {
    pub fields: Vec<(String, String)>,
    pub files: Vec<Upload>,
}

impl Sheet {
    pub fn text(&self, name: &str) -> String {
        let found = self.fields.iter().rev().find(|(n, _)| n == name);
        found.map_or(String::new(), |(_, text)| text.trim().to_owned())
    }
}

/// The files of a multipart body; an empty file field is passed over.
pub async fn uploads(request: Request, limit: usize) -> Result<Vec<Upload>> {
    let files = sheet(request, limit).await?.files;
    if files.is_empty() {
        return Err(Problem::invalid("upload.none", "请先选择要上传的文件"));
    }
    Ok(files)
}

/// A multipart body; an empty file field is passed over.
pub async fn sheet(request: Request, limit: usize) -> Result<Sheet> {
    if length(&request).is_some_and(|sent| sent > limit + 256 * 1024) {
        return Err(file_too_large(limit));
    }
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|cause| unreadable().with_cause(cause))?;
    let mut sent = Sheet::default();
    while let Some(part) = parts
        .next_field()
        .await
        .map_err(|cause| refused(cause, limit))?
    {
        let field = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let content = part.bytes().await.map_err(|cause| refused(cause, limit))?;
        match file {
            None => {
                let text = String::from_utf8_lossy(&content).into_owned();
                sent.fields.push((field, text));
            }
            Some(name) if name.is_empty() => {}
            Some(name) => sent.files.push(Upload {
                field,
                name: typed::file_name(&name),
                content: content.to_vec(),
            }),
        }
    }
    Ok(sent)
}

fn length(request: &Request) -> Option<usize> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn refused(cause: axum::extract::multipart::MultipartError, limit: usize) -> Problem {
    if cause.status().as_u16() == 413 {
        file_too_large(limit).with_cause(cause)
    } else {
        unreadable().with_cause(cause)
    }
}

fn file_too_large(limit: usize) -> Problem {
    let words = format!("文件不能超过 {} MB，请压缩后再上传", limit / 1024 / 1024);
    Problem::new(Kind::TooLarge, "upload.too_large", words)
}

fn unreadable() -> Problem {
    Problem::invalid(
        "upload.unreadable",
        "上传中断或内容无法识别，请重新选择文件",
    )
}

/// A table for spreadsheets, in UTF-8 with the mark by which they know it. No cell begins as a formula does.
pub fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let quoted = |cell: &String| {
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let held = if is_formula { "'" } else { "" };
        format!("\"{held}{}\"", cell.replace('"', "\"\""))
    };
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().map(quoted).collect();
        format!("{}\r\n", cells.join(","))
    };
    let lines: String = rows.iter().map(line).collect();
    format!("\u{feff}{lines}").into_bytes()
}

/// A file with its Chinese name; the browser may show it but never runs it.
pub fn download(name: &str, media_type: &str, content: Vec<u8>) -> Response {
    let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes())
        .collect::<String>()
        .replace('+', "%20");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename*=UTF-8''{encoded}"),
        ),
        (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
    ];
    (headers, content).into_response()
}
