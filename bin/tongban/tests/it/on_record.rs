//! No step can be passed over, and the record of a case tells everything and shows when it was changed.

use axum::http::StatusCode;
use tongban_base::Ctx;
use tongban_cases::{
    Correction, Decision, Mend, complete_task, open_case, submit_correction, tasks_of,
    upload_correction,
};
use tongban_store::{Db, params};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::{decide, decision};
use crate::house::{MATERIAL, PDF, Site, migrations};

async fn change_behind(db: &Db, sql: &'static str) {
    db.write((), move |tx, ()| {
        Box::pin(async move { tx.execute(sql, params![]).await.map(drop) })
    })
    .await
    .unwrap();
}

on_both_databases! {
    &migrations();

    async fn no_step_between_acceptance_and_decision_can_be_passed_over(db: Db) {
        covers!("XC-206");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let review = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let (address, grant) = (format!("/workbench/tasks/{review}"), [("decision", "grant")]);
        let approver = site.officer("approver").await.post(&address, &grant).await;
        assert_eq!(approver.status, StatusCode::FORBIDDEN);
        let reviewer = site.officer("reviewer").await.post(&address, &grant).await;
        assert!(reviewer.status.is_client_error());
        assert_eq!(tasks_of(&site.house.desk, case).await.unwrap()[0].id, review);
        let made = "SELECT COUNT(*) AS n FROM case_document WHERE template = 'grant-decision'";
        assert_eq!(site.count(made).await, 0);
    }

    async fn the_record_of_a_case_tells_everything_and_a_change_behind_it_shows(db: Db) {
        covers!("XC-202", "XC-207");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING.plus_minutes(30)).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let mend = Mend {
            place: MATERIAL.into(),
            title: "原证".into(),
            problem: "不清楚".into(),
        };
        let correction = Correction { materials: vec![mend], ..Correction::default() };
        let asked = Decision { correction: Some(correction), ..decision("correct") };
        complete_task(desk, &acceptor, task, asked).await.unwrap();
        let later = Ctx::new(citizen.actor.clone(), MONDAY_MORNING.plus_minutes(60));
        let new = [PDF, b"%2\n"].concat();
        upload_correction(desk, &later, case, MATERIAL, "新证.pdf", new).await.unwrap();
        submit_correction(desk, &later, case, &[]).await.unwrap();
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant")] {
            decide(&site, &site.officer_at(login, later.now).await, case, name).await;
        }

        let number = open_case(desk, &later, case).await.unwrap().case.number;
        let supervisor = site.officer("supervisor").await;
        let found = supervisor.get(&format!("/workbench/cases?q={number}")).await.ok().html();
        assert_eq!(found.texts("tbody .tb-number"), [number.as_str()]);
        let address = format!("/workbench/cases/{case}");
        let page = supervisor.get(&address).await.ok().html();
        let (words, when) = (page.text("main"), page.texts(".tb-event-when").join("|"));
        for told in [
            "退回补正", "提交补正", "审查通过", "准予许可", "测试意见", "原证.pdf", "新证.pdf",
        ] {
            assert!(words.contains(told), "{told} in {words}");
        }
        for who in ["测试一", "测试甲", "测试乙", "测试丙"] {
            assert!(when.contains(who), "{who} in {when}");
        }
        for moment in ["10:00", "10:30", "11:00"] {
            assert!(when.contains(&format!("2026年11月23日 {moment}")), "{moment} in {when}");
        }
        assert!(!page.has(".tb-notice.tb-tone-late"));
        let sql = "UPDATE case_event SET actor_name = '别人' WHERE kind = 'case.accepted'";
        change_behind(site.db(), sql).await;
        let page = supervisor.get(&address).await.ok().html();
        assert!(page.text(".tb-notice.tb-tone-late").contains("与校验值不符"));
    }

    async fn a_record_that_was_cut_off_shows(db: Db) {
        covers!("XC-202", "XC-207");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let desk = &site.house.desk;
        let whole = open_case(desk, &citizen, case).await.unwrap();
        assert!(whole.events.len() > 3 && whole.broken_at.is_none());
        for (cut, first) in [
            ("DELETE FROM case_event WHERE seq > 3", 4),
            ("DELETE FROM case_event", 1),
        ] {
            change_behind(site.db(), cut).await;
            let view = open_case(desk, &citizen, case).await.unwrap();
            assert_eq!(view.broken_at, Some(first), "{cut}");
            let page = site.officer("supervisor").await.get(&format!("/workbench/cases/{case}")).await;
            let told = page.ok().html().text(".tb-notice.tb-tone-late");
            assert!(told.contains(&format!("第 {first} 条记录与校验值不符")), "{told}");
        }
    }
}
