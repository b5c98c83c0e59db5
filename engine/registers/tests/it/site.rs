//! The real routes over a small pack.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tongban_base::{Actor, StaffScope, Timestamp, Uuid};
use tongban_registers::module;
use tongban_testkit::{Html, TestDatabase, actors};
use tongban_ui::{AppBuilder, Authenticator, SiteSettings};

use crate::house::migrations;
use crate::units::Units;

/// One white point.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53,
    0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xff, 0xff, 0x3f,
    0x00, 0x05, 0xfe, 0x02, 0xfe, 0x0d, 0xef, 0x46, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

/// An officer by his role, with the number of his unit behind a dash; `nobody` is not signed in.
struct Roles;

impl Authenticator for Roles {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = tongban_base::Result<Option<Actor>>> + Send + 'a>> {
        let (role, unit) = token.split_once('-').unwrap_or((token, "0"));
        let scope = StaffScope {
            organisation: format!("unit-{unit}"),
            division: actors::SHANGHAI.into(),
            roles: [role.to_owned()].into(),
            ..StaffScope::default()
        };
        let actor = (token != "nobody").then(|| Actor::staff(Uuid::now_v7(), token, scope));
        Box::pin(async move { Ok(actor) })
    }
}

pub struct Site {
    pub units: Units,
    router: Router,
    _database: TestDatabase,
}

impl Site {
    pub async fn open(texts: &[(&str, &str)]) -> Self {
        let database = tongban_testkit::sqlite(&migrations()).await;
        let units = Units::with(database.db(), texts);
        let routes = (module().routes)();
        let app = AppBuilder::new(database.db(), actors::clock(), SiteSettings::default())
            .with(Arc::new(units.registers.clone()))
            .authenticator(Arc::new(Roles))
            .routes(routes.table().to_vec())
            .build();
        Self {
            units,
            router: tongban_ui::router(app, vec![routes]),
            _database: database,
        }
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, Vec<u8>, String) {
        let response = tower::ServiceExt::oneshot(self.router.clone(), request);
        let response = response.await.unwrap();
        let (status, headers) = (response.status(), response.headers());
        let location = headers.get(header::LOCATION);
        let location = location.map_or("", |l| l.to_str().unwrap()).to_owned();
        let body = axum::body::to_bytes(response.into_body(), 1 << 22).await;
        (status, body.unwrap().to_vec(), location)
    }

    async fn html(&self, request: Request<Body>) -> (StatusCode, Html, String) {
        let (status, body, location) = self.answer(request).await;
        (
            status,
            Html::parse(&String::from_utf8_lossy(&body)),
            location,
        )
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        who: &str,
        body: &str,
    ) -> (StatusCode, Html, String) {
        let kind = "application/x-www-form-urlencoded";
        self.html(request(method, path, who, (kind, body.to_owned().into())))
            .await
    }

    pub async fn send_files(
        &self,
        path: &str,
        who: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> (StatusCode, Html, String) {
        let (kind, body) = multipart(fields, files);
        self.html(request("POST", path, who, (kind, body))).await
    }

    pub async fn page(&self, path: &str, who: &str) -> Html {
        let (status, page, _) = self.send("GET", path, who, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        page
    }

    pub async fn bytes(&self, path: &str, who: &str) -> (StatusCode, Vec<u8>) {
        let answer = self.answer(request("GET", path, who, ("text/plain", Vec::new())));
        let (status, body, _) = answer.await;
        (status, body)
    }
}

fn request(method: &str, path: &str, who: &str, (kind, body): (&str, Vec<u8>)) -> Request<Body> {
    // Chinese words in an address, as a browser writes them.
    let path: String = path
        .bytes()
        .map(|byte| match byte.is_ascii() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect();
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {who}"))
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body))
        .unwrap()
}

/// A form with files, as a browser sends it.
pub fn multipart(
    fields: &[(&str, &str)],
    files: &[(&str, &str, &[u8])],
) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (name, text) in fields {
        let part =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        body.extend(part.into_bytes());
    }
    for (name, file, content) in files {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    ("multipart/form-data; boundary=b", body)
}
