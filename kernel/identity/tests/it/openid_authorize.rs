//! The request of an application: whom a refusal is told, and what the person is asked.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tongban_identity::DEMO_PASSWORD;
use tongban_testkit::{covers, on_both_databases};

use crate::application::{ISSUER, KEPT, OPEN, part};
use crate::house::{STAFF_PASSWORD, Site, migrations};

on_both_databases! {
    &migrations();

    async fn an_unknown_application_or_address_is_told_to_the_person_and_nothing_is_sent_there(db: Db) {
        covers!("HA-320");
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        for change in [
            ("client_id", "stranger"),
            ("client_id", ""),
            ("redirect_uri", ""),
            ("redirect_uri", "https://evil.example/back"),
            ("redirect_uri", "https://kept.example/back"),
            ("redirect_uri", "https://kept.example/back?tenant=1&more=1"),
            ("redirect_uri", "https://kept.example/back?tenant=1#"),
            ("redirect_uri", "https://KEPT.example/back?tenant=1"),
            ("redirect_uri", OPEN.redirect),
        ] {
            let answer = browser.get(&KEPT.request(&[change])).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{change:?}");
            assert_eq!(answer.location, "", "{change:?}");
            assert!(answer.html().text("main").contains("登记"), "{change:?}");
        }
        let twice = format!("{}&redirect_uri=https%3A%2F%2Fevil.example%2F", KEPT.request(&[]));
        assert_eq!(browser.get(&twice).await.status, StatusCode::NOT_FOUND);
    }

    async fn any_other_fault_is_told_to_the_application_with_its_state(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let long = "x".repeat(513);
        for (name, value, error) in [
            ("response_type", "", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code id_token", "unsupported_response_type"),
            ("response_mode", "fragment", "invalid_request"),
            ("scope", "", "invalid_scope"),
            ("scope", "profile", "invalid_scope"),
            ("scope", "openid real_name", "invalid_scope"),
            ("code_challenge", "", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("nonce", &long, "invalid_request"),
            ("max_age", "soon", "invalid_request"),
            ("prompt", "none login", "invalid_request"),
            ("request", "x", "request_not_supported"),
            ("request_uri", "https://kept.example/r", "request_uri_not_supported"),
            ("registration", "{}", "registration_not_supported"),
        ] {
            let answer = browser.get(&KEPT.request(&[(name, value)])).await;
            assert!(answer.location.starts_with("https://kept.example/back?tenant=1&error="), "{name}={value}");
            assert_eq!(part(&answer, "error").as_deref(), Some(error), "{name}={value}");
            assert_eq!(part(&answer, "state").as_deref(), Some("a state"), "{name}={value}");
            assert_eq!(part(&answer, "iss").as_deref(), Some(ISSUER));
            assert_eq!(part(&answer, "code"), None);
        }
        let all = [("scope", "openid profile real_name")];
        let answer = browser.get(&OPEN.request(&all)).await;
        assert_eq!(part(&answer, "error").as_deref(), Some("invalid_scope"), "not registered for it");
        let twice = browser.get(&format!("{}&nonce=other", KEPT.request(&[]))).await;
        assert_eq!(part(&twice, "error").as_deref(), Some("invalid_request"));
        let unknown = browser.get(&KEPT.request(&[("scope", "openid email"), ("display", "page")])).await;
        assert_eq!(unknown.status, StatusCode::OK, "what nobody knows is passed over");
    }

    async fn without_asking_there_is_an_answer_only_for_who_is_logged_in_and_has_agreed(db: Db) {
        let site = Site::on(db).await;
        let silent = [("prompt", "none")];
        let answer = site.browser().get(&KEPT.request(&silent)).await;
        assert_eq!(part(&answer, "error").as_deref(), Some("login_required"));
        let mut browser = site.citizen("ceshi1").await;
        let answer = browser.get(&KEPT.request(&silent)).await;
        assert_eq!(part(&answer, "error").as_deref(), Some("consent_required"));
        KEPT.code(&mut browser).await;
        let answer = browser.get(&KEPT.request(&silent)).await;
        assert!(part(&answer, "code").is_some());
    }

    async fn looking_again_and_again_leaves_no_more_than_a_few_codes(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        KEPT.code(&mut browser).await;
        for _ in 0..30 {
            assert!(part(&browser.get(&KEPT.request(&[])).await, "code").is_some());
        }
        let count = || site.house.db.read((), |tx, ()| Box::pin(async move {
            let sql = "SELECT COUNT(*) AS n FROM openid_code";
            tx.query_one(sql, tongban_store::params![]).await?.get::<i64>("n")
        }));
        assert_eq!(count().await.unwrap(), 5);
        // What is long over goes with whoever comes next.
        let mut other = site.later(2 * 3600).citizen("ceshi2").await;
        KEPT.code(&mut other).await;
        assert_eq!(count().await.unwrap(), 1);
    }

    async fn a_login_that_is_too_old_or_is_wanted_anew_is_asked_for_again(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        KEPT.code(&mut browser).await;
        for wish in [("prompt", "login"), ("prompt", "select_account")] {
            let answer = browser.get(&KEPT.request(&[wish])).await;
            assert!(answer.location.starts_with("/login?"), "{wish:?}");
            let page = browser.get(&answer.location).await;
            assert_eq!(page.status, StatusCode::OK, "the form is shown although somebody is logged in");
            assert!(!page.html().one("[name=next]").attribute("value").unwrap().contains("prompt"));
        }
        let young = KEPT.request(&[("max_age", "100")]);
        assert!(part(&browser.get(&young).await, "code").is_some());
        let mut old = browser.at(&site.later(130));
        assert!(old.get(&young).await.location.starts_with("/login?"));
        let silent = KEPT.request(&[("max_age", "100"), ("prompt", "none")]);
        assert_eq!(part(&old.get(&silent).await, "error").as_deref(), Some("login_required"));
        let asked = browser.get(&KEPT.request(&[("prompt", "consent")])).await;
        assert_eq!(asked.status, StatusCode::OK, "asked although it was agreed to");
    }

    async fn whoever_opens_the_way_back_without_logging_in_again_is_asked_again(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        KEPT.code(&mut browser).await;
        let mut later = browser.at(&site.later(60));
        let asked = later.get(&KEPT.request(&[("prompt", "login")])).await;
        let page = later.get(&asked.location).await;
        let next = page.html().one("[name=next]").attribute("value").unwrap().to_owned();
        assert!(later.get(&next).await.location.starts_with("/login?"));
        let form = [("login", "ceshi1"), ("password", DEMO_PASSWORD), ("next", next.as_str())];
        let entered = later.post("/login", &form).await;
        assert!(part(&later.get(&entered.location).await, "code").is_some());
    }

    async fn an_officer_is_nobody_here(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.browser();
        let form = [("login", "acceptor"), ("password", STAFF_PASSWORD), ("as", "staff")];
        assert_eq!(browser.post("/login", &form).await.status, StatusCode::SEE_OTHER);
        assert!(browser.get(&KEPT.request(&[])).await.location.starts_with("/login?as=citizen"));
        let silent = browser.get(&KEPT.request(&[("prompt", "none")])).await;
        assert_eq!(part(&silent, "error").as_deref(), Some("login_required"));
        let query = KEPT.request(&[]);
        let form = [("request", query.split_once('?').unwrap().1), ("decision", "allow")];
        assert!(browser.post("/oauth2/consent", &form).await.location.starts_with("/login?"));
    }

    async fn whoever_does_not_agree_gives_nothing_and_is_asked_again(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let query = KEPT.request(&[]);
        let form = [("request", query.split_once('?').unwrap().1), ("decision", "deny")];
        let answer = browser.post("/oauth2/consent", &form).await;
        assert_eq!(part(&answer, "error").as_deref(), Some("access_denied"));
        assert_eq!(part(&answer, "state").as_deref(), Some("a state"));
        assert_eq!(part(&answer, "code"), None);
        assert_eq!(browser.get(&query).await.status, StatusCode::OK);
        let nobody = site.browser().post("/oauth2/consent", &form).await;
        assert_eq!(part(&nobody, "error").as_deref(), Some("access_denied"));
        assert_eq!(site.house.log("openid.granted").await.len(), 1, "the refusal of a person");
    }

    async fn nobody_agrees_in_the_name_of_another_site_or_after_leaving(db: Db) {
        let site = Site::on(db).await;
        let mut browser = site.citizen("ceshi1").await;
        let query = KEPT.request(&[]);
        let query = query.split_once('?').unwrap().1;
        let form = [("request", query), ("decision", "allow")];
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        let foreign = Request::post("/oauth2/consent")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .body(Body::from(encoded.extend_pairs(form).finish()));
        assert_eq!(browser.send(foreign.unwrap()).await.status, StatusCode::FORBIDDEN);
        let stranger = browser.post("/oauth2/consent", &[("request", "client_id=x"), ("decision", "allow")]).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
        browser.post("/logout", &[]).await;
        assert!(browser.post("/oauth2/consent", &form).await.location.starts_with("/login?"));
        assert!(site.house.log("openid.granted").await.is_empty());
    }
}
