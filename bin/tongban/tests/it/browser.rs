//! A visitor who goes through the router: cookies, forms, files, JSON.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value as Json;
use tongban_testkit::Html;
use tower::ServiceExt;

const BOUNDARY: &str = "a-boundary-of-the-test";

#[derive(Clone)]
pub struct Browser {
    router: Router,
    token: Option<String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn html(&self) -> Html {
        Html::parse(&self.text())
    }

    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The answer of a form that was taken: it leads on.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        &self.location
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self
    }
}

impl Browser {
    pub fn new(router: Router, token: Option<String>) -> Self {
        Self { router, token }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        self.post_as(path, "application/x-www-form-urlencoded", body.into())
            .await
    }

    pub async fn post_json(&self, path: &str, body: &Json) -> Answer {
        self.post_as(path, "application/json", body.to_string().into())
            .await
    }

    pub async fn upload(&self, path: &str, name: &str, content: &[u8]) -> Answer {
        let mut body = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.post_as(path, &kind, body).await
    }

    /// A file with other fields beside it.
    pub async fn upload_with(
        &self,
        path: &str,
        (name, content): (&str, &[u8]),
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.post_as(path, &kind, body).await
    }

    pub async fn post_as(&self, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::CONTENT_LENGTH, body.len())
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        if let Some(token) = &self.token {
            let cookie = format!("tongban_session={token}").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, cookie);
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let location = response.headers().get(header::LOCATION);
        Answer {
            status: response.status(),
            location: location
                .map(|v| v.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec(),
        }
    }
}
