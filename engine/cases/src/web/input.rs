//! What browsers send: fields that may repeat, and files.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use tongban_base::{Kind, Problem, Result, typed};
use tongban_ui::Fault;

/// The fields of a posted form, in their order.
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    pub fn text(&self, name: &str) -> String {
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }

    /// Without the fields that belong to the page, not to the form.
    pub fn of_form(&self) -> Vec<(String, String)> {
        let own = ["csrf", "go"];
        self.0
            .iter()
            .filter(|(n, _)| !own.contains(&n.as_str()))
            .cloned()
            .collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> std::result::Result<Self, Fault> {
        let bytes = Bytes::from_request(request, &())
            .await
            .map_err(|cause| too_large().with_cause(cause))?;
        Ok(Self(
            url::form_urlencoded::parse(&bytes)
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        ))
    }
}

fn too_large() -> Problem {
    Problem::new(
        Kind::TooLarge,
        "input.too_large",
        "填写的内容太多，请精简后再提交",
    )
}

/// One uploaded file.
pub struct Upload {
    pub name: String,
    pub content: Vec<u8>,
}

/// A form with files.
#[derive(Default)]
pub struct Sheet {
    fields: Vec<(String, String)>,
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
