//! Several people at the same thing in the same moment: one wins, the others are told.

use tongban_base::{Actor, Ctx, Kind, Uuid};
use tongban_cases::{
    CaseId, Decision, complete_task, open_case, submit_case, tasks_of, withdraw_case,
};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{Site, migrations};

/// Decisions of two officers meet so often.
const ROUNDS: usize = 12;
const CLICKS: usize = 20;

pub fn decision(name: &str) -> Decision {
    Decision {
        decision: name.to_owned(),
        opinion: "测试意见".to_owned(),
        ..Decision::default()
    }
}

/// Another officer of the same office and role.
pub fn colleague(of: &Ctx) -> Ctx {
    let scope = of.actor.staff.clone().unwrap_or_default();
    Ctx::new(Actor::staff(Uuid::now_v7(), "测试同事", scope), of.now)
}

pub async fn decide(site: &Site, officer: &Ctx, case: CaseId, name: &str) {
    let task = tasks_of(&site.house.desk, case).await.unwrap();
    complete_task(&site.house.desk, officer, task[0].id, decision(name))
        .await
        .unwrap();
    if site.waits_for_papers().await {
        site.drain_at(officer.now).await;
    }
}

on_both_databases! {
    &migrations();

    async fn of_two_clerks_who_decide_at_once_one_wins_and_the_other_is_told(db: Db) {
        let site = Site::on(db).await;
        let desk = site.house.desk.clone();
        let first = site.officer_at("acceptor", MONDAY_MORNING).await;
        let second = colleague(&first);
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        for round in 0..ROUNDS {
            let case = site.submitted(&citizen, 1).await;
            let task = tasks_of(&desk, case).await.unwrap()[0].id;
            let (accepting, refusing) = tokio::join!(
                tokio::spawn({
                    let (desk, first) = (desk.clone(), first.clone());
                    async move { complete_task(&desk, &first, task, decision("accept")).await }
                }),
                tokio::spawn({
                    let (desk, second) = (desk.clone(), second.clone());
                    async move { complete_task(&desk, &second, task, decision("refuse")).await }
                }),
            );
            let outcomes = [accepting.unwrap(), refusing.unwrap()];
            let told: Vec<_> = outcomes.iter().filter_map(|o| o.as_ref().err()).collect();
            assert_eq!(told.len(), 1, "round {round}: {outcomes:?}");
            assert_eq!(told[0].kind(), Kind::Conflict);
            assert!(!told[0].message().is_empty());
            let view = open_case(&desk, &citizen, case).await.unwrap();
            let made: Vec<_> = view.documents.iter().map(|d| d.template.as_str()).collect();
            let won = if outcomes[0].is_ok() { "acceptance-notice" } else { "refusal-notice" };
            assert_eq!(made, [won]);
            assert_eq!(view.broken_at, None);
            if outcomes[0].is_ok() {
                withdraw_case(&desk, &citizen, case, "测试".into()).await.unwrap();
            }
            // A refusal is closed with its letter.
            site.drain_now().await;
        }
        assert_eq!(site.audited("case.task_completed", "refused").await, ROUNDS as i64);
    }

    async fn the_same_application_sent_many_times_at_once_is_one_case(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = site.complete_draft(&citizen, 1).await;
        let mut clicks = tokio::task::JoinSet::new();
        for _ in 0..CLICKS {
            let (desk, citizen) = (site.house.desk.clone(), citizen.clone());
            clicks.spawn(async move { submit_case(&desk, &citizen, draft).await });
        }
        let done: Vec<_> = clicks.join_all().await.into_iter().map(|d| d.unwrap()).collect();
        assert_eq!(done.iter().filter(|d| d.fresh).count(), 1);
        let case = done[0].case;
        assert!(done.iter().all(|d| d.case == case && d.number == done[0].number));
        // And once more afterwards.
        let again = submit_case(&site.house.desk, &citizen, draft).await.unwrap();
        assert!(again.case == case && !again.fresh);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 1);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM flow_instance").await, 1);
        assert_eq!(site.audited("case.submitted", "done").await, 1);
    }

    async fn what_comes_too_late_is_refused_in_words(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        decide(&site, &acceptor, case, "accept").await;
        let again = complete_task(desk, &acceptor, task, decision("refuse")).await.unwrap_err();
        assert_eq!(again.kind(), Kind::Conflict, "{again}");
        for (login, name) in [("reviewer", "pass"), ("approver", "grant")] {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, case, name).await;
        }
        let refused = withdraw_case(desk, &citizen, case, "不想办了".into()).await.unwrap_err();
        assert_eq!(refused.code(), "case.too_late");
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status.code(), "granted");
    }
}
