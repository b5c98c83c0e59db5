//! A letter is verified itself: by the code in its QR picture, or by its file. What the page shows is what is on record.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};
use tongban_cases::{CaseId, letter_content, open_case, return_case, tasks_of};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations};

/// The accepted case of a person, its notice made, and the notice's code.
async fn accepted(site: &Site, person: usize) -> (CaseId, String) {
    let citizen = site
        .citizen_at(&format!("ceshi{person}"), MONDAY_MORNING)
        .await;
    let case = site.submitted(&citizen, person).await;
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    decide(site, &acceptor, case, "accept").await;
    site.drain().await;
    let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
    let notice = view
        .documents
        .iter()
        .find(|d| d.template == "acceptance-notice");
    (case, notice.unwrap().code.clone().unwrap())
}

async fn told(site: &Site, code: &str) -> Json {
    let answer = site.browser().get(&format!("/api/v1/letters/{code}")).await;
    answer.ok().json()
}

/// What the page of a file says to a stranger.
async fn verified(site: &Site, file: &[u8]) -> Json {
    let answer = site
        .browser()
        .upload("/api/v1/licences/verify", "文书.pdf", file)
        .await;
    answer.ok().json()
}

on_both_databases! {
    &migrations();

    async fn the_code_of_a_letter_tells_what_is_on_record_of_this_letter(db: Db) {
        let site = Site::on(db).await;
        let ((case, code), (_, other)) = (accepted(&site, 1).await, accepted(&site, 2).await);
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        let notice = view.documents.iter().find(|d| d.template == "acceptance-notice").unwrap();
        assert_eq!(notice.data["qr"].as_str().unwrap().rsplit_once("/d/").unwrap().1, code);

        let page = site.browser().get(&format!("/d/{}", code.to_lowercase())).await.ok().html().text("main");
        let digest = notice.pdf.as_ref().unwrap().as_str();
        for part in ["有效", "受理通知书", notice.number.as_str(), "2026年11月23日", digest, "逐项对照"] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains(&view.case.applicant), "the name is masked");
        // A forged letter that carries the code of another case shows that one's number.
        let (told_one, told_other) = (told(&site, &code).await, told(&site, &other).await);
        assert_eq!((&told_one["answer"], &told_one["letter"]["number"]), (&json!("valid"), &json!(notice.number)));
        assert_ne!(told_one["letter"]["number"], told_other["letter"]["number"]);

        // Whoever types the code where codes of licences are asked for is led there.
        let led = site.browser().get(&format!("/verify?code={code}")).await.leads_to().to_owned();
        assert_eq!(led, format!("/d/{code}"));

        let unknown = site.browser().get("/api/v1/letters/0123456789AB").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert!(site.browser().get("/d/0123456789AB").await.ok().html().text("main").contains("没有查到"));
    }

    async fn a_letter_that_was_taken_back_is_told_as_taken_back(db: Db) {
        let site = Site::on(db).await;
        let (case, code) = accepted(&site, 1).await;
        let approver = site.officer_at("approver", MONDAY_MORNING.plus_minutes(5)).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        return_case(&site.house.desk, &approver, task, Some("prereview".into()), "受理有误".into()).await.unwrap();
        let told = told(&site, &code).await;
        assert_eq!((&told["answer"], &told["letter"]["is_void"]), (&json!("invalid"), &json!(true)));
        assert!(told["reasons"][0]["message"].as_str().unwrap().contains("已经撤回"));
    }

    async fn the_file_of_a_letter_is_known_as_ours_and_one_changed_byte_is_not(db: Db) {
        let site = Site::on(db).await;
        let (case, code) = accepted(&site, 1).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        let notice = view.documents.iter().find(|d| d.template == "acceptance-notice").unwrap();
        for ofd in [false, true] {
            let content = letter_content(&site.house.desk, &citizen, case, notice.id, ofd).await.unwrap().1;
            let report = verified(&site, &content).await;
            assert_eq!(report["answer"], "valid", "{report}");
            assert_eq!(report["letter"]["number"], json!(notice.number));
            let mut changed = content.clone();
            let middle = changed.len() / 2;
            changed[middle] ^= 1;
            let report = verified(&site, &changed).await;
            assert_eq!((&report["answer"], &report["letter"]), (&json!("invalid"), &Json::Null), "{report}");
        }
        // The same sealed file in a house that does not know it.
        let content = letter_content(&site.house.desk, &citizen, case, notice.id, false).await.unwrap().1;
        site.forget_letters().await;
        let report = verified(&site, &content).await;
        let codes: Vec<&str> = report["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&"file.not_on_record"), "{report}");
        assert_eq!(told(&site, &code).await["letter"]["pdf"], Json::Null);
    }
}
