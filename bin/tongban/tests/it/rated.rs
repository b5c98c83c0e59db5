//! A finished case is rated by its applicant, and the rating stays as it was given.

use axum::http::StatusCode;
use serde_json::json;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use tongban_cases::CaseId;

use crate::at_once::decide;
use crate::house::{Site, migrations};
use crate::led_back::after_login;

const STEPS: [(&str, &str); 4] = [
    ("acceptor", "accept"),
    ("reviewer", "pass"),
    ("approver", "grant"),
    ("maker", "made"),
];

async fn worked(site: &Site, case: CaseId) {
    for (login, name) in STEPS {
        let officer = site.officer_at(login, MONDAY_MORNING).await;
        decide(site, &officer, case, name).await;
    }
}

on_both_databases! {
    &migrations();

    async fn a_rating_is_shown_for_reading_only_and_cannot_be_changed(db: Db) {
        covers!("HD-264");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        worked(&site, case).await;
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

    async fn a_rating_made_better_by_hand_is_not_used(db: Db) {
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        worked(&site, case).await;
        let page = format!("/me/cases/{case}/review");
        let rating = [("level", "5"), ("words", "等了很久")];
        site.citizen("ceshi1").await.post(&page, &rating).await.leads_to();
        let id: String = site.rows("SELECT id FROM review").await[0].get("id").unwrap();
        let supervisor = site.officer("supervisor").await;
        let opened = format!("/workbench/reviews/{id}");
        assert!(supervisor.get("/workbench/reviews").await.ok().text().contains(&id));
        assert!(supervisor.get(&opened).await.ok().text().contains("等了很久"));
        site.meddle("UPDATE review SET level = 1").await;
        let refused = supervisor.get(&opened).await;
        assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(refused.text().contains("没有通过完整性校验"));
        assert!(!supervisor.get("/workbench/reviews").await.ok().text().contains(&id));
    }

    async fn a_case_is_rated_when_it_is_finished_and_the_supervisor_finds_level_remarks_and_words(db: Db) {
        covers!("HD-260");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        let citizen = site.citizen("ceshi1").await;
        let (view, page) = (format!("/me/cases/{case}"), format!("/me/cases/{case}/review"));
        let button = format!("main a[href='{page}']");
        assert!(!citizen.get(&view).await.ok().html().has(&button));
        let early = citizen.post(&page, &[("level", "4")]).await;
        assert!(early.status.is_client_error());
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM review").await, 0);

        worked(&site, case).await;
        assert!(citizen.get(&view).await.ok().html().has(&button));
        let form = citizen.get(&format!("{page}?level=4")).await.ok().html();
        let remark = form.all("#say [name=tags]")[0].attribute("value").unwrap().to_owned();
        let words = form.texts("#say .tb-choice span")[0].clone();
        let remarks = [("level", "4"), ("tags", remark.as_str()), ("words", "说明写得太难懂")];
        citizen.post(&page, &remarks).await.leads_to();
        let supervisor = site.officer("supervisor").await;
        let queue = supervisor.get("/workbench/reviews").await.ok().html();
        assert_eq!(queue.text("tbody [data-label='评价']"), "不满意");
        let record = queue.one("tbody .tb-cell-main a").attribute("href").unwrap().to_owned();
        let record = supervisor.get(&record).await.ok().html();
        let told = record.text("main");
        assert!(told.contains("说明写得太难懂") && told.contains("不满意"), "{told}");
        assert!(record.texts("dd").contains(&words), "{words}");
    }

    async fn whoever_rates_logs_in_first_comes_back_and_rates_only_their_own_case(db: Db) {
        covers!("HD-285");
        let site = Site::on(db).await;
        let ctx = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&ctx, 1).await;
        worked(&site, case).await;
        let page = format!("/me/cases/{case}/review");
        let asked = site.browser().get(&page).await;
        assert_eq!(asked.leads_to(), format!("/login?next={}", page.replace('/', "%2F")));
        assert_eq!(after_login(&site, "citizen", "ceshi1", &page).await, page);

        // Neither another person nor an account without a proven name has this case.
        site.registers("neu-hier", "19900000098", "Vorgang-77").await;
        let strangers = [site.citizen("ceshi2").await, site.citizen_with("neu-hier", "Vorgang-77").await];
        for stranger in strangers {
            assert_eq!(stranger.get(&page).await.status, StatusCode::NOT_FOUND);
            let refused = stranger.post(&page, &[("level", "1")]).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM review").await, 0);

        let citizen = site.citizen("ceshi1").await;
        let form = citizen.get(&format!("{page}?level=1")).await.ok().html();
        assert!(form.has("#say [name=tags]") && form.has("#say textarea[name=words]"));
        citizen.post(&page, &[("level", "1"), ("words", "很快")]).await.leads_to();
        assert!(citizen.get(&page).await.ok().html().text("main").contains("很快"));
    }
}
