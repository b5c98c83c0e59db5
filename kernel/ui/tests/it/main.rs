//! What strangers and browsers send: assets, marks, messages, wishes, problems, and the shells as HTML.
#![expect(clippy::unwrap_used, reason = "tests")]

mod doors;
mod fuzz;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::from_fn;
use axum::routing::get;
use http_body_util::BodyExt;
use scraper::{Html, Selector};
use tongban_base::{FieldError, Kind, Problem};
use tongban_crypto::MacKey;
use tongban_ui::{
    Flash, Mode, Page, Preferences, Theme, assets, csrf, flash, preferences, problem,
};
use tower::ServiceExt;

fn key() -> MacKey {
    MacKey::new([7; 32])
}

fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
    pairs.collect()
}

async fn ask(router: &Router, path: &str, extra: &[(header::HeaderName, &str)]) -> Response<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    *request.headers_mut() = headers(extra);
    router.clone().oneshot(request).await.unwrap()
}

fn set_cookies(response: &Response<Body>) -> Vec<String> {
    let values = response.headers().get_all(header::SET_COOKIE).iter();
    values.map(|v| v.to_str().unwrap().to_owned()).collect()
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn an_asset_is_served_compressed_for_ever_and_once() {
    let router = assets::routes::<()>().with_state(());
    let url = assets::url("app.css");
    assert!(url.starts_with("/assets/app."), "build the front end first");
    let first = ask(&router, url, &[(header::ACCEPT_ENCODING, "gzip, br")]).await;
    assert_eq!(first.headers()[header::CONTENT_ENCODING], "br");
    let cache = first.headers()[header::CACHE_CONTROL].to_str().unwrap();
    assert!(cache.contains("immutable"));
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    let known = [
        (header::ACCEPT_ENCODING, "br"),
        (header::IF_NONE_MATCH, &tag),
    ];
    assert_eq!(
        ask(&router, url, &known).await.status(),
        StatusCode::NOT_MODIFIED
    );
    let refuses = [
        (header::ACCEPT_ENCODING, "br;q=0"),
        (header::IF_NONE_MATCH, &tag),
    ];
    let plain = ask(&router, url, &refuses).await;
    assert_eq!(plain.status(), StatusCode::OK);
    assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
    assert!(text(plain).await.contains("--brand"));
    let unknown = ask(&router, "/assets/..%2Fmanifest.json", &[]).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
}

#[test]
fn a_form_mark_holds_for_its_own_session_and_key_only() {
    let mark = csrf::token(&key(), "session-1");
    assert!(csrf::check(&key(), "session-1", &mark).is_ok());
    for (session, given) in [
        ("session-2", mark.as_str()),
        ("session-1", ""),
        ("session-1", "%"),
    ] {
        let refused = csrf::check(&key(), session, given).unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
    }
    assert!(csrf::check(&MacKey::new([8; 32]), "session-1", &mark).is_err());
}

#[tokio::test]
async fn a_message_is_shown_once_and_cannot_be_forged() {
    let cookie = Flash::done("申请已提交；编号 1").cookie(&key()).unwrap();
    let pair = cookie
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let carried = headers(&[(header::COOKIE, &format!("a=b; {pair}"))]);
    assert_eq!(
        Flash::take(&carried, &key()),
        Some(Flash::done("申请已提交；编号 1"))
    );
    assert_eq!(Flash::take(&carried, &MacKey::new([8; 32])), None);
    let router: Router = Router::new()
        .route("/", get(|| async { axum::response::Html("页") }))
        .layer(from_fn(flash::forget));
    let shown = ask(&router, "/", &[(header::COOKIE, &pair)]).await;
    assert!(set_cookies(&shown)[0].contains("Max-Age=0"));
    assert!(set_cookies(&ask(&router, "/", &[]).await).is_empty());
}

#[tokio::test]
async fn a_wish_is_kept_and_leads_back_to_this_site_only() {
    let router = preferences::routes::<()>().with_state(());
    let kept = ask(&router, "/preferences?mode=elder&next=%2Fmy%3Fa%3D1", &[]).await;
    assert_eq!(kept.headers()[header::LOCATION], "/my?a=1");
    let pair = set_cookies(&kept)[0].split(';').next().unwrap().to_owned();
    let wishes = Preferences::of(&headers(&[(header::COOKIE, &pair)]));
    assert_eq!((wishes.mode, wishes.theme), (Mode::Elder, Theme::Auto));
    for foreign in [
        "//evil.example",
        "https:%2F%2Fevil.example",
        "/%5Cevil.example",
        "%09/",
        "/%01",
        "/a%7Fb",
    ] {
        let path = format!("/preferences?theme=dark&next={foreign}");
        let answer = ask(&router, &path, &[]).await;
        assert_eq!(answer.headers()[header::LOCATION], "/", "{foreign}");
    }
}

#[tokio::test]
async fn a_problem_tells_programs_and_people_everything_but_its_cause() {
    let fault = Problem::fields(vec![FieldError::new(
        "/id_number",
        "check_digit",
        "第 18 位应为 7",
    )])
    .with_cause("secret table name");
    let json = problem::to_json(&fault, "0193");
    assert_eq!(json.status(), 422);
    assert_eq!(
        json.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    let body: serde_json::Value = serde_json::from_str(&text(json).await).unwrap();
    assert_eq!(body["errors"][0]["pointer"], "/id_number");
    assert_eq!(body["code"], "input.invalid");
    let page = problem::to_page(
        &Problem::internal("secret table name"),
        &Page::default(),
        "0193",
    );
    assert_eq!(page.status(), 500);
    let html = text(page).await;
    assert!(!html.contains("secret") && !body.to_string().contains("secret"));
    let document = Html::parse_document(&html);
    let heading = Selector::parse("h1").unwrap();
    let way = Selector::parse("a.btn[href='/']").unwrap();
    assert_eq!(
        document.select(&heading).next().unwrap().inner_html(),
        "系统出了问题"
    );
    assert_eq!(document.select(&way).count(), 1);
}

#[tokio::test]
async fn no_page_of_ours_needs_inline_script_or_style() {
    let html = text(problem::to_page(
        &Problem::not_found(),
        &Page::default(),
        "",
    ))
    .await;
    let document = Html::parse_document(&html);
    for forbidden in [
        "script:not([src])",
        "style",
        "[style]",
        "[onclick]",
        "[onload]",
    ] {
        let found = document
            .select(&Selector::parse(forbidden).unwrap())
            .count();
        assert_eq!(found, 0, "{forbidden}");
    }
}

/// Suppressed whitespace glues attributes of the shells together wherever a crate compiles them.
#[test]
fn no_crate_suppresses_the_whitespace_of_our_shells() {
    let house = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for floor in ["kernel", "engine", "domain", "solution"] {
        let crates = std::fs::read_dir(house.join(floor)).unwrap();
        for folder in crates.map(|entry| entry.unwrap().path()) {
            let config = std::fs::read_to_string(folder.join("askama.toml")).unwrap_or_default();
            assert!(!config.contains("suppress"), "{}", folder.display());
        }
    }
}
