//! What was decided, issued or delivered is taken back only by who has the right to, with a reason that the person
//! concerned is told; and what has ended says how.

use tongban_base::{Ctx, Kind};
use tongban_cases::{CaseEvent, CaseId, Status, UndoneResult, open_case, return_case, tasks_of};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations};
use crate::law::told;

const REASON: &str = "准予的依据有误，重新审查";

/// Carried through these steps, one after the other.
async fn carried(site: &Site, steps: &[(&str, &str)]) -> CaseId {
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let case = site.submitted(&citizen, 1).await;
    for (login, name) in steps {
        let officer = site.officer_at(login, MONDAY_MORNING).await;
        decide(site, &officer, case, name).await;
    }
    case
}

const MADE: [(&str, &str); 4] = [
    ("acceptor", "accept"),
    ("reviewer", "pass"),
    ("approver", "grant"),
    ("maker", "made"),
];

async fn send_back(site: &Site, by: &Ctx, case: CaseId, to: &str) -> tongban_base::Result<CaseId> {
    let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
    return_case(
        &site.house.desk,
        by,
        task,
        Some(to.to_owned()),
        REASON.into(),
    )
    .await
}

async fn inbox(site: &Site) -> String {
    let page = site.citizen("ceshi1").await.get("/me/messages").await.ok();
    page.text()
}

on_both_databases! {
    &migrations();

    async fn a_window_clerk_does_not_take_a_permission_back_and_is_told_who_may(db: Db) {
        let site = Site::on(db).await;
        let case = carried(&site, &MADE).await;
        let made = site.licence(1).await;
        let clerk = site.officer_at("acceptor", MONDAY_MORNING).await;
        let refused = send_back(&site, &clerk, case, "decide").await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "case.undo_forbidden"));
        assert!(refused.message().contains("测试丙"), "{}", refused.message());
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(page.text("[data-refused]").contains("测试丙"));
        assert_eq!(site.licence(1).await["number"], made["number"]);
        assert_eq!(site.audited("case.task_completed", "refused").await, 1);
    }

    async fn whoever_has_the_right_takes_it_back_with_a_reason_that_the_holder_reads(db: Db) {
        let site = Site::on(db).await;
        let case = carried(&site, &MADE).await;
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let page = site.officer("approver").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(page.has("form[action$='/return'] textarea[name=reason]"), "wherever the case is");
        // Without the right to revoke the licence stays.
        let mut plain = approver.clone();
        plain.actor.staff.as_mut().unwrap().permissions.remove("licence.revoke");
        let refused = send_back(&site, &plain, case, "decide").await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Forbidden, "licence.undo_forbidden"));

        send_back(&site, &approver, case, "decide").await.unwrap();
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        let both = vec![UndoneResult::Decision, UndoneResult::Outcome];
        let event = CaseEvent::ResultUndone { what: both, reason: REASON.into() };
        assert!(view.events.iter().any(|e| e.what.as_ref() == Some(&event)));
        assert_eq!((view.case.status, view.broken_at), (Status::Accepted, None));
        let shown = site.citizen("ceshi1").await.get(&format!("/me/cases/{case}")).await.ok().text();
        assert!(shown.contains("撤回已作出的决定、已按决定办理的结果") && shown.contains(REASON));
        assert_eq!(told(&site, "case.result_undone").await, 1);
        let words = inbox(&site).await;
        assert!(words.contains(REASON) && words.contains("准予行政许可决定书》"), "{words}");
        decide(&site, &approver, case, "deny").await;
    }

    async fn a_decision_that_was_not_carried_out_yet_is_a_decision(db: Db) {
        let site = Site::on(db).await;
        let case = carried(&site, &MADE[..3]).await;
        let maker = site.officer_at("maker", MONDAY_MORNING).await;
        let refused = send_back(&site, &maker, case, "decide").await.unwrap_err();
        assert_eq!(refused.code(), "case.undo_forbidden");
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        send_back(&site, &approver, case, "decide").await.unwrap();
        assert_eq!(told(&site, "case.result_undone").await, 1);
    }

    async fn a_licence_made_anew_does_not_give_the_days_of_delivery_back(db: Db) {
        let site = Site::on(db).await;
        let case = carried(&site, &MADE).await;
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let before = open_case(&site.house.desk, &approver, case).await.unwrap();
        send_back(&site, &approver, case, "make").await.unwrap();
        let after = open_case(&site.house.desk, &approver, case).await.unwrap();
        assert_eq!((after.case.status, after.clock.period), (Status::Granted, before.clock.period));
        assert_eq!(after.case.due_on, before.case.due_on);
    }

    async fn the_letters_of_an_acceptance_taken_back_are_named_with_the_reason(db: Db) {
        let site = Site::on(db).await;
        let case = carried(&site, &MADE[..1]).await;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        send_back(&site, &reviewer, case, "prereview").await.unwrap();
        let words = inbox(&site).await;
        assert!(words.contains("受理通知书》") && words.contains(REASON), "{words}");
        assert_eq!(told(&site, "case.result_undone").await, 0);
    }
}
