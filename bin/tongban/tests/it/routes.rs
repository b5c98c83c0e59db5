//! The table of routes: nothing stands open by mistake, nothing changes without a trace, nothing is undescribed.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tongban::modules;
use tongban_ui::{Access, RouteInfo};

use crate::house::{Site, migrations};

/// Whatever anybody may reach, and why.
const PUBLIC: [(&str, &str); 54] = [
    ("GET /", "the start page"),
    ("GET /items", "the directory"),
    ("GET /items/{code}", "the guide of an item"),
    ("GET /api/v1/suggestions", "the directory"),
    ("GET /progress", "a form"),
    (
        "POST /progress",
        "number and digits are the key; no personal data",
    ),
    (
        "POST /items/{code}/questions",
        "situations change the guide",
    ),
    ("GET /api/v1/items", "the directory"),
    (
        "GET /api/v1/divisions",
        "divisions and their codes are published",
    ),
    ("GET /api/v1/items/{code}", "the guide of an item"),
    ("GET /login", "whoever logs in is nobody yet"),
    ("POST /login", "whoever logs in is nobody yet"),
    ("POST /logout", "leaving twice does no harm"),
    (
        "GET /open-account",
        "whoever has a code from an SMS is nobody yet",
    ),
    (
        "POST /open-account",
        "whoever has a code from an SMS is nobody yet",
    ),
    ("GET /register", "whoever registers is nobody yet"),
    ("POST /register", "whoever registers is nobody yet"),
    ("GET /workbench/login", "whoever logs in is nobody yet"),
    ("POST /workbench/login", "whoever logs in is nobody yet"),
    ("GET /login/sms", "whoever logs in is nobody yet"),
    ("POST /login/sms", "every number is answered alike"),
    (
        "GET /forgotten-password",
        "whoever forgot the password is nobody yet",
    ),
    ("POST /forgotten-password", "every number is answered alike"),
    ("GET /code/{id}", "the telephone is proven by its code"),
    ("POST /code/{id}", "the telephone is proven by its code"),
    (
        "POST /code/{id}/again",
        "the telephone is proven by its code",
    ),
    ("POST /api/v1/passwords", "every number is answered alike"),
    (
        "POST /api/v1/sessions/sms",
        "every number is answered alike",
    ),
    (
        "POST /api/v1/codes/{id}",
        "the telephone is proven by its code",
    ),
    (
        "POST /api/v1/codes/{id}/again",
        "the telephone is proven by its code",
    ),
    ("POST /api/v1/accounts", "whoever registers is nobody yet"),
    ("POST /api/v1/sessions", "whoever logs in is nobody yet"),
    (
        "GET /c/{code}",
        "the code on the receipt is the key; no personal data",
    ),
    ("GET /d/{code}", "the code on a letter is the key"),
    ("GET /api/v1/letters/{code}", "the same"),
    ("GET /c/{code}/qr.png", "the code on the receipt is the key"),
    ("GET /verify", "anybody verifies licences"),
    ("POST /verify", "anybody verifies licences"),
    (
        "GET /v/{code}",
        "the code on the licence is the key; names are masked",
    ),
    ("GET /v/p/{token}", "the holder shows it for a minute"),
    ("POST /api/v1/licences/verify", "anybody verifies licences"),
    ("GET /reviews", "how items are rated"),
    ("GET /items/{code}/qr.png", "the address of a guide"),
    ("GET /search", "the directory"),
    ("GET /pages/{path}", "what a register publishes"),
    ("GET /pages/{path}/{id}", "what a register publishes"),
    (
        "GET /pages/{path}/{id}/files/{field}",
        "what a register publishes",
    ),
    (
        "GET /.well-known/openid-configuration",
        "applications read where to send people",
    ),
    ("GET /oauth2/jwks", "public keys"),
    (
        "GET /oauth2/authorize",
        "whoever comes from an application may be nobody yet",
    ),
    (
        "POST /oauth2/consent",
        "whoever is logged out meanwhile logs in again",
    ),
    ("POST /oauth2/token", "the application shows its secret"),
    ("GET /oauth2/userinfo", "the application shows its token"),
    (
        "POST /api/v1/messages/receipts",
        "the gateway signs what it sends",
    ),
];

fn table() -> Vec<RouteInfo> {
    let modules = modules::all();
    modules
        .iter()
        .flat_map(|m| (m.routes)().table().to_vec())
        .collect()
}

