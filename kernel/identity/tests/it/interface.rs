//! The JSON interface, and the table of routes.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tongban_identity::{DEMO_PASSWORD, EVENTS, demo_people};

use crate::house::{Answer, Site};

async fn call(site: &Site, method: &str, path: &str, token: Option<&str>, body: Value) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    site.browser().send(request).await
}

async fn token(site: &Site) -> String {
    let body = json!({"kind": "citizen", "login": "ceshi1", "password": DEMO_PASSWORD});
    let answer = call(site, "POST", "/api/v1/sessions", None, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_logs_in_reads_who_it_is_and_logs_out() {
    let site = Site::open().await;
    let token = token(&site).await;
    let me = call(&site, "GET", "/api/v1/me", Some(&token), Value::Null).await;
    let person = &demo_people()[0];
    assert_eq!(me.json()["name"], "测*一");
    assert_eq!(me.json()["assurance"], "L2");
    assert!(!me.body.contains(&person.id_number) && !me.body.contains(&person.mobile));
    let sessions = call(
        &site,
        "GET",
        "/api/v1/me/sessions",
        Some(&token),
        Value::Null,
    )
    .await;
    assert_eq!(sessions.json()["items"][0]["current"], true);
    let end = "/api/v1/sessions/current/end";
    assert_eq!(
        call(&site, "POST", end, Some(&token), Value::Null)
            .await
            .status,
        StatusCode::OK
    );
    let after = call(&site, "GET", "/api/v1/me", Some(&token), Value::Null).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn problems_are_told_as_problem_details_with_a_stable_code() {
    let site = Site::open().await;
    let wrong = json!({"kind": "citizen", "login": "ceshi1", "password": "falsch"});
    let answer = call(&site, "POST", "/api/v1/sessions", None, wrong).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["code"], "login.wrong");
    let token = token(&site).await;
    let unknown = json!({"name": "测试", "id_number": "1", "extra": true});
    let answer = call(&site, "POST", "/api/v1/me/real-name", Some(&token), unknown).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let faulty = json!({"name": "", "id_number": "1"});
    let answer = call(&site, "POST", "/api/v1/me/real-name", Some(&token), faulty).await;
    let pointers: Vec<Value> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].clone())
        .collect();
    assert_eq!(pointers, [json!("/name"), json!("/id_number")]);
}

#[test]
fn every_json_route_is_described_and_every_changing_one_names_a_known_event() {
    let routes = (tongban_identity::module().routes)();
    for route in routes.table() {
        let json = route.path.starts_with("/api/") || route.oauth;
        assert_eq!(
            json,
            route.operation.is_some(),
            "{} {}",
            route.method,
            route.path
        );
        match route.audit {
            Some(event) => assert!(EVENTS.iter().any(|known| known.name == event), "{event}"),
            None => assert_eq!(route.method, "GET"),
        }
    }
}

#[tokio::test]
async fn whoever_is_not_logged_in_reaches_only_the_doors() {
    let site = Site::open().await;
    let routes = (tongban_identity::module().routes)();
    for route in routes.table() {
        if route.method != "GET" {
            continue;
        }
        let answer = site.browser().get(route.path).await;
        let open = matches!(
            route.path,
            "/login"
                | "/register"
                | "/login/sms"
                | "/forgotten-password"
                | "/open-account"
                | "/.well-known/openid-configuration"
                | "/oauth2/jwks"
        );
        let program = route.path.starts_with("/api/") || route.path == "/oauth2/userinfo";
        let expected = match (open, program) {
            (true, _) => StatusCode::OK,
            // Nobody comes here but from an application, or with a code, which this does not name.
            (false, false) if matches!(route.path, "/oauth2/authorize" | "/code/{id}") => {
                StatusCode::NOT_FOUND
            }
            (false, true) => StatusCode::UNAUTHORIZED,
            (false, false) => StatusCode::SEE_OTHER,
        };
        assert_eq!(answer.status, expected, "{}", route.path);
    }
}
