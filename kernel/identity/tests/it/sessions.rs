//! How long a login lasts, and how it ends.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tongban_base::{Actor, ActorKind, Kind, Timestamp};
use tongban_identity::{
    DEMO_PASSWORD, LogIn, OpenedSession, SessionKind, log_in, own_sessions, revoke_session,
};
use tongban_testkit::actors::{MONDAY_MORNING, anonymous};
use tongban_testkit::on_both_databases;
use tongban_ui::Authenticator;

use crate::house::{House, Site, migrations};

async fn open(house: &House, login: &str) -> OpenedSession {
    let wish = LogIn {
        kind: SessionKind::Citizen,
        login: login.into(),
        password: DEMO_PASSWORD.into(),
    };
    log_in(&house.identity, &anonymous(), &wish, "Firefox on Windows")
        .await
        .unwrap()
}

async fn holder(house: &House, token: &str, minutes: i64) -> Option<Actor> {
    let now: Timestamp = MONDAY_MORNING.plus_minutes(minutes);
    house.identity.authenticate(token, now).await.unwrap()
}

on_both_databases! {
    &migrations();

    async fn a_session_that_is_not_used_ends_and_one_that_is_used_lives_on(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let idle = open(&house, "ceshi1").await;
        let used = open(&house, "ceshi1").await;
        for minutes in [10, 29, 55, 80] {
            assert!(holder(&house, &used.token, minutes).await.is_some());
        }
        assert!(holder(&house, &idle.token, 31).await.is_none());
    }

    async fn a_session_ends_after_twelve_hours_however_much_it_is_used(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let opened = open(&house, "ceshi1").await;
        for minutes in (20..720).step_by(20) {
            assert!(holder(&house, &opened.token, minutes).await.is_some());
        }
        assert!(holder(&house, &opened.token, 720).await.is_none());
    }

    async fn a_revoked_session_is_closed_at_once_although_it_was_just_read(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let (lost, kept) = (open(&house, "ceshi1").await, open(&house, "ceshi1").await);
        let actor = holder(&house, &lost.token, 1).await.unwrap();
        assert_eq!((actor.kind, actor.name.as_str()), (ActorKind::Citizen, "测试一"));
        let mut ctx = anonymous();
        ctx.actor = actor;
        let sessions = own_sessions(&house.identity, &ctx, &kept.token).await.unwrap();
        let other = sessions.iter().find(|session| !session.current).unwrap();
        revoke_session(&house.identity, &ctx, other.id).await.unwrap();
        assert!(holder(&house, &lost.token, 1).await.is_none());
        assert!(holder(&house, &kept.token, 1).await.is_some());
        assert_eq!(house.log("session.revoked").await.len(), 1);
    }

    async fn nobody_ends_the_session_of_another(db: Db) {
        let house = House::on(db).await;
        house.seed().await;
        let (mine, theirs) = (open(&house, "ceshi1").await, open(&house, "ceshi2").await);
        let mut ctx = anonymous();
        ctx.actor = holder(&house, &theirs.token, 1).await.unwrap();
        let other = own_sessions(&house.identity, &ctx, &theirs.token).await.unwrap()[0].id;
        ctx.actor = holder(&house, &mine.token, 1).await.unwrap();
        let refused = revoke_session(&house.identity, &ctx, other).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::NotFound);
        assert!(holder(&house, &theirs.token, 2).await.is_some());
    }
}

#[tokio::test]
async fn logging_in_again_ends_the_session_that_the_browser_had() {
    let site = Site::open().await;
    let mut browser = site.citizen("ceshi1").await;
    let old = browser.cookies.get("tongban_session").unwrap().clone();
    let form = [("login", "ceshi2"), ("password", DEMO_PASSWORD)];
    browser.post("/login", &form).await;
    assert_ne!(browser.cookies.get("tongban_session"), Some(&old));
    browser.cookies.insert("tongban_session".into(), old);
    assert_eq!(browser.get("/me").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_page_of_sessions_shows_both_and_ends_the_other() {
    let site = Site::open().await;
    let mut lost = site.citizen("ceshi1").await;
    let mut browser = site.citizen("ceshi1").await;
    let page = browser.get("/me/sessions").await.html();
    assert_eq!(page.all("tbody tr").len(), 2);
    let action = page.one("form[action$='/revoke']");
    let path = action.attribute("action").unwrap();
    assert_eq!(browser.post(path, &[]).await.location, "/me/sessions");
    assert_eq!(lost.get("/me").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        browser
            .get("/me/sessions")
            .await
            .html()
            .all("tbody tr")
            .len(),
        1
    );
}

#[tokio::test]
async fn a_login_leads_back_to_our_own_pages_only() {
    let site = Site::open().await;
    for (next, target) in [
        ("/items/road-driver", "/items/road-driver"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("/workbench/audit", "/"),
    ] {
        let form = [
            ("login", "ceshi1"),
            ("password", DEMO_PASSWORD),
            ("next", next),
            ("as", "citizen"),
        ];
        assert_eq!(site.browser().post("/login", &form).await.location, target);
    }
}

#[tokio::test]
async fn a_form_from_another_site_ends_no_session() {
    let site = Site::open().await;
    let mut browser = site.citizen("ceshi1").await;
    let request = Request::post("/logout")
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty());
    assert_eq!(
        browser.send(request.unwrap()).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
}
