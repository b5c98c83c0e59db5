//! Changing what opens an account: the password is asked for, and the other logins end.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use tongban_audit::Outcome;
use tongban_identity::DEMO_PASSWORD;
use tongban_testkit::covers;

use crate::house::{STAFF_PASSWORD, Site};

const NEW: &str = "Huang-He-88";

fn form<'a>(old: &'a str, new: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("old_password", old),
        ("password", new),
        ("password_again", new),
    ]
}

#[tokio::test]
async fn a_changed_password_ends_the_other_logins_and_the_old_one_opens_nothing() {
    covers!("HA-306");
    let site = Site::open().await;
    for (login, door, old) in [
        ("ceshi1", "citizen", DEMO_PASSWORD),
        ("acceptor", "staff", STAFF_PASSWORD),
    ] {
        let enter = async |password: &str| {
            let mut browser = site.browser();
            let form = [("as", door), ("login", login), ("password", password)];
            let answer = browser.post("/login", &form).await;
            (browser, answer.status)
        };
        let (mut here, _) = enter(old).await;
        let (mut elsewhere, _) = enter(old).await;
        assert_eq!(elsewhere.get("/me/sessions").await.status, StatusCode::OK);
        let wrong = here.post("/me/password", &form("wrong", NEW)).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            wrong
                .html()
                .text("#f-old_password-error")
                .contains("密码不正确")
        );
        let weak = here.post("/me/password", &form(old, "12345678")).await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(weak.html().has("#f-password-error"));
        let again = here.post("/me/password", &form(NEW, NEW)).await;
        assert!(!again.html().text("#f-password-error").is_empty());
        assert_eq!(enter(old).await.1, StatusCode::SEE_OTHER);
        let changed = here.post("/me/password", &form(old, NEW)).await;
        assert_eq!(changed.location, "/me/sessions");
        assert_eq!(here.get("/me/sessions").await.status, StatusCode::OK);
        assert!(
            elsewhere
                .get("/me/sessions")
                .await
                .location
                .starts_with("/login")
        );
        assert_eq!(enter(old).await.1, StatusCode::UNAUTHORIZED);
        assert_eq!(enter(NEW).await.1, StatusCode::SEE_OTHER);
    }
    // Programs change theirs by the interface.
    let token = |answer: crate::house::Answer| answer.json()["token"].as_str().unwrap().to_owned();
    let send = async |path: &str, token: &str, body: serde_json::Value| {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_string()));
        site.browser().send(request.unwrap()).await
    };
    let enter =
        |password: &str| json!({"kind": "citizen", "login": "ceshi2", "password": password});
    let held = token(send("/api/v1/sessions", "", enter(DEMO_PASSWORD)).await);
    let wish = json!({"old_password": DEMO_PASSWORD, "password": NEW, "password_again": NEW});
    let changed = send("/api/v1/me/password", &held, wish.clone()).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(
        send("/api/v1/me/password", &held, wish).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        send("/api/v1/sessions", "", enter(NEW)).await.status,
        StatusCode::OK
    );
    assert_eq!(site.house.log("account.password_changed").await.len(), 3);
    let refused = site.house.log("account.confirmed").await;
    assert!(
        refused
            .iter()
            .all(|entry| entry.outcome == Outcome::Refused)
    );
    assert_eq!(refused.len(), 2);
}

#[tokio::test]
async fn a_session_that_was_left_open_changes_no_mobile_number_and_guesses_no_password() {
    let site = Site::open().await;
    let mut browser = site.citizen("ceshi1").await;
    let shown = browser.get("/me/contact").await.html();
    let mobile = shown
        .one("#f-mobile")
        .attribute("value")
        .unwrap()
        .to_owned();
    let sent = |mobile: &str, password: &str| {
        [
            ("mobile", mobile.to_owned()),
            ("address", "上海市示例路9号".to_owned()),
            ("password", password.to_owned()),
        ]
    };
    let mut send = async |mobile: &str, password: &str| {
        let form = sent(mobile, password);
        let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        browser.post("/me/contact", &form).await
    };
    assert_eq!(
        send(&mobile, "").await.location,
        "/me",
        "an address needs none"
    );
    let refused = send("19800000077", "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.html().has("#f-password-error"));
    let asked = send("19800000077", DEMO_PASSWORD).await;
    assert!(asked.location.starts_with("/code/"));
    for _ in 0..5 {
        send("19800000078", "wrong").await;
    }
    let locked = send("19800000078", DEMO_PASSWORD).await;
    assert_eq!(locked.status, StatusCode::LOCKED);
}