fn name(route: &RouteInfo) -> String {
    format!("{} {}", route.method, route.path)
}

#[test]
fn only_the_routes_of_a_short_list_are_open_to_anybody() {
    let listed: BTreeSet<String> = PUBLIC
        .iter()
        .map(|(route, _)| (*route).to_owned())
        .collect();
    let table = table();
    let open = table
        .iter()
        .filter(|r| r.access == Access::Public)
        .map(name);
    let unlisted: Vec<String> = open.filter(|route| !listed.contains(route)).collect();
    assert_eq!(unlisted, Vec::<String>::new());
}

#[test]
fn every_changing_route_names_its_entry_of_the_audit_log() {
    let known: BTreeSet<&str> = [
        tongban_audit::EVENTS,
        tongban_identity::EVENTS,
        tongban_cases::EVENTS,
        tongban_licences::EVENTS,
        tongban_messages::EVENTS,
        tongban_mandates::EVENTS,
        tongban_reviews::EVENTS,
        tongban_registers::EVENTS,
        tongban_upkeep::EVENTS,
        tongban_items::EVENTS,
        tongban_installation::EVENTS,
    ]
    .into_iter()
    .flatten()
    .map(|event| event.name)
    .collect();
    for route in table().iter().filter(|r| r.method != "GET") {
        let event = route.audit.unwrap_or_default();
        assert!(known.contains(event), "{}: {event:?}", name(route));
    }
}

#[test]
fn every_right_that_a_route_asks_for_is_a_right_of_a_module() {
    let modules = modules::all();
    let rights: BTreeSet<&str> = modules
        .iter()
        .flat_map(|m| m.permissions)
        .map(|p| p.name)
        .collect();
    for route in table() {
        if let Access::Right(right) = route.access {
            assert!(rights.contains(right), "{}: {right}", name(&route));
        }
    }
}

#[tokio::test]
async fn every_json_route_is_described_and_every_closed_route_sends_strangers_away() {
    let database = tongban_testkit::sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let nobody = site.browser();
    let document = nobody.get("/api/v1/openapi.json").await.ok().json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeMap::new();
    for route in &site.table {
        if route.path.starts_with("/api/") {
            let operation = &document["paths"][route.path][route.method.to_lowercase()];
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(!id.is_empty(), "{} is not described", name(route));
            assert_eq!(ids.insert(id.to_owned(), name(route)), None, "{id} twice");
        }
        if route.access == Access::Public {
            continue;
        }
        let path = filled(route.path);
        let ask = |accept: &str| {
            Request::builder()
                .method(route.method)
                .uri(&path)
                .header(header::ACCEPT, accept)
                .body(Body::empty())
                .unwrap()
        };
        let program = nobody.send(ask("application/json")).await;
        assert_eq!(program.status, StatusCode::UNAUTHORIZED, "{}", name(route));
        assert_eq!(program.json()["code"], "unauthenticated", "{}", name(route));
        if !route.path.starts_with("/api/") {
            let person = nobody.send(ask("text/html")).await;
            let to = person.leads_to();
            assert!(to.starts_with("/login?next="), "{}: {to}", name(route));
        }
    }
}

/// Any value does: whoever may not come in learns nothing of what is behind.
pub fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "0190a0a0-0000-7000-8000-000000000000",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Pages and forms that anybody may open at any rate: they cost little and tell nothing.
const WITHOUT_BUDGET: [&str; 17] = [
    "GET /",
    "GET /items/{code}",
    "POST /items/{code}/questions",
    "GET /api/v1/items/{code}",
    "GET /login",
    "GET /progress",
    "POST /logout",
    "GET /open-account",
    "GET /register",
    "GET /login/sms",
    "GET /forgotten-password",
    "GET /code/{id}",
    "GET /reviews",
    "GET /.well-known/openid-configuration",
    "GET /oauth2/jwks",
    "GET /oauth2/authorize",
    "POST /oauth2/consent",
];

#[test]
fn every_public_door_that_works_or_tells_has_a_budget() {
    let lacking: Vec<String> = table()
        .iter()
        .filter(|route| route.access == Access::Public && route.budget.is_none())
        .map(|route| format!("{} {}", route.method, route.path))
        .filter(|route| !WITHOUT_BUDGET.contains(&route.as_str()))
        .collect();
    assert_eq!(
        lacking,
        ["POST /api/v1/messages/receipts"],
        "the gateway signs what it sends"
    );
}
