//! The log as a page and as JSON, through the real router.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tongban_audit::{AuditCatalogue, ReadLog, list_entries};
use tongban_base::{Actor, Result, Timestamp};
use tongban_testkit::{Html, TestDatabase, actors};
use tongban_ui::{AppBuilder, Authenticator, SiteSettings};
use tower::ServiceExt;

use super::{CHANGED, MIGRATIONS, key, write_entries};

/// The token is the right that its holder has.
struct Doorman;

impl Authenticator for Doorman {
    fn authenticate<'a>(
        &'a self,
        token: &'a str,
        _: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Actor>>> + Send + 'a>> {
        Box::pin(async move { Ok(Some(actors::supervisor(&[token]).actor)) })
    }
}

async fn site() -> (Router, TestDatabase) {
    let database = tongban_testkit::sqlite(MIGRATIONS).await;
    let routes = (tongban_audit::module().routes)();
    let site = SiteSettings::default();
    let app = AppBuilder::new(database.db(), actors::clock(), site)
        .with(Arc::new(AuditCatalogue::new(&[&[CHANGED]])))
        .with(Arc::new(ReadLog::new(database.db(), key())))
        .authenticator(Arc::new(Doorman))
        .routes(routes.table().to_vec())
        .build();
    (tongban_ui::router(app, vec![routes]), database)
}

async fn get(router: &Router, path: &str, right: &str) -> (StatusCode, String) {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {right}"));
    let request = request.body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn the_page_shows_fifty_entries_and_leads_on_and_back() {
    let (router, database) = site().await;
    write_entries(&database.db(), 0..60).await;
    let (status, first) = get(&router, "/workbench/audit", "audit.read").await;
    assert_eq!(status, StatusCode::OK);
    let first = Html::parse(&first);
    assert_eq!(first.all("tbody tr").len(), 50);
    assert_eq!(first.texts("tbody td[data-label=事件]")[0], "修改");
    assert_eq!(first.texts("tbody .tb-after")[0], r#"{"size":2}"#);
    let next = first
        .one("a[rel=next]")
        .attribute("href")
        .unwrap()
        .to_owned();
    let second = Html::parse(&get(&router, &next, "audit.read").await.1);
    assert_eq!(second.all("tbody tr").len(), 10);
    let back = second
        .one("a[rel=prev]")
        .attribute("href")
        .unwrap()
        .to_owned();
    let again = Html::parse(&get(&router, &back, "audit.read").await.1);
    assert_eq!(
        again.texts("tbody td[data-label=对象]"),
        first.texts("tbody td[data-label=对象]")
    );
}

#[tokio::test]
async fn the_log_is_closed_without_the_right_and_a_filter_that_cannot_fit_finds_nothing() {
    let (router, database) = site().await;
    write_entries(&database.db(), 0..3).await;
    for path in ["/workbench/audit", "/api/v1/audit"] {
        assert_eq!(
            get(&router, path, "case.read").await.0,
            StatusCode::FORBIDDEN
        );
    }
    let (_, all) = get(&router, "/api/v1/audit?subject_id=1", "audit.read").await;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!(all["items"][0]["detail"]["old"]["size"], 1.5);
    for path in [
        "/workbench/audit?actor=nobody",
        "/workbench/audit?outcome=refused",
    ] {
        let (status, none) = get(&router, path, "audit.read").await;
        assert_eq!(status, StatusCode::OK);
        assert!(Html::parse(&none).has(".tb-empty"));
    }
    let (status, _) = get(&router, "/workbench/audit?after=rubbish", "audit.read").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whoever_reads_the_log_is_in_it_once_and_who_looked_for_a_person_is_found_by_the_words() {
    let (router, database) = site().await;
    let reads = ReadLog::new(database.db(), key());
    let clerk = actors::counter(&[]);
    for words in ["测试一", " 测试一 ", "31000019690207901x"] {
        reads.note_sought(&clerk, "办件查询", words).await.unwrap();
    }
    reads.flush().await.unwrap();
    for (asked, found) in [
        ("%E6%B5%8B%E8%AF%95%E4%B8%80", 1),
        ("31000019690207901X", 1),
        ("nobody", 0),
    ] {
        let path = format!("/workbench/audit?sought={asked}");
        let (status, page) = get(&router, &path, "audit.read").await;
        assert_eq!(status, StatusCode::OK);
        let page = Html::parse(&page);
        assert_eq!(page.all("tbody tr").len(), found, "{asked}");
        assert!(!page.text("main").contains("901X"));
    }
    let system = actors::system();
    let filter = tongban_audit::EntryFilter::default();
    let entries = list_entries(&database.db(), &system, &filter, (None, 10)).await;
    let sought = entries.unwrap().rows;
    assert_eq!(sought.len(), 2, "the same words are one entry an hour");
    assert!(
        sought
            .iter()
            .all(|e| !e.detail.to_string().contains("测试一"))
    );
}
