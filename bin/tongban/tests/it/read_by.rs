//! Who may read a case, and that whatever an officer reads is on record with its purpose.

use axum::http::StatusCode;
use tongban_base::Rates;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;
use tongban_ui::DoorSettings;

use crate::at_once::decide;
use crate::house::{Site, migrations};

/// Purposes of the entries of an event, oldest first.
async fn purposes(site: &Site, event: &'static str) -> Vec<String> {
    site.house.reads.flush().await.unwrap();
    let rows = site
        .rows("SELECT event, detail FROM audit_entry WHERE outcome = 'done' ORDER BY id")
        .await;
    let of = rows
        .iter()
        .filter(|row| row.get::<String>("event").unwrap() == event);
    of.map(|row| {
        let detail: serde_json::Value =
            serde_json::from_str(&row.get::<String>("detail").unwrap()).unwrap();
        detail["purpose"].as_str().unwrap_or_default().to_owned()
    })
    .collect()
}

on_both_databases! {
    &migrations();

    async fn a_technical_administrator_reads_no_case_no_file_no_letter_and_no_list(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let file: String = site.rows("SELECT id FROM material_file").await[0].get("id").unwrap();
        let administrator = site.officer("administrator").await;
        for path in [
            format!("/workbench/cases/{case}"),
            format!("/workbench/cases/{case}/files/{file}"),
            format!("/api/v1/cases/{case}"),
            "/workbench/cases".to_owned(),
            "/api/v1/cases".to_owned(),
        ] {
            assert_eq!(administrator.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let reason = [("reason", "想看看这个办件")];
        let stated = administrator.post(&format!("/workbench/cases/{case}/consult"), &reason).await;
        assert_eq!(stated.status, StatusCode::FORBIDDEN);
        assert_eq!(purposes(&site, "case.opened").await, Vec::<String>::new());
        assert_eq!(site.audited("case.opened", "refused").await, 3);
    }

    async fn what_one_person_is_refused_counts_together_wherever_it_is_asked_for(db: Db) {
        let mut rates = Rates::default();
        rates.set(&"record=3/1".parse().unwrap());
        let site = Site::with_doors(db, DoorSettings { rates, ..DoorSettings::default() }).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let licence: String = site.rows("SELECT id FROM licence WHERE status = 'valid'").await[0].get("id").unwrap();
        let refused = "SELECT COUNT(*) AS n FROM audit_entry WHERE outcome = 'refused'";
        let before = site.count(refused).await;
        for login in ["ceshi2", "ceshi3"] {
            let other = site.citizen(login).await;
            for path in [format!("/api/v1/cases/{case}"), format!("/api/v1/licences/{licence}")] {
                for _ in 0..3 {
                    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
                }
            }
        }
        assert_eq!(site.count(refused).await - before, 6, "three of each person");
    }

    async fn whoever_browses_licences_or_a_register_is_on_record(db: Db) {
        let site = Site::on(db).await;
        let approver = site.officer("approver").await;
        for _ in 0..2 {
            approver.get("/workbench/licences").await.ok();
            approver.get("/workbench/registers/practitioner").await.ok();
        }
        assert_eq!(purposes(&site, "licence.listed").await, ["浏览证照"]);
        assert_eq!(purposes(&site, "register.listed").await, ["浏览台账"]);
    }

    async fn whoever_looks_for_a_person_or_opens_a_queue_is_on_record(db: Db) {
        let site = Site::on(db).await;
        let number = &tongban_identity::demo_people()[0].id_number;
        let approver = site.officer("approver").await;
        for _ in 0..2 {
            approver.get("/workbench/cases?q=%E6%B5%8B%E8%AF%95%E4%B8%80").await.ok();
            approver.get(&format!("/workbench/licences?q={number}")).await.ok();
            approver.get(&format!("/workbench/registers/practitioner?q={number}")).await.ok();
        }
        site.officer("maker").await.get("/workbench/papers").await.ok();
        site.officer("manager").await.get("/workbench/stuck").await.ok();
        let sought = purposes(&site, "person.sought").await;
        // The same number is one thing to look for, wherever it is done.
        assert_eq!(sought.len(), 2, "{sought:?}");
        assert_eq!(sought[0], "办件查询：测**");
        assert!(sought.iter().all(|words| !words.contains(number.as_str())));
        let queues = purposes(&site, "case.listed").await;
        assert!(queues.contains(&"查看制作异常".to_owned()) && queues.contains(&"查看无人能办的环节".to_owned()), "{queues:?}");
        site.officer("supervisor").await.get("/workbench/audit").await.ok();
        assert_eq!(purposes(&site, "audit.read").await, ["查看审计日志"]);
        let asked = site.officer("supervisor").await.get(&format!("/workbench/audit?sought={number}")).await.ok().html();
        assert_eq!(asked.texts("tbody td[data-label=操作人]"), ["测试丙"]);
    }

    async fn whoever_has_a_task_reads_and_it_is_one_entry_with_its_purpose(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let file: String = site.rows("SELECT id FROM material_file").await[0].get("id").unwrap();
        let acceptor = site.officer("acceptor").await;
        for _ in 0..2 {
            acceptor.get(&format!("/workbench/cases/{case}")).await.ok();
            acceptor.get(&format!("/workbench/cases/{case}/files/{file}")).await.ok();
        }
        let of_case = purposes(&site, "case.opened").await;
        assert!(matches!(of_case.as_slice(), [one] if one.starts_with("办理：")), "{of_case:?}");
        assert_eq!(purposes(&site, "case.file_opened").await.len(), 1);
        // What the applicant reads of the own case is no entry.
        site.citizen("ceshi1").await.get(&format!("/me/cases/{case}")).await.ok();
        assert_eq!(purposes(&site, "case.opened").await.len(), 1);
        // Who has acted in a case goes on reading it.
        let acting = site.officer_at("acceptor", MONDAY_MORNING).await;
        decide(&site, &acting, case, "accept").await;
        acceptor.get(&format!("/workbench/cases/{case}")).await.ok();
    }

    async fn without_a_task_a_reason_opens_the_case_and_stays_on_record(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let (reviewer, page) = (site.officer("reviewer").await, format!("/workbench/cases/{case}"));
        let asked = reviewer.get(&page).await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN);
        let form = asked.html();
        let address = form.one("main form").attribute("action").unwrap().to_owned();
        let empty = reviewer.post(&address, &[("reason", " ")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        let reason = [("reason", "答复申请人来电咨询")];
        assert_eq!(reviewer.post(&address, &reason).await.leads_to(), page);
        reviewer.get(&page).await.ok();
        assert_eq!(purposes(&site, "case.opened").await, ["说明理由：答复申请人来电咨询"]);
        assert_eq!(site.audited("case.consulted", "done").await, 1);
        // It opens no other case, and nobody writes it in by hand.
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        let other = site.submitted(&other, 2).await;
        assert_eq!(reviewer.get(&format!("/workbench/cases/{other}")).await.status, StatusCode::FORBIDDEN);
        site.meddle("UPDATE case_consultation SET case_id = (SELECT id FROM case_record ORDER BY id DESC LIMIT 1)").await;
        let refused = reviewer.get(&format!("/workbench/cases/{other}")).await;
        assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
