//! A disk that is full: a submission is told so in words, nothing of it is half there, and the draft is kept.

use axum::http::StatusCode;
use tongban_base::Problem;
use tongban_cases::{submit_case, unfinished};
use tongban_store::{Db, params};
use tongban_testkit::actors::MONDAY_MORNING;

use crate::house::{Site, migrations};

#[tokio::test]
async fn a_submission_on_a_full_disk_is_told_in_words_and_the_draft_is_kept() {
    let database = tongban_testkit::sqlite(&migrations()).await;
    let site = Site::on(database.db()).await;
    let mut people = Vec::new();
    for person in 1..=5 {
        let ctx = site
            .citizen_at(&format!("ceshi{person}"), MONDAY_MORNING)
            .await;
        let browser = site.citizen(&format!("ceshi{person}")).await;
        let draft = site.complete_draft(&ctx, person).await;
        people.push((ctx, browser, draft));
    }
    fill(site.db()).await;
    // The last free bytes of the tables' pages may hold the first of them.
    let mut stored = 0;
    let mut refused = Vec::new();
    for (ctx, browser, draft) in people {
        let address = format!("/api/v1/drafts/{draft}/submit");
        let told = browser.post_json(&address, &serde_json::json!({})).await;
        if told.status == StatusCode::OK {
            stored += 1;
            continue;
        }
        assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE);
        let told = told.json();
        assert_eq!(told["code"], "store.full");
        assert!(told["detail"].as_str().unwrap().contains("没有保存成功"));
        let page = browser
            .post(&format!("/me/drafts/{draft}/confirm"), &[])
            .await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.html().text("main").contains("没有保存成功"));
        refused.push((ctx, draft));
    }
    assert!(!refused.is_empty(), "the disk was not full");
    for sql in [
        "SELECT COUNT(*) AS n FROM case_record",
        "SELECT COUNT(*) AS n FROM flow_instance",
        "SELECT COUNT(*) AS n FROM case_event WHERE seq = 1",
        "SELECT COUNT(DISTINCT subject_id) AS n FROM message",
    ] {
        assert_eq!(site.count(sql).await, stored, "{sql}");
    }
    run(site.db(), "PRAGMA max_page_count = 1000000")
        .await
        .unwrap();
    for (ctx, draft) in refused {
        let kept = unfinished(&site.house.desk, &ctx).await.unwrap();
        assert_eq!(kept.iter().map(|d| d.id).collect::<Vec<_>>(), [draft]);
        let done = submit_case(&site.house.desk, &ctx, draft).await.unwrap();
        assert!(done.fresh);
    }
}

async fn run(db: &Db, sql: &'static str) -> Result<(), Problem> {
    db.write((), move |tx, ()| {
        Box::pin(async move { tx.query(sql, params![]).await.map(|_| ()) })
    })
    .await
}

/// No page may be added, and what is free is used up, in ever smaller pieces.
async fn fill(db: &Db) {
    run(db, "CREATE TABLE filler (content TEXT NOT NULL)")
        .await
        .unwrap();
    run(db, "PRAGMA max_page_count = 1").await.unwrap();
    for bytes in [100_000_i64, 3_000, 300, 10] {
        loop {
            let done = db
                .write(bytes, |tx, bytes| {
                    Box::pin(async move {
                        let sql = "INSERT INTO filler (content) VALUES ($1)";
                        let content = "x".repeat(usize::try_from(*bytes).unwrap_or(1));
                        tx.execute(sql, params![content]).await
                    })
                })
                .await;
            if let Err(problem) = done {
                assert_eq!(problem.code(), "store.full");
                break;
            }
        }
    }
}
