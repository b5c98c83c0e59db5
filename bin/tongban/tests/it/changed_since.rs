//! What changed since the filing stops a grant and a licence, and nothing else: the rules are asked again in the
//! transaction that writes, and the officer reads it before the click.

use tongban_base::{Kind, Uuid};
use tongban_cases::{CaseId, Status, complete_task, open_case, return_case, tasks_of};
use tongban_identity::demo_people;
use tongban_store::params;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::house::{Site, migrations};

async fn revoke(site: &Site, person: usize) {
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    let id = site.licence(person).await["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let licences = &site.house.licences;
    licences
        .revoke_licence(&approver, id, "示例决定〔2026〕9号", "测试撤销")
        .await
        .unwrap();
}

async fn hold(site: &Site, person: usize, act: &str) {
    let known = &demo_people()[person - 1];
    let values = serde_json::json!({
        "number": "测试限制1", "name": known.name, "id_number": known.id_number, "kind": "dishonest",
        "source": "manual", "basis_number": "示例〔2026〕3号", "body": "示例机关", "from": "2026-11-23",
        "acts": [act], "reason": "测试限制", "way_out": "履行义务后申请解除", "status": "active",
    });
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    site.house
        .registers
        .create(&approver, "hold", (&values).into())
        .await
        .unwrap();
}

/// Accepted and reviewed: the approver is next.
async fn before_the_decision(site: &Site, person: usize) -> CaseId {
    let login = format!("ceshi{person}");
    let citizen = site.citizen_at(&login, MONDAY_MORNING).await;
    let case = site.submitted(&citizen, person).await;
    for (login, name) in [("acceptor", "accept"), ("reviewer", "pass")] {
        decide(
            site,
            &site.officer_at(login, MONDAY_MORNING).await,
            case,
            name,
        )
        .await;
    }
    case
}

async fn stopped(site: &Site, login: &str, case: CaseId, name: &str) -> String {
    let officer = site.officer_at(login, MONDAY_MORNING).await;
    let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
    let before = site.count("SELECT COUNT(*) AS n FROM licence").await;
    let told = complete_task(&site.house.desk, &officer, task, decision(name))
        .await
        .unwrap_err();
    assert_eq!(
        (told.kind(), told.code()),
        (Kind::Conflict, "case.not_admitted_now")
    );
    assert_eq!(
        site.count("SELECT COUNT(*) AS n FROM licence").await,
        before
    );
    let page = site
        .officer(login)
        .await
        .get(&format!("/workbench/cases/{case}"))
        .await
        .ok()
        .html();
    let shown = page.text("[data-obstacles]");
    assert!(shown.contains("不予"), "the way on is told: {shown}");
    shown
}

on_both_databases! {
    &migrations();

    async fn a_licence_that_was_revoked_since_stops_the_grant_and_the_denial_goes_on(db: Db) {
        let site = Site::on(db).await;
        let case = before_the_decision(&site, 1).await;
        revoke(&site, 1).await;
        let shown = stopped(&site, "approver", case, "grant").await;
        assert!(shown.contains("自2026年11月23日起已撤销"), "{shown}");
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        decide(&site, &approver, case, "deny").await;
        let view = open_case(&site.house.desk, &approver, case).await.unwrap();
        assert_eq!((view.case.status, view.broken_at), (Status::Denied, None));
        assert_eq!(site.licence(1).await["status"], "revoked");
    }

    async fn what_changed_after_the_grant_stops_the_licence(db: Db) {
        let site = Site::on(db).await;
        let case = before_the_decision(&site, 1).await;
        decide(&site, &site.officer_at("approver", MONDAY_MORNING).await, case, "grant").await;
        revoke(&site, 1).await;
        stopped(&site, "maker", case, "made").await;
        assert_eq!(site.licence(1).await["status"], "revoked");
    }

    async fn a_hold_set_since_stops_until_it_is_lifted_and_a_return_is_never_stopped(db: Db) {
        let site = Site::on(db).await;
        let case = before_the_decision(&site, 1).await;
        hold(&site, 1, "reissue").await;
        let shown = stopped(&site, "approver", case, "grant").await;
        for words in ["示例〔2026〕3号", "自2026年11月23日起", "履行义务后申请解除"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        let approver = site.officer_at("approver", MONDAY_MORNING).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        return_case(&site.house.desk, &approver, task, None, "再核".into()).await.unwrap();
        decide(&site, &site.officer_at("reviewer", MONDAY_MORNING).await, case, "pass").await;
        site.long_ago("register_record", "UPDATE register_record SET deleted_at = 1 WHERE register = 'hold'").await;
        decide(&site, &approver, case, "grant").await;
    }

    async fn a_person_who_has_another_name_now_stops_the_grant(db: Db) {
        let site = Site::on(db).await;
        let case = before_the_decision(&site, 1).await;
        let account = site.rows("SELECT id FROM account WHERE login = 'ceshi1'").await;
        let id: Uuid = account[0].at(0).unwrap();
        let cipher = site.data.ring.field_cipher().unwrap();
        let name = cipher.encrypt_in(&demo_people()[1].name, "account.name", id).unwrap();
        site.db()
            .write(name, |tx, name| Box::pin(async move {
                tx.execute("UPDATE account SET name = $1 WHERE login = 'ceshi1'", params![name.as_str()]).await.map(|_| ())
            }))
            .await
            .unwrap();
        site.mark_anew("account").await;
        let shown = stopped(&site, "approver", case, "grant").await;
        assert!(shown.contains(&demo_people()[0].name) && shown.contains(&demo_people()[1].name), "{shown}");
    }

    async fn another_licence_obtained_since_stops_the_one_that_goes_on_from_the_old(db: Db) {
        let site = Site::on(db).await;
        let case = before_the_decision(&site, 1).await;
        // The day passes, and with it comes a licence of another origin.
        let sql_text = "UPDATE licence SET issued_on = '2026-11-24', created_at = created_at + 86400000000 WHERE status = 'valid'";
        site.long_ago("licence", sql_text).await;
        let shown = stopped(&site, "approver", case, "grant").await;
        assert!(shown.contains("2026年11月24日"), "{shown}");
    }

    async fn an_office_that_took_its_time_takes_nothing_away_but_a_term_that_is_over_cannot_go_on(db: Db) {
        let site = Site::on(db).await;
        let case = before_the_decision(&site, 1).await;
        site.long_ago("licence", "UPDATE licence SET valid_to = '2026-11-22'").await;
        let shown = stopped(&site, "approver", case, "grant").await;
        assert!(shown.contains("已经过了"), "{shown}");
    }
}
