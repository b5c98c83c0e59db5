//! The same done twice in one moment: the second gets the answer of the first, and what may be there once is there once.

use axum::http::StatusCode;
use serde_json::json;
use tongban_cases::{
    begin_application, complete_task, save_answers, save_form, submit_case, tasks_of, withdraw_case,
};
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::house::{ITEM, Site, migrations};

const ROUNDS: usize = 6;

/// The answers of four who do the same at once.
macro_rules! four {
    ($($name:ident),+; $call:expr) => {{
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let ($($name),+,) = ($($name.clone()),+,);
            all.spawn(async move { $call.await });
        }
        all.join_all().await
    }};
}

on_both_databases! {
    &migrations();

    async fn who_begins_four_times_at_once_has_one_draft(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let desk = site.house.desk.clone();
        for item in [ITEM, "road-driver-cancel", "taxi-driver-reissue", "road-driver-change"] {
            let begun = four!(desk, citizen; begin_application(&desk, &citizen, item));
            let drafts: Vec<_> = begun.into_iter().map(|draft| draft.unwrap()).collect();
            assert!(drafts.iter().all(|draft| *draft == drafts[0]), "{drafts:?}");
        }
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM draft").await, 4);
    }

    async fn the_database_takes_no_second_open_draft_and_no_second_open_case(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        site.submitted(&citizen, 1).await;
        site.complete_draft(&citizen, 1).await;
        for copy in [
            "-- beside the program
             INSERT INTO draft (id, account, item_code, release_hash, answers, form, division, created_at, updated_at,
                 ended_at, twin, version, mark) SELECT 'x', account, item_code, release_hash, answers, form, division, created_at,
                 updated_at, ended_at, twin, version, mark FROM draft WHERE ended_at IS NULL",
            "-- beside the program
             INSERT INTO case_record (id, number, code, item_code, item_name, release_hash, account, applicant,
                 applicant_digest, organisation, division, status, answers, form, submitted_at, draft_id, event_seq,
                 event_hash) SELECT 'x', 'x', 'x', item_code, item_name, release_hash, account, applicant,
                 applicant_digest, organisation, division, status, answers, form, submitted_at,
                 (SELECT id FROM draft WHERE ended_at IS NULL), event_seq, event_hash FROM case_record",
        ] {
            let refused = site.db().write((), move |tx, ()| {
                Box::pin(async move { tx.execute(copy, params![]).await.map(drop) })
            }).await.unwrap_err();
            assert_eq!(refused.code(), "store.unique");
        }
    }

    async fn a_decision_a_rating_and_a_withdrawal_done_twice_at_once_are_done_once_and_nobody_is_told_otherwise(db: Db) {
        let site = Site::on(db).await;
        let desk = site.house.desk.clone();
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        for _ in 0..ROUNDS {
            let case = site.submitted(&citizen, 1).await;
            let task = tasks_of(&desk, case).await.unwrap()[0].id;
            for done in four!(desk, acceptor; complete_task(&desk, &acceptor, task, decision("accept"))) {
                assert_eq!(done.unwrap(), case);
            }
            for done in four!(desk, citizen; withdraw_case(&desk, &citizen, case, "不办了".into())) {
                done.unwrap();
            }
        }
        let events = "SELECT COUNT(*) AS n FROM case_event WHERE kind IN ('task.completed', 'case.withdrawn')";
        assert_eq!(site.count(events).await, 2 * ROUNDS as i64);
        assert_eq!(site.audited("case.task_completed", "refused").await, 0);

        let case = site.submitted(&citizen, 1).await;
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "deny")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        let (own, address) = (site.citizen("ceshi1").await, format!("/api/v1/cases/{case}/review"));
        let rating = json!({ "level": 1, "words": "很快" });
        let answers = four!(own, address, rating; own.post_json(&address, &rating));
        let first = answers[0].json()["id"].clone();
        for answer in answers {
            assert_eq!((answer.status, &answer.json()["id"]), (StatusCode::OK, &first));
        }
        let other = own.post_json(&address, &json!({ "level": 5 })).await;
        assert_eq!(other.status, StatusCode::CONFLICT);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM review").await, 1);
    }

    async fn four_confirmations_at_once_are_one_case_for_all_four(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let desk = site.house.desk.clone();
        for _ in 0..ROUNDS {
            let draft = site.complete_draft(&citizen, 1).await;
            let done = four!(desk, citizen; submit_case(&desk, &citizen, draft));
            let done: Vec<_> = done.into_iter().map(|done| done.unwrap()).collect();
            assert_eq!(done.iter().filter(|done| done.fresh).count(), 1);
            assert!(done.iter().all(|d| d.case == done[0].case && d.number == done[0].number));
            withdraw_case(&desk, &citizen, done[0].case, "测试".into()).await.unwrap();
        }
    }

    async fn of_two_items_that_exclude_each_other_one_is_filed_whatever_comes_at_once(db: Db) {
        let site = Site::on(db).await;
        let desk = site.house.desk.clone();
        for person in 1..=5 {
            let citizen = site.citizen_at(&format!("ceshi{person}"), MONDAY_MORNING).await;
            let first = site.complete_draft(&citizen, person).await;
            let second = begin_application(&desk, &citizen, "road-driver-cancel").await.unwrap();
            let given = [("reason".to_owned(), "own".to_owned()), ("paper".to_owned(), "no".to_owned())];
            save_answers(&desk, &citizen, second, &given).await.unwrap();
            let typed = json!({ "mobile": "19900000066", "address": "示例市示例区示例路66号", "understand": true,
                "commitment": true });
            save_form(&desk, &citizen, second, &typed).await.unwrap();
            let mut all = tokio::task::JoinSet::new();
            for draft in [first, second] {
                let (desk, citizen) = (desk.clone(), citizen.clone());
                all.spawn(async move { submit_case(&desk, &citizen, draft).await });
            }
            let (filed, refused): (Vec<_>, Vec<_>) = all.join_all().await.into_iter().partition(Result::is_ok);
            assert_eq!(filed.len(), 1);
            for refused in refused {
                let told = refused.unwrap_err();
                assert_eq!(told.code(), "case.not_admitted", "{told:?}");
            }
        }
    }
}
