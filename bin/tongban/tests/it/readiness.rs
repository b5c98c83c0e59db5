//! `/readyz` tells what is broken, and a handler that panics ends its request only.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use tongban::integrity::look_at_schema;
use tongban_testkit::on_both_databases;
use tongban_ui::{Access, Routes};
use tower::ServiceExt;

use crate::house::{Site, migrations};

async fn keeps_no_files(site: &Site) {
    let answer = site.browser().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let told = answer.json();
    assert_eq!(told["state"], "unready");
    let findings = told["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|found| found["part"] == "objects"),
        "{told}"
    );
}

on_both_databases! {
    &migrations();

    async fn a_house_that_cannot_keep_files_is_not_ready(db: Db) {
        let site = Site::on(db).await;
        let incoming = site.data.folder.join("objects/incoming");
        std::fs::remove_dir(&incoming).unwrap();
        keeps_no_files(&site).await;
    }

    async fn a_house_whose_files_cannot_get_to_their_place_is_not_ready(db: Db) {
        let site = Site::on(db).await;
        std::fs::create_dir(site.data.folder.join("objects/.trial")).unwrap();
        keeps_no_files(&site).await;
    }

    async fn what_the_next_start_or_the_next_line_needs_is_told(db: Db) {
        let site = Site::on(db).await;
        let folder = &site.data.folder;
        std::fs::create_dir(folder.join("audit.anchor")).unwrap();
        std::fs::rename(folder.join("keys"), folder.join("aside")).unwrap();
        let told = site.browser().get("/readyz").await.json();
        assert_eq!(told["state"], "degraded");
        for part in ["audit", "keys"] {
            let findings = told["findings"].as_array().unwrap();
            assert!(findings.iter().any(|found| found["part"] == part), "{told}");
        }
    }

    async fn a_database_that_is_made_otherwise_is_told(db: Db) {
        let site = Site::on(db).await;
        let (key, now) = (&site.house.audit_key, site.house.app.now());
        look_at_schema(site.db(), key, now).await.unwrap();
        assert_eq!(site.db().schema_faults(), Vec::<String>::new());
        site.beside("DROP INDEX draft_open").await;
        look_at_schema(site.db(), key, now).await.unwrap();
        let told = site.browser().get("/readyz").await.json().to_string();
        assert!(told.contains("schema") && told.contains("数据表 draft 缺少或改动了唯一索引"), "{told}");
        assert_eq!(site.audited("schema.changed", "refused").await, 1);
    }

    async fn a_database_that_takes_no_writes_is_not_ready(db: Db) {
        let site = Site::on(db).await;
        let sql = "ALTER TABLE heartbeat RENAME TO elsewhere";
        site.db()
            .write((), move |tx, ()| Box::pin(tx.execute(sql, &[])))
            .await
            .unwrap();
        let answer = site.browser().get("/readyz").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json()["findings"][0]["part"], "store");
    }

    async fn a_panic_of_a_handler_ends_its_request_and_nothing_else(db: Db) {
        let site = Site::on(db).await;
        async fn falls() -> &'static str {
            panic!("a handler that breaks")
        }
        let routes = Routes::new().get("/falls", Access::Public, falls);
        let router = tongban_ui::router(site.house.app.clone(), vec![routes]);
        let ask = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        let fallen = router.clone().oneshot(ask("/falls")).await.unwrap();
        assert_eq!(fallen.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let next = router.oneshot(ask("/healthz")).await.unwrap();
        assert_eq!(next.status(), StatusCode::OK);
    }
}
