//! Before and after the last day of a case: who is told, when, and that it is once for each last day.

use serde_json::json;
use tongban_base::{Ctx, Timestamp};
use tongban_cases::{
    CaseId, ClockChange, change_clock, escalate, open_case, remind, remind_to_mend, report_overdue,
    submit_correction,
};
use tongban_messages::MessageTemplates;
use tongban_packs::{Findings, NewSetting, change_setting};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::decide;
use crate::house::{Site, migrations};
use crate::lapsed::asked_to_correct;

fn at(day: &str) -> Timestamp {
    Timestamp::start_of(day.parse().unwrap()).plus_minutes(600)
}

fn system(day: &str) -> Ctx {
    Ctx::system(at(day))
}

/// Who was told of an event, in the order of telling.
async fn told(site: &Site, event: &'static str) -> Vec<String> {
    let rows = site
        .rows("SELECT event, recipient FROM message ORDER BY id")
        .await;
    let of = |row: &tongban_store::Row| row.get::<String>("event").unwrap() == event;
    let found = rows.iter().filter(|row| of(row));
    found.map(|row| row.get("recipient").unwrap()).collect()
}

on_both_databases! {
    &migrations();

    async fn the_last_day_is_announced_its_passing_told_and_then_reported_to_supervisors(db: Db) {
        covers!("SH-125");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &acceptor, case, "accept").await;
        let extend = |days| ClockChange::Extend { days, reason: "案情复杂".into() };
        change_clock(desk, &approver, case, extend(5)).await.unwrap();
        let due = open_case(desk, &citizen, case).await.unwrap().case.due_on.unwrap();
        assert_eq!(due.to_string(), "2026-12-01");
        let change = system("2026-11-23");
        site.db()
            .write(change, |tx, ctx| {
                Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "escalation_days", value: &json!(2), reason: "试" }).await })
            })
            .await
            .unwrap();
        desk.catalog.refresh(site.db(), site.house.app.now().date()).await.unwrap();

        // Two working days before, over a weekend.
        assert_eq!(remind(desk, &system("2026-11-26")).await.unwrap(), 0);
        assert_eq!(remind(desk, &system("2026-11-27")).await.unwrap(), 1);
        assert_eq!(remind(desk, &system("2026-11-30")).await.unwrap(), 0);
        assert_eq!(told(&site, "case.due_soon").await, ["测试乙"], "who reviews in this office");

        // A special procedure gives another last day, which is announced as well.
        let then = |day: &str| Ctx::new(reviewer.actor.clone(), at(day));
        let pause = ClockChange::Pause { name: "听证".into(), reason: "依法听证".into(), days: 2 };
        change_clock(desk, &then("2026-11-30"), case, pause).await.unwrap();
        assert_eq!(report_overdue(desk, &system("2026-12-02")).await.unwrap(), 0);
        change_clock(desk, &then("2026-12-02"), case, ClockChange::Resume).await.unwrap();
        assert_eq!(remind(desk, &system("2026-12-02")).await.unwrap(), 1);

        assert_eq!(report_overdue(desk, &system("2026-12-03")).await.unwrap(), 0);
        assert_eq!(report_overdue(desk, &system("2026-12-04")).await.unwrap(), 1);
        assert_eq!(report_overdue(desk, &system("2026-12-07")).await.unwrap(), 0);
        assert_eq!(told(&site, "case.overdue").await, ["测试乙"]);
        assert_eq!(escalate(desk, &system("2026-12-04")).await.unwrap(), 0);
        assert_eq!(escalate(desk, &system("2026-12-07")).await.unwrap(), 1);
        assert_eq!(escalate(desk, &system("2026-12-08")).await.unwrap(), 0);
        assert_eq!(told(&site, "case.escalated").await, ["测试戊"]);
        let inbox = site.officer("reviewer").await.get("/workbench/messages").await.ok();
        assert!(inbox.text().contains("现在在“审查”环节"), "the message names the step");

        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.events.iter().filter(|e| e.kind == "case.due_soon").count(), 2);
        assert_eq!(view.broken_at, None);

        // A case that is over is silent.
        for (login, name) in [("reviewer", "pass"), ("approver", "deny")] {
            decide(&site, &site.officer_at(login, at("2026-12-04")).await, case, name).await;
        }
        let view = open_case(desk, &citizen, case).await.unwrap();
        assert!(view.case.closed_at.is_some());
        for day in ["2026-12-04", "2026-12-07", "2026-12-20"] {
            assert_eq!(remind(desk, &system(day)).await.unwrap(), 0);
            assert_eq!(report_overdue(desk, &system(day)).await.unwrap(), 0);
            assert_eq!(escalate(desk, &system(day)).await.unwrap(), 0);
        }
    }

    async fn an_applicant_is_reminded_once_before_a_correction_ends_and_not_once_he_has_mended(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        asked_to_correct(&site, case).await;
        let mended = site.submitted(&site.citizen_at("ceshi2", MONDAY_MORNING).await, 2).await;
        asked_to_correct(&site, mended).await;
        let address = [("address".to_owned(), "示例市示例区示例路9号".to_owned())];
        submit_correction(desk, &site.citizen_at("ceshi2", MONDAY_MORNING).await, mended, &address).await.unwrap();
        // The last day is 14 December; three working days before is the ninth.
        assert_eq!(remind_to_mend(desk, &system("2026-12-08")).await.unwrap(), 0);
        assert_eq!(remind_to_mend(desk, &system("2026-12-09")).await.unwrap(), 1);
        assert_eq!(remind_to_mend(desk, &system("2026-12-10")).await.unwrap(), 0);
        assert_eq!(told(&site, "case.mending_ends").await.len(), 2, "on the site and by SMS, once");
        let inbox = site.citizen("ceshi1").await.get("/me/messages").await.ok().text();
        assert!(inbox.contains("补正快到期了") && inbox.contains("12月14日"), "{inbox}");
        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.broken_at, None);
    }

    async fn what_is_overdue_stands_in_red_in_the_queue_and_in_the_case_and_the_supervisor_is_told(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        // Pages go by the present moment, so the case began long before it.
        let now = site.house.app.now();
        let late = accepted(&site, 1, now.plus_minutes(-20 * 24 * 60)).await;
        let fresh = accepted(&site, 2, now).await;
        let reviewer = site.officer("reviewer").await;
        let system = Ctx::system(now);
        assert_eq!(report_overdue(desk, &system).await.unwrap(), 1);
        assert_eq!(escalate(desk, &system).await.unwrap(), 1);

        let queue = reviewer.get("/workbench").await.ok().html();
        for case in [late, fresh] {
            assert!(queue.has(&format!("a[href^='/workbench/cases/{case}?task=']")));
        }
        let red = queue.one("td[data-label='期限'] .tb-late:not([data-step])").text;
        assert!(red.starts_with("已超期 "), "{red}");
        let rows = queue.all("tbody tr");
        let of = |case: CaseId| rows.iter().find(|row| row.html.contains(&case.to_string())).unwrap();
        assert!(of(late).html.contains("tb-late") && !of(fresh).html.contains("tb-late"));

        let page = reviewer.get(&format!("/workbench/cases/{late}")).await.ok().html();
        let clock = page.one(".tb-clock > p.tb-late").text;
        assert!(clock.starts_with("已超期 ") && clock.contains(" 个工作日（应于 "), "{clock}");
        assert!(page.has(".tb-clock li.tb-day-over"));
        // Each day says why it did or did not count.
        let days = page.texts(".tb-clock-days li .tb-only-read");
        for words in ["周末，不计时", "工作日，计时", "，计时，已超期"] {
            assert!(days.iter().any(|day| day.ends_with(words)), "{words} in {days:?}");
        }
        let other = reviewer.get(&format!("/workbench/cases/{fresh}")).await.ok().html();
        assert!(!other.has(".tb-late") && !other.has("li.tb-day-over"));

        let supervisor = site.officer("supervisor").await;
        let inbox = supervisor.get("/workbench/messages").await.ok().text();
        assert!(inbox.contains("已超期仍未办结") && inbox.contains("请督办"));
        let overdue = supervisor.get("/workbench/cases?late=1").await.ok().html();
        assert!(overdue.has(&format!("a[href='/workbench/cases/{late}']")));
        assert!(!overdue.has(&format!("a[href='/workbench/cases/{fresh}']")));
        assert!(overdue.has("td .tb-late"));
    }
}

/// A case of a citizen that was accepted at this moment.
async fn accepted(site: &Site, person: usize, at: Timestamp) -> CaseId {
    let citizen = site.citizen_at(&format!("ceshi{person}"), at).await;
    let acceptor = site.officer_at("acceptor", at).await;
    let case = site.submitted(&citizen, person).await;
    decide(site, &acceptor, case, "accept").await;
    case
}

/// What the program tells without being asked by a flow.
#[test]
fn the_pack_has_words_for_everything_that_the_program_tells_by_itself() {
    let pack = tongban::packs::transport();
    let messages = MessageTemplates::read(&pack, &mut Findings::default());
    for event in [
        "case.lapsed",
        "case.ended_with_parent",
        "case.due_soon",
        "case.overdue",
        "case.escalated",
        "case.deemed_accepted",
        "case.deemed_accepted_staff",
        "case.acceptance_undone",
        "case.result_undone",
        "case.letters_withdrawn",
        "case.correction_dated",
        "case.paused",
        "case.resumed",
        "case.extended",
        "calendar.ending",
        "review.answered",
    ] {
        assert_eq!(messages.for_event(event).len(), 1, "{event}");
    }
}
