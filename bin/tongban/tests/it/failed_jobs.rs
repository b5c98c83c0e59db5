//! Jobs that failed too often: seen by whoever may repeat them, run once more, gone afterwards. And `/readyz` tells.

use axum::http::StatusCode;
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{Site, migrations};

const FAILED: &str = "/workbench/jobs";

/// Submits a case, and has the job of its first letter rest as if it had failed for good.
async fn with_a_failed_letter(site: &Site) -> String {
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    site.submitted(&citizen, 1).await;
    let sql = "UPDATE job SET dead = 1, attempts = 12, error = 'x: 磁盘已满', cause = '磁盘已满', failing_since = 1000";
    site.db()
        .write((), move |tx, ()| Box::pin(tx.execute(sql, params![])))
        .await
        .unwrap();
    site.rows("SELECT id FROM job").await[0].at(0).unwrap()
}

on_both_databases! {
    &migrations();

    async fn a_failed_job_is_seen_repeated_and_gone(db: Db) {
        let site = Site::on(db).await;
        let id = with_a_failed_letter(&site).await;
        let all = site.count("SELECT COUNT(*) AS n FROM job WHERE dead = 1").await;
        let administrator = site.officer("administrator").await;
        let page = administrator.get(FAILED).await.ok().html();
        assert_eq!(page.all("tr[data-job]").len() as i64, all);
        assert_eq!(page.texts("tr[data-job] [data-cause]")[0], "磁盘已满");
        let beside = format!(".tb-side a[href='{FAILED}'] .tb-count");
        assert_eq!(page.texts(&beside), [format!("{all} 件")]);
        let ready = site.browser().get("/readyz").await.ok().json();
        assert_eq!(ready["state"], "degraded");
        assert!(ready["findings"][0]["words"].as_str().unwrap().contains("多次失败"), "{ready}");

        let nobody = site.officer("acceptor").await;
        assert_eq!(nobody.get(FAILED).await.status, StatusCode::FORBIDDEN);
        let repeat = format!("{FAILED}/{id}/repeat");
        assert_eq!(nobody.post(&repeat, &[]).await.status, StatusCode::FORBIDDEN);

        assert_eq!(administrator.post(&repeat, &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(site.audited("job.repeated", "done").await, 1);
        assert_eq!(administrator.post(&repeat, &[]).await.status, StatusCode::CONFLICT);
        let kinds = site.rows("SELECT DISTINCT name FROM job WHERE dead = 1").await;
        for kind in kinds {
            let name: String = kind.at(0).unwrap();
            let sent = administrator.post(&format!("{FAILED}/repeat"), &[("name", name.as_str())]).await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER);
        }
        site.drain().await;
        assert!(administrator.get(FAILED).await.ok().html().has(".tb-empty"));
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM job").await, 0);
    }

    async fn failed_jobs_are_listed_forward_and_back(db: Db) {
        let site = Site::on(db).await;
        site.db()
            .write((), |tx, ()| {
                Box::pin(async move {
                    for number in 0..70_i64 {
                        tx.insert(
                            "INSERT INTO job (id, name, payload, run_at, dead, failing_since)",
                            params![format!("{number:02}"), "test.gone", "{}", 0_i64, 1_i64, number / 7],
                        );
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        let administrator = site.officer("administrator").await;
        let ids = |page: &tongban_testkit::Html| -> Vec<String> {
            let rows = page.all("tr[data-job]");
            rows.iter().map(|row| row.attribute("data-job").unwrap().to_owned()).collect()
        };
        let first = administrator.get(FAILED).await.ok().html();
        let mut seen = ids(&first);
        let mut page = first;
        while page.has("a[rel=next]") {
            let next = page.one("a[rel=next]").attribute("href").unwrap().to_owned();
            page = administrator.get(&next).await.ok().html();
            seen.extend(ids(&page));
        }
        let all: Vec<String> = (0..70).map(|number| format!("{number:02}")).collect();
        assert_eq!(seen, all);
        let back = page.one("a[rel=prev]").attribute("href").unwrap().to_owned();
        assert_eq!(ids(&administrator.get(&back).await.ok().html()), all[30..60]);
    }
}
