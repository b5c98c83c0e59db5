//! A browser without a window: keeps cookies, follows redirections, says that our own pages led it. Goes through the
//! router and nothing else.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::fixture::File;
use crate::page::Page;

const MOST_REDIRECTIONS: usize = 8;
const BOUNDARY: &str = "----scenario";

#[derive(Clone, Debug, Default)]
pub(crate) struct Visitor {
    cookies: BTreeMap<String, String>,
}

/// What is sent with a request.
pub(crate) struct Sent {
    pub media_type: String,
    pub body: Vec<u8>,
}

impl Sent {
    pub fn form(fields: &[(String, String)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        Self {
            media_type: "application/x-www-form-urlencoded".into(),
            body: body.into(),
        }
    }

    /// Fields, then files, each under its name.
    pub fn files(fields: &[(String, String)], files: &[(&str, File)]) -> Self {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(head.as_bytes());
        }
        for (field, file) in files {
            let head = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{}\"\r\n\r\n",
                file.name
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&file.content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        Self {
            media_type: format!("multipart/form-data; boundary={BOUNDARY}"),
            body,
        }
    }
}

/// An address with what is asked there.
pub(crate) fn asked(path: &str, pairs: &[(String, String)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

impl Visitor {
    /// Where a request leads in the end. Errors: what cannot be sent at all.
    pub async fn visit(
        &mut self,
        router: &Router,
        path: &str,
        sent: Option<Sent>,
    ) -> Result<Page, String> {
        let (mut path, mut sent) = (path.to_owned(), sent);
        for _ in 0..MOST_REDIRECTIONS {
            let request = self.request(&path, sent.take())?;
            let Ok(response) = router.clone().oneshot(request).await;
            let (head, body) = response.into_parts();
            self.keep(&head.headers);
            if head.status.is_redirection() {
                path = text(&head.headers, header::LOCATION);
                continue;
            }
            let body = body
                .collect()
                .await
                .map_err(|cause| format!("{path}：{cause}"))?;
            return Ok(Page {
                path,
                status: head.status.as_u16(),
                media_type: text(&head.headers, header::CONTENT_TYPE),
                body: body.to_bytes().to_vec(),
            });
        }
        Err(format!("{path}：转来转去，没有尽头"))
    }

    fn request(&self, path: &str, sent: Option<Sent>) -> Result<Request<Body>, String> {
        let method = match sent {
            Some(_) => Method::POST,
            None => Method::GET,
        };
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header(header::COOKIE, cookies.collect::<Vec<_>>().join("; "));
        let body = match sent {
            Some(sent) => {
                request = request
                    .header(header::CONTENT_TYPE, sent.media_type)
                    .header(header::CONTENT_LENGTH, sent.body.len());
                Body::from(sent.body)
            }
            None => Body::empty(),
        };
        request
            .body(body)
            .map_err(|cause| format!("“{path}”不是地址：{cause}"))
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let Ok(value) = value.to_str() else { continue };
            let (pair, rest) = value.split_once(';').unwrap_or((value, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if value.is_empty() || rest.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}
