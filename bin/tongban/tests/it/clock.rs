//! The legal time of a case: what stops it, what moves it, what is late, and what a return takes back.
//! Time is an argument: each step is done at its own moment.

use tongban_base::{Ctx, Kind, Timestamp};
use tongban_cases::{
    CaseId, ClockChange, ClockState, Status, change_clock, complete_task, open_case,
    report_overdue, return_case, tasks_of,
};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::house::{Site, migrations};

/// Ten in the morning of a day.
fn at(day: &str) -> Timestamp {
    Timestamp::start_of(day.parse().unwrap()).plus_minutes(600)
}

fn on(day: &str, who: &Ctx) -> Ctx {
    Ctx::new(who.actor.clone(), at(day))
}

async fn due(site: &Site, who: &Ctx, case: CaseId) -> String {
    let view = open_case(&site.house.desk, who, case).await.unwrap();
    assert_eq!(view.clock.due_on, view.case.due_on);
    view.case.due_on.unwrap().to_string()
}

on_both_databases! {
    &migrations();

    async fn a_special_procedure_stops_the_clock_an_extension_moves_it_and_lateness_is_told_once(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &acceptor, case, "accept").await;
        // One working day is promised; the day of acceptance is not counted.
        assert_eq!(due(&site, &citizen, case).await, "2026-11-24");

        let pause = |name: &str| ClockChange::Pause { name: name.into(), reason: "需要核实".into(), days: 5 };
        let unnamed = change_clock(desk, &reviewer, case, pause("")).await.unwrap_err();
        assert_eq!(unnamed.kind(), Kind::Invalid);
        change_clock(desk, &reviewer, case, pause("专家评审")).await.unwrap();
        let thursday = on("2026-11-26", &reviewer);
        let view = open_case(desk, &thursday, case).await.unwrap();
        assert_eq!((view.clock.state, view.clock.used), (ClockState::Paused, 0));
        assert!(view.clock.days.iter().all(|d| !d.counts && d.reason == "特别程序：专家评审"));
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let waiting = complete_task(desk, &thursday, task, decision("pass")).await.unwrap_err();
        assert_eq!(waiting.code(), "case.paused");
        assert_eq!(report_overdue(desk, &Ctx::system(thursday.now)).await.unwrap(), 0);

        change_clock(desk, &thursday, case, ClockChange::Resume).await.unwrap();
        assert_eq!(due(&site, &thursday, case).await, "2026-11-27");
        let extend = |days| ClockChange::Extend { days, reason: "案情复杂".into() };
        let head = on("2026-11-26", &approver);
        let much = change_clock(desk, &head, case, extend(11)).await.unwrap_err();
        assert_eq!(much.kind(), Kind::Invalid);
        change_clock(desk, &head, case, extend(5)).await.unwrap();
        assert_eq!(due(&site, &thursday, case).await, "2026-12-04");

        let look = async |day: &str| report_overdue(desk, &Ctx::system(at(day))).await.unwrap();
        assert_eq!(look("2026-12-04").await, 0);
        assert_eq!(look("2026-12-07").await, 1);
        assert_eq!(look("2026-12-08").await, 0);
        let view = open_case(desk, &on("2026-12-08", &citizen), case).await.unwrap();
        assert!(view.clock.is_overdue());
        assert_eq!(view.events.iter().filter(|e| e.kind == "case.overdue").count(), 1);
        assert_eq!(view.broken_at, None);
    }

    async fn a_return_undoes_letters_and_licence_and_their_numbers_are_not_given_again(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let before = site.licence(1).await;
        for (login, name) in STEPS {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, case, name).await;
        }
        let made = site.licence(1).await;
        assert_ne!(made["number"], before["number"]);
        let first = grant(&site, &citizen, case).await;

        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let mut plain = approver.clone();
        plain.actor.staff.as_mut().unwrap().permissions.remove("case.return");
        let refused = return_case(desk, &plain, task, None, "照片有误".into()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
        let silent = return_case(desk, &approver, task, Some("review".into()), " ".into()).await;
        assert_eq!(silent.unwrap_err().kind(), Kind::Invalid);
        return_case(desk, &approver, task, Some("review".into()), "照片有误".into()).await.unwrap();

        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!((view.case.status, view.case.closed_at), (Status::Accepted, None));
        assert_eq!(grant(&site, &citizen, case).await, [(first[0].0.clone(), "void".to_owned())]);
        assert!(view.documents.iter().any(|d| d.template == "acceptance-notice" && d.status.code() != "void"));
        assert_eq!(site.licence(1).await["number"], before["number"]);
        assert_eq!(site.licence(1).await["status"], "valid");

        for (login, name) in &STEPS[1..] {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, case, name).await;
        }
        let letters = grant(&site, &citizen, case).await;
        assert_eq!(letters.len(), 2);
        assert_ne!(letters[0].0, letters[1].0, "a number is never given twice");
        let again = site.licence(1).await;
        assert!(again["number"] != before["number"] && again["number"] != made["number"]);
        site.drain().await;
        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.broken_at, None);
        assert_eq!(grant(&site, &citizen, case).await[0].1, "void", "a void letter stays void");
    }
}

const STEPS: [(&str, &str); 4] = [
    ("acceptor", "accept"),
    ("reviewer", "pass"),
    ("approver", "grant"),
    ("maker", "made"),
];

/// Number and status of each decision that was made.
async fn grant(site: &Site, citizen: &Ctx, case: CaseId) -> Vec<(String, String)> {
    let view = open_case(&site.house.desk, citizen, case).await.unwrap();
    let grants = view
        .documents
        .into_iter()
        .filter(|d| d.template == "grant-decision");
    grants
        .map(|d| (d.number, d.status.code().to_owned()))
        .collect()
}
