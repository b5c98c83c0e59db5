//! Coming for the tokens of a code: who may, when, and how often.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tongban_testkit::{covers, on_both_databases};

use crate::application::{KEPT, OPEN, claims};
use crate::house::{Answer, Site, migrations};

#[track_caller]
fn refused(answer: &Answer, error: &str) {
    assert_eq!(answer.json()["error"], error, "{}", answer.body);
    let status = match error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    assert_eq!(answer.status, status);
}

on_both_databases! {
    &migrations();

    async fn a_code_is_bound_to_everything_it_was_asked_with(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let code = KEPT.code(&mut browser).await;
        for (name, value, error) in [
            ("code_verifier", "eBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "invalid_grant"),
            ("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "invalid_grant"),
            ("code_verifier", "", "invalid_request"),
            ("redirect_uri", "https://kept.example/back", "invalid_grant"),
            ("redirect_uri", "", "invalid_request"),
            ("code", "somethingelse", "invalid_grant"),
            ("code", "", "invalid_request"),
            ("grant_type", "password", "unsupported_grant_type"),
            ("grant_type", "refresh_token", "unsupported_grant_type"),
            ("grant_type", "", "invalid_request"),
            ("client_secret", "wrong", "invalid_client"),
            ("client_secret", "", "invalid_client"),
        ] {
            refused(&KEPT.redeem(&site, &code, &[(name, value)]).await, error);
        }
        refused(&OPEN.redeem(&site, &code, &[]).await, "invalid_grant");
        refused(&OPEN.redeem(&site, &code, &[("redirect_uri", KEPT.redirect)]).await, "invalid_grant");
        let right = KEPT.redeem(&site, &code, &[]).await;
        assert_eq!(right.status, StatusCode::OK, "none of these used it up: {}", right.body);
    }

    async fn a_code_is_over_after_a_minute(db: Db) {
        covers!("HA-320");
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let (early, late) = (KEPT.code(&mut browser).await, OPEN.code(&mut browser).await);
        assert_eq!(KEPT.redeem(&site.later(50), &early, &[]).await.status, StatusCode::OK);
        refused(&OPEN.redeem(&site.later(61), &late, &[]).await, "invalid_grant");
    }

    async fn a_code_is_good_once_and_its_second_use_ends_what_the_first_gave(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let code = KEPT.code(&mut browser).await;
        let first = KEPT.redeem(&site, &code, &[]).await.json();
        let token = first["access_token"].as_str().unwrap();
        let other = OPEN.access(&site, &mut browser).await;
        assert_eq!(claims(&site, token).await.status, StatusCode::OK);
        refused(&OPEN.redeem(&site, &code, &[]).await, "invalid_grant");
        assert_eq!(claims(&site, token).await.status, StatusCode::OK, "a stranger with the code ends nothing");
        refused(&KEPT.redeem(&site, &code, &[]).await, "invalid_grant");
        assert_eq!(claims(&site, token).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(claims(&site, &other).await.status, StatusCode::OK, "that of another code");
        assert_eq!(site.house.log("openid.code_reused").await.len(), 1);
    }

    async fn of_two_who_come_at_once_with_one_code_one_gets_tokens(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let code = KEPT.code(&mut browser).await;
        let (one, two) = tokio::join!(KEPT.redeem(&site, &code, &[]), KEPT.redeem(&site, &code, &[]));
        let mut outcomes = [one.status, two.status];
        outcomes.sort();
        assert_eq!(outcomes, [StatusCode::OK, StatusCode::BAD_REQUEST], "{} {}", one.body, two.body);
    }

    async fn a_code_of_somebody_who_logged_out_is_worth_nothing(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let code = KEPT.code(&mut browser).await;
        browser.post("/logout", &[]).await;
        refused(&KEPT.redeem(&site, &code, &[]).await, "invalid_grant");
        assert!(site.house.log("openid.signed_in").await.is_empty());
    }
}

#[tokio::test]
async fn the_secret_may_come_in_the_header_and_a_wrong_one_is_asked_for_there() {
    let site = Site::open().await;
    let mut browser = site.citizen("ceshi1").await;
    let code = KEPT.code(&mut browser).await;
    let call = |secret: &str| {
        let basic = STANDARD.encode(format!("kept:{secret}"));
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", KEPT.redirect),
            ("code_verifier", crate::application::VERIFIER),
        ]);
        Request::post("/oauth2/token")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .body(Body::from(form.finish()))
            .unwrap()
    };
    refused(&site.browser().send(call("wrong")).await, "invalid_client");
    let right = site.browser().send(call("a-secret-of-the-test")).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.body);
}

#[tokio::test]
async fn what_is_no_form_or_shows_no_token_is_refused_as_the_standards_say() {
    let site = Site::open().await;
    let json = Request::post("/oauth2/token")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(
            json!({"grant_type": "authorization_code"}).to_string(),
        ));
    refused(&site.browser().send(json.unwrap()).await, "invalid_request");
    let nothing = site.browser().get("/oauth2/userinfo").await;
    assert_eq!(
        (nothing.status, nothing.body.as_str()),
        (StatusCode::UNAUTHORIZED, r#"{"error":"invalid_token"}"#)
    );
    assert_eq!(claims(&site, "x").await.status, StatusCode::UNAUTHORIZED);
}
