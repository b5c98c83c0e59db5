//! Guessing, flooding and other sites at the login doors: whoever does it locks out nobody but himself.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use tongban_audit::Outcome;
use tongban_base::{Ctx, Result};
use tongban_identity::{DEMO_PASSWORD, LogIn, OpenedSession, SessionKind, log_in};
use tongban_testkit::actors::anonymous;
use tongban_testkit::on_both_databases;
use tongban_ui::SiteSettings;
use tower::ServiceExt;

use crate::house::{House, Site, migrations};

const HOME: &str = "198.51.100.1";

fn at(address: &str) -> Ctx {
    Ctx {
        address: address.to_owned(),
        ..anonymous()
    }
}

async fn enters(house: &House, ctx: &Ctx, login: &str, password: &str) -> Result<OpenedSession> {
    let wish = LogIn {
        kind: SessionKind::Citizen,
        login: login.to_owned(),
        password: password.to_owned(),
    };
    log_in(&house.identity, ctx, &wish, "test").await
}

/// What a try is answered.
async fn code(house: &House, ctx: &Ctx, login: &str, password: &str) -> String {
    match enters(house, ctx, login, password).await {
        Ok(_) => "entered".to_owned(),
        Err(problem) => problem.code().to_owned(),
    }
}

/// A form as a browser sends it over a connection from this address.
async fn sent(
    site: &Site,
    from: &str,
    path: &str,
    body: &str,
    heads: &[(&str, &str)],
) -> Response<Body> {
    let mut request = Request::post(path).header(header::HOST, "tongban.example");
    let kind = match body.starts_with('{') {
        true => "application/json",
        false => "application/x-www-form-urlencoded",
    };
    request = request.header(header::CONTENT_TYPE, kind);
    for (name, value) in heads {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    let peer = SocketAddr::new(from.parse().unwrap(), 4711);
    request.extensions_mut().insert(ConnectInfo(peer));
    site.router.clone().oneshot(request).await.unwrap()
}

const OURS: &[(&str, &str)] = &[("sec-fetch-site", "same-origin")];

on_both_databases! {
    &migrations();

    async fn whoever_guesses_locks_himself_out_and_not_the_person(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let guesser = at("203.0.113.66");
        for _ in 0..5 {
            enters(&house, &guesser, "ceshi1", "wrong").await.err().unwrap();
        }
        assert_eq!(code(&house, &guesser, "ceshi1", DEMO_PASSWORD).await, "login.locked");
        assert_eq!(code(&house, &at(HOME), "ceshi1", DEMO_PASSWORD).await, "entered");
        // By another name of the account nothing tells that it is the same.
        assert_eq!(code(&house, &guesser, "ceshi2", DEMO_PASSWORD).await, "entered");
    }

    async fn many_places_close_a_name_to_strangers_but_not_to_a_known_device(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let own = enters(&house, &at(HOME), "ceshi1", DEMO_PASSWORD).await.unwrap();
        let other = enters(&house, &at(HOME), "ceshi2", DEMO_PASSWORD).await.unwrap();
        for place in 0..11 {
            let guesser = at(&format!("203.0.113.{place}"));
            for _ in 0..5 {
                enters(&house, &guesser, "ceshi1", "wrong").await.err().unwrap();
            }
        }
        assert_eq!(code(&house, &at(HOME), "ceshi1", DEMO_PASSWORD).await, "login.locked");
        let device = |shown: &str| Ctx { device: shown.to_owned(), ..at(HOME) };
        assert_eq!(code(&house, &device(&other.device), "ceshi1", DEMO_PASSWORD).await, "login.locked");
        assert_eq!(code(&house, &device("mark.00"), "ceshi1", DEMO_PASSWORD).await, "login.locked");
        assert_eq!(code(&house, &device(&own.device), "ceshi1", DEMO_PASSWORD).await, "entered");
        assert_eq!(code(&house, &at(HOME), "ceshi2", DEMO_PASSWORD).await, "entered");
    }

    async fn a_locked_place_and_one_end_site_close_a_name_to_nobody_else(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let guesser = at("203.0.113.66");
        for _ in 0..60 {
            enters(&house, &guesser, "ceshi1", "wrong").await.err().unwrap();
        }
        assert_eq!(code(&house, &at(HOME), "ceshi1", DEMO_PASSWORD).await, "entered");
        for network in 0..33 {
            let guesser = at(&format!("2001:db8:1:{network:x}::1"));
            for _ in 0..5 {
                enters(&house, &guesser, "ceshi2", "wrong").await.err().unwrap();
            }
        }
        assert_eq!(code(&house, &at("2001:db8:1:99::1"), "ceshi2", DEMO_PASSWORD).await, "login.locked");
        assert_eq!(code(&house, &at("2001:db8:2::1"), "ceshi2", DEMO_PASSWORD).await, "entered");
    }

    async fn names_that_nobody_has_fill_neither_the_log_nor_the_table(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        for name in 0..260 {
            let stranger = at(&format!("203.0.{}.1", name % 250));
            assert_eq!(code(&house, &stranger, &format!("nobody{name}"), "wrong").await, "login.wrong");
        }
        let opened = house.log("session.opened").await;
        let refused = opened.iter().filter(|entry| entry.outcome == Outcome::Refused);
        // The list is cut at a hundred; what is beyond the budget is asked of the table.
        assert_eq!(refused.count(), 100);
        let count = |sql: &'static str| house.db.read((), move |tx, ()| {
            Box::pin(async move { tx.query_one(sql, tongban_store::params![]).await?.get::<i64>("n") })
        });
        let entries = "SELECT COUNT(*) AS n FROM audit_entry WHERE event = 'session.opened'";
        assert_eq!(count(entries).await.unwrap(), 200);
        let longer = "SELECT COUNT(*) AS n FROM login_guard WHERE LENGTH(subject) <> 10";
        assert_eq!(count(longer).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_login_that_another_site_sends_is_refused_and_put_on_record() {
    let site = Site::open().await;
    let form = format!("login=ceshi1&password={DEMO_PASSWORD}");
    let json = format!(r#"{{"kind":"citizen","login":"ceshi1","password":"{DEMO_PASSWORD}"}}"#);
    let foreign: [&[(&str, &str)]; 5] = [
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ];
    for heads in foreign {
        for path in ["/login", "/register", "/logout"] {
            let answer = sent(&site, HOME, path, &form, heads).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {heads:?}");
            assert!(!answer.headers().contains_key(header::SET_COOKIE));
        }
    }
    let answer = sent(&site, HOME, "/api/v1/sessions", &json, foreign[2]).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let noted = site.house.log("door.refused").await;
    assert_eq!((noted.len(), noted[0].address.as_str()), (16, HOME));
    // A program says nothing of where it comes from; our own pages say that they are ours.
    let answer = sent(&site, HOME, "/api/v1/sessions", &json, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for heads in [
        OURS,
        &[("origin", "http://tongban.example")],
        &[("origin", "http://127.0.0.1:8080")],
    ] {
        let answer = sent(&site, HOME, "/login", &form, heads).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{heads:?}");
    }
}

#[tokio::test]
async fn who_fails_again_and_again_waits_and_who_succeeds_never_does() {
    let site = Site::open().await;
    let right = format!("login=ceshi1&password={DEMO_PASSWORD}");
    for _ in 0..40 {
        assert_eq!(
            sent(&site, HOME, "/login", &right, OURS).await.status(),
            StatusCode::SEE_OTHER
        );
    }
    for name in 0..30 {
        let wrong = format!("login=nobody{name}&password=wrong");
        assert_eq!(
            sent(&site, HOME, "/login", &wrong, OURS).await.status(),
            StatusCode::UNAUTHORIZED
        );
    }
    let wrong = "login=nobody99&password=wrong";
    let refused = sent(&site, HOME, "/login", wrong, OURS).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "10");
    // What others failed at keeps nobody out who knows a password.
    let entered = sent(&site, HOME, "/login", &right, OURS).await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let json = format!(r#"{{"kind":"citizen","login":"ceshi2","password":"{DEMO_PASSWORD}"}}"#);
    let entered = sent(&site, HOME, "/api/v1/sessions", &json, &[]).await;
    assert_eq!(entered.status(), StatusCode::OK);
    let elsewhere = sent(&site, "198.51.100.2", "/login", &right, OURS).await;
    assert_eq!(elsewhere.status(), StatusCode::SEE_OTHER);
    for secret in 0..21 {
        let body = format!("grant_type=authorization_code&client_id=kept&client_secret={secret}");
        let answer = sent(&site, HOME, "/oauth2/token", &body, &[]).await;
        let expected = if secret < 20 { 401 } else { 429 };
        assert_eq!(answer.status(), expected, "{secret}");
    }
}

async fn asked(site: &Site, path: &str, cookie: &str) -> Response<Body> {
    let request = Request::get(path).header(header::COOKIE, cookie);
    let request = request.body(Body::empty()).unwrap();
    site.router.clone().oneshot(request).await.unwrap()
}

/// The names of the cookies that an answer over an encrypted connection sets, each for this host alone.
fn set(answer: &Response<Body>) -> Vec<String> {
    assert!(
        answer
            .headers()
            .contains_key(header::STRICT_TRANSPORT_SECURITY)
    );
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
    let names = cookies.map(|cookie| {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.contains("; Secure"), "{cookie}");
        let own = cookie.strip_prefix("__Host-").unwrap();
        own.split('=').next().unwrap().to_owned()
    });
    names.collect()
}

#[tokio::test]
async fn a_name_longer_than_any_is_refused_and_not_said_again() {
    let site = Site::open().await;
    let form = format!("login={}&password=wrong", "a".repeat(100_000));
    let refused = sent(&site, HOME, "/login", &form, OURS).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = axum::body::to_bytes(refused.into_body(), 64 * 1024).await;
    assert!(page.is_ok(), "the page is as long as the name");
}

#[tokio::test]
async fn what_origin_or_right_refuse_costs_nobody_a_budget() {
    let site = Site::open().await;
    let right = format!("login=ceshi1&password={DEMO_PASSWORD}");
    let foreign = [("origin", "https://evil.example")];
    for path in ["/login", "/register"] {
        for _ in 0..40 {
            let refused = sent(&site, HOME, path, &right, &foreign).await;
            assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{path}");
        }
    }
    for path in ["/me/contact", "/me/real-name"] {
        for _ in 0..30 {
            let led = sent(&site, HOME, path, "", OURS).await;
            assert_eq!(led.status(), StatusCode::SEE_OTHER, "{path}");
        }
    }
    let entered = sent(&site, HOME, "/login", &right, OURS).await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let faulty = sent(&site, HOME, "/register", "login=a", OURS).await;
    assert_ne!(faulty.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn over_an_encrypted_connection_cookies_belong_to_the_host_alone() {
    let house = Site::open().await;
    let site = house.set(SiteSettings {
        public_url: "https://tongban.example".into(),
        ..SiteSettings::default()
    });
    let form = format!("login=ceshi1&password={DEMO_PASSWORD}");
    let ours = [("origin", "https://tongban.example")];
    let entered = sent(&site, HOME, "/login", &form, &ours).await;
    let cookies: Vec<&str> = entered
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert_eq!(set(&entered), ["tongban_session", "tongban_device"]);
    let told = sent(&site, HOME, "/logout", "", &ours).await;
    assert!(set(&told).contains(&"tongban_flash".to_owned()));
    let seen = asked(&site, "/login", "__Host-tongban_flash=x").await;
    assert_eq!(set(&seen), ["tongban_flash"]);
    let wished = asked(&site, "/preferences?mode=elder&theme=dark", "").await;
    assert_eq!(set(&wished), ["tongban_mode", "tongban_theme"]);
    let pair = cookies[0].split(';').next().unwrap();
    let token = pair.split_once('=').unwrap().1;
    let planted = format!("tongban_session={token}");
    let twice = format!("{pair}; {pair}");
    for (cookie, status) in [(pair, 200), (planted.as_str(), 303), (twice.as_str(), 303)] {
        let answer = asked(&site, "/me", cookie).await;
        assert_eq!(answer.status(), status, "{cookie}");
    }
}
