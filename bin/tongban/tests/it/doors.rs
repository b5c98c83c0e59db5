//! What the doors of the whole house let in: how large, from where, and what strangers may read.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use tongban_identity::DEMO_PASSWORD;
use tongban_testkit::on_both_databases;
use tongban_ui::DoorSettings;

use crate::browser::Answer;
use crate::house::{Site, migrations};

const PROXY: &str = "10.0.0.2";
const STRANGER: &str = "192.0.2.1";

async fn sqlite() -> tongban_testkit::TestDatabase {
    tongban_testkit::sqlite(&migrations()).await
}

/// As it comes over a connection from this address.
fn from(peer: &str, mut request: Request<Body>) -> Request<Body> {
    let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

async fn reads(site: &Site, peer: &str, path: &str, header: Option<&str>) -> StatusCode {
    let mut request = Request::get(path);
    if let Some(forwarded) = header {
        request = request.header("x-forwarded-for", forwarded);
    }
    let request = request.body(Body::empty()).unwrap();
    site.browser().send(from(peer, request)).await.status
}

on_both_databases! {
    &migrations();

    async fn sessions_and_log_know_the_visitor_behind_a_trusted_proxy(db: Db) {
        let doors = DoorSettings {
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..DoorSettings::default()
        };
        let site = Site::with_doors(db, doors).await;
        let body = format!(
            r#"{{"kind":"citizen","login":"ceshi1","password":"{DEMO_PASSWORD}"}}"#
        );
        for (peer, seen) in [(PROXY, "203.0.113.9"), (STRANGER, STRANGER)] {
            let request = Request::post("/api/v1/sessions")
                .header("content-type", "application/json")
                .header("x-forwarded-for", "198.51.100.1, 203.0.113.9, 10.0.0.7")
                .body(Body::from(body.clone()))
                .unwrap();
            site.browser().send(from(peer, request)).await.ok();
            let newest = "SELECT address FROM session ORDER BY id DESC LIMIT 1";
            let address: String = site.rows(newest).await[0].get("address").unwrap();
            assert_eq!(address, seen);
            let newest = "SELECT address FROM audit_entry ORDER BY id DESC LIMIT 1";
            let address: String = site.rows(newest).await[0].get("address").unwrap();
            assert_eq!(address, seen);
        }
    }
}

#[tokio::test]
async fn the_figures_are_for_this_machine_and_whoever_is_named() {
    let database = sqlite().await;
    let site = Site::on(database.db()).await;
    assert_eq!(
        reads(&site, "127.0.0.1", "/metrics", None).await,
        StatusCode::OK
    );
    assert_eq!(reads(&site, "::1", "/metrics", None).await, StatusCode::OK);
    assert_eq!(
        reads(&site, STRANGER, "/metrics", None).await,
        StatusCode::NOT_FOUND
    );
    // A proxy on this machine that nobody named: it may ask for anybody.
    let passed_on = reads(&site, "127.0.0.1", "/metrics", Some(STRANGER)).await;
    assert_eq!(passed_on, StatusCode::NOT_FOUND);
    let described = "/api/v1/openapi.json";
    assert_eq!(
        reads(&site, STRANGER, described, None).await,
        StatusCode::OK
    );
    let doors = DoorSettings {
        metrics_for: vec!["192.0.2.0/24".parse().unwrap()],
        interface_for: vec!["192.0.2.0/24".parse().unwrap()],
        ..DoorSettings::default()
    };
    let database = sqlite().await;
    let site = Site::with_doors(database.db(), doors).await;
    for path in ["/metrics", described] {
        assert_eq!(reads(&site, STRANGER, path, None).await, StatusCode::OK);
        assert_eq!(
            reads(&site, "127.0.0.1", path, None).await,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn a_form_brings_no_more_than_a_form_and_a_file_finds_room_beside_others() {
    const BOUND: usize = 1024 * 1024;
    let doors = DoorSettings {
        bodies: BOUND,
        ..DoorSettings::default()
    };
    let database = sqlite().await;
    let site = Site::with_doors(database.db(), doors).await;
    let visitor = site.browser();
    let name = "a".repeat(600 * 1024);
    for path in ["/login", "/register"] {
        let answer = visitor.post(path, &[("login", &name)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert!(answer.body.len() < 64 * 1024, "{path}");
    }
    let read = |answer: &Answer| answer.html().text("main");
    let small = visitor
        .upload("/verify", "a.ofd", &vec![b'x'; BOUND / 2])
        .await;
    assert_eq!(small.status, StatusCode::OK, "{}", read(&small));
    let large = visitor.upload("/verify", "a.ofd", &vec![b'x'; BOUND]).await;
    assert_eq!(large.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(read(&large).contains("请过一会儿再试"), "{}", read(&large));
    // What was held is given back.
    let again = visitor
        .upload("/verify", "a.ofd", &vec![b'x'; BOUND / 2])
        .await;
    assert_eq!(again.status, StatusCode::OK);
    let figures = site.house.app.doors().figures();
    assert!(figures.contains("tongban_body_bytes 0\n"), "{figures}");
    assert!(
        figures.contains("tongban_bodies_refused_total 1\n"),
        "{figures}"
    );
}
