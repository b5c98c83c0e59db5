//! An officer whose page is older than what became of its step: he is told how it ended and keeps what he typed, and who
//! has nothing else to do with the case sees no more of it.

use axum::http::StatusCode;
use tongban_cases::{
    CaseId, Correction, Decision, Mend, complete_task, open_case, tasks_of, withdraw_case,
};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{colleague, decide, decision};
use crate::house::{Site, migrations};

const TYPED: &str = "材料齐全，但不属于本机关职权";

/// The open task of the case, as its page knows it.
async fn page_of(site: &Site, case: CaseId) -> String {
    let tasks = tasks_of(&site.house.desk, case).await.unwrap();
    format!("/workbench/tasks/{}", tasks[0].id)
}

/// What the clerk is told who decides now, whatever he decides: nothing he typed is lost, and the case is not shown.
async fn told(site: &Site, case: CaseId, page: &str) -> String {
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
    let clerk = site.officer("acceptor").await;
    let mut alerts = Vec::new();
    for name in ["refuse", "correct"] {
        let sent = [
            ("decision", name),
            ("opinion", TYPED),
            ("problem./address", "写到门牌号"),
        ];
        let answer = clerk.post(page, &sent).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
        let shown = answer.html();
        let kept = shown.texts("[data-kept] textarea");
        assert!(
            kept.contains(&TYPED.to_owned()) && kept.contains(&"写到门牌号".to_owned()),
            "{kept:?}"
        );
        let words = answer.text();
        assert!(!words.contains(&view.case.number) && !words.contains(&view.case.applicant));
        alerts.push(shown.text("[data-alert]"));
    }
    assert_eq!(alerts[0], alerts[1]);
    alerts.remove(0)
}

on_both_databases! {
    &migrations();

    async fn who_is_late_for_a_step_is_told_by_whom_it_was_done_and_keeps_what_he_typed(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let page = page_of(&site, case).await;
        let other = colleague(&site.officer_at("acceptor", MONDAY_MORNING).await);
        decide(&site, &other, case, "accept").await;
        let words = told(&site, case, &page).await;
        assert!(words.contains("这一步已由测试同事办理"), "{words}");
        // Whoever could not have done the step is asked why he reads, as ever.
        let sent = [("decision", "refuse"), ("opinion", TYPED)];
        let answer = site.officer("maker").await.post(&page, &sent).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(!answer.html().has("[data-kept]"));
    }

    async fn who_is_late_for_a_step_that_asked_for_a_correction_is_told_so(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let page = page_of(&site, case).await;
        let other = colleague(&site.officer_at("acceptor", MONDAY_MORNING).await);
        let mend = Mend { place: "address".into(), title: "住址".into(), problem: "写到门牌号".into() };
        let correction = Correction { fields: vec![mend], ..Correction::default() };
        let asked = Decision { correction: Some(correction), ..decision("correct") };
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        complete_task(&site.house.desk, &other, task, asked).await.unwrap();
        let words = told(&site, case, &page).await;
        assert!(words.contains("这一步已由测试同事退回补正"), "{words}");
    }

    async fn after_a_withdrawal_an_officer_is_told_of_it_and_of_no_earlier_signature(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        // who has nothing to do with the case any more
        let case = site.submitted(&citizen, 1).await;
        let page = page_of(&site, case).await;
        withdraw_case(&site.house.desk, &citizen, case, "不办了".into()).await.unwrap();
        let words = told(&site, case, &page).await;
        assert!(words.contains("申请人已撤回申请") && !words.contains("退回"), "{words}");
        // and who may read it
        let case = site.submitted(&citizen, 1).await;
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        let page = page_of(&site, case).await;
        withdraw_case(&site.house.desk, &citizen, case, "不办了".into()).await.unwrap();
        let sent = [("decision", "grant"), ("opinion", TYPED)];
        let answer = site.officer("approver").await.post(&page, &sent).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        let shown = answer.html();
        let words = shown.text("[data-alert]");
        assert!(words.contains("申请人已撤回申请") && !words.contains("测试") && !words.contains("退回"), "{words}");
        assert_eq!(shown.texts("[data-kept] textarea"), [TYPED]);
    }
}
