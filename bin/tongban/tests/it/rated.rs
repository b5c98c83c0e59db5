//! A rating stays as it was given.

use axum::http::StatusCode;
use serde_json::json;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::decide;
use crate::house::{Site, migrations};

on_both_databases! {
    &migrations();

    async fn a_rating_is_shown_for_reading_only_and_cannot_be_changed(db: Db) {
        covers!("HD-264");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        for (login, name) in [
            ("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant"), ("maker", "made"),
        ] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        let citizen = site.citizen("ceshi1").await;
        let (page, address) = (format!("/me/cases/{case}/review"), format!("/api/v1/cases/{case}/review"));
        let open = citizen.get(&format!("{page}?level=2")).await.ok().html();
        assert!(open.has("main textarea"));
        citizen.post(&page, &[("level", "2"), ("words", "办得还可以")]).await.leads_to();
        let before = format!("{:?}", site.rows("SELECT * FROM review").await);

        let shown = citizen.get(&page).await.ok().html();
        assert!(!shown.has("main form") && !shown.has("main input") && !shown.has("main textarea"));
        assert!(shown.text("main").contains("办得还可以"));
        let again = citizen.post(&page, &[("level", "5"), ("words", "改了")]).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.html().text("main").contains("已评价不可修改"));
        let replayed = citizen.post_json(&address, &json!({ "level": 5, "words": "改了" })).await;
        assert_eq!(replayed.status, StatusCode::CONFLICT);
        assert!(replayed.json()["detail"].as_str().unwrap().contains("已评价不可修改"));
        assert_eq!(format!("{:?}", site.rows("SELECT * FROM review").await), before);
    }
}
