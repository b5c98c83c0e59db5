//! What is written together stays together: a part that fails leaves nothing of the others.

use axum::http::StatusCode;
use serde_json::json;
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::house::{Site, migrations};

async fn change(site: &Site, sql: &'static str) {
    let done = site.db().write((), move |tx, ()| {
        Box::pin(async move { tx.execute(sql, params![]).await.map(drop) })
    });
    done.await.unwrap();
}

/// Rows of cases, of their journals with what was handed in, and of their flows.
async fn written(site: &Site) -> [i64; 3] {
    [
        site.count("SELECT COUNT(*) AS n FROM case_record").await,
        site.count("SELECT COUNT(*) AS n FROM case_event").await,
        site.count("SELECT COUNT(*) AS n FROM flow_instance").await,
    ]
}

on_both_databases! {
    &migrations();

    async fn a_submission_whose_flow_cannot_be_written_leaves_nothing_and_succeeds_afterwards(db: Db) {
        covers!("XC-012");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let before = written(&site).await;
        change(&site, "ALTER TABLE flow_task RENAME TO flow_task_gone").await;
        let citizen = site.citizen("ceshi1").await;
        let submit = format!("/api/v1/drafts/{draft}/submit");
        let failed = citizen.post_json(&submit, &json!({})).await;
        assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(written(&site).await, before, "nothing of it stays");
        assert_eq!(site.audited("case.submitted", "done").await, 0);

        change(&site, "ALTER TABLE flow_task_gone RENAME TO flow_task").await;
        let page = citizen.get(&format!("/me/drafts/{draft}/materials")).await.ok().text();
        assert!(page.contains("原证.pdf"), "the draft is as it was");
        let done = citizen.post_json(&submit, &json!({})).await.ok().json();
        let [cases, events, flows] = written(&site).await;
        assert_eq!((cases, flows), (before[0] + 1, before[2] + 1));
        assert!(events > before[1]);
        let case = citizen.get(&format!("/me/cases/{}", done["case"].as_str().unwrap())).await;
        assert!(case.ok().text().contains("原证.pdf"));
    }
}
