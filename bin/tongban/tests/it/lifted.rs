//! A permission that was withdrawn restricts its holder, and so does dishonesty; what lifts the restriction lifts it
//! everywhere.

use axum::http::StatusCode;
use serde_json::json;
use tongban_cases::{Begun, begin_at_window};
use tongban_identity::demo_people;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::acts::kept_from;
use crate::at_once::decide;
use crate::browser::Browser;
use crate::counter::at_window;
use crate::house::{ITEM, Site, migrations};
use crate::soak::application;

const HOLDS: &str = "/workbench/registers/hold";
const BASIS: &str = "示例吊〔2026〕1号";
const CANCEL: &str = "road-driver-cancel";

/// The record as the form of its page sends it, in this status and with this basis of the lifting.
async fn entered(officer: &Browser, to: &str, more: &[(&str, &str)]) -> crate::browser::Answer {
    let known = &demo_people()[0];
    let mut fields = vec![
        ("number", "测试限制1"),
        ("name", known.name.as_str()),
        ("id_number", known.id_number.as_str()),
        ("licence_type", "practitioner"),
        ("kind", "revocation"),
        ("source", "enforcement"),
        ("basis_number", BASIS),
        ("body", "示例执法机关"),
        ("from", "2026-11-23"),
        ("acts", "reissue"),
        ("measure", "block"),
        ("reason", "从业资格被吊销"),
        ("way_out", "处罚决定被撤销后申请解除"),
    ];
    fields.extend_from_slice(more);
    officer.post(to, &fields).await
}

on_both_databases! {
    &migrations();

    async fn a_revocation_stands_on_the_page_of_the_open_case_until_it_is_lifted_with_its_basis(db: Db) {
        covers!("SH-150", "SH-152");
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let reviewer = site.officer("reviewer").await;
        let page = format!("/workbench/cases/{case}");
        assert!(!reviewer.get(&page).await.ok().html().has("[data-obstacles]"));

        let keeper = site.officer("administrator").await;
        let active = [("status", "active")];
        let record = entered(&keeper, &format!("{HOLDS}/new"), &active).await.leads_to().to_owned();
        let told = reviewer.get(&page).await.ok().html().text(".tb-tone-late[role=alert][data-obstacles]");
        for words in ["从业资格被吊销", "示例执法机关", BASIS, "自2026年11月23日起限制"] {
            assert!(told.contains(words), "{words} in {told}");
        }
        let other = site.citizen("ceshi1").await;
        other.post(&format!("/me/cases/{case}/withdraw"), &[("reason", "先不办了")]).await.leads_to();
        let told = kept_from(&site, "ceshi1", ITEM, json!({ "reason": "damaged" })).await;
        assert!(told.contains("限制办理") || told.contains("暂不能补发"), "{told}");

        let change = format!("{record}/change");
        let lifted = [("_version", "1"), ("status", "lifted"), ("lifted_on", "2026-11-23"), ("lift_reason", "行政复议撤销原处罚决定")];
        let without = entered(&keeper, &change, &lifted).await;
        assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
        let error = without.html().text("#field-lift_basis_number-error");
        assert!(error.contains("解除限制应填写依据文书的文号"), "{error}");
        kept_from(&site, "ceshi1", ITEM, json!({ "reason": "damaged" })).await;

        let with = [&lifted[..], &[("lift_basis_number", "示例复〔2026〕2号")]].concat();
        entered(&keeper, &change, &with).await.leads_to();
        let again = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, again, "accept").await;
        let page = reviewer.get(&format!("/workbench/cases/{again}")).await.ok().html();
        assert!(!page.has("[data-obstacles]"));
        let kept = keeper.get(&record).await.ok().html();
        let facts = kept.texts("dd");
        for fact in ["已解除", BASIS, "从业资格被吊销", "示例复〔2026〕2号", "行政复议撤销原处罚决定"] {
            assert!(facts.iter().any(|told| told == fact), "{fact} in {facts:?}");
        }
        assert_eq!(kept.texts(".tb-timeline .tb-event-title"), ["变更", "登记"]);
    }

    async fn dishonesty_keeps_from_what_it_restricts_on_the_site_and_at_the_window_and_from_nothing_else(db: Db) {
        covers!("SH-143");
        let site = Site::on(db).await;
        let (desk, officer) = (&site.house.desk, site.officer_at("acceptor", MONDAY_MORNING).await);
        let window = async |item: &'static str| begin_at_window(desk, &officer, item, &at_window(1)).await.unwrap();
        let known = &demo_people()[0];
        let hold = [
            ("number", "测试限制2"), ("name", known.name.as_str()), ("id_number", known.id_number.as_str()),
            ("licence_type", "practitioner"), ("kind", "dishonest"), ("source", "credit"), ("basis_number", BASIS),
            ("body", "示例信用管理机构"), ("from", "2026-11-23"), ("acts", "reissue"), ("measure", "block"),
            ("reason", "被列入严重失信主体名单"), ("way_out", "履行义务后申请信用修复"), ("status", "active"),
        ];
        let keeper = site.officer("administrator").await;
        keeper.post(&format!("{HOLDS}/new"), &hold).await.leads_to();
        let told = kept_from(&site, "ceshi1", ITEM, json!({ "reason": "damaged" })).await;
        assert!(told.contains("限制办理的记录，暂不能补发"), "{told}");
        let Begun::Refused(refused) = window(ITEM).await else { panic!("it was begun") };
        let told = refused.refusals().join("\n");
        for words in ["限制办理的记录，暂不能补发", "被列入严重失信主体名单", "履行义务后申请信用修复"] {
            assert!(told.contains(words), "{words} in {told}");
        }
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 0);

        // Another licence and another act go on at the window and on the site, and nobody else is kept from anything.
        assert!(matches!(window("taxi-driver-reissue").await, Begun::Draft(_)));
        let citizen = site.citizen("ceshi1").await;
        let begun = citizen.post_json("/api/v1/drafts", &json!({ "item": CANCEL })).await.ok().json();
        let draft = format!("/api/v1/drafts/{}", begun["draft"].as_str().unwrap());
        citizen.post_json(&draft, &application(1, CANCEL)).await.ok();
        citizen.post_json(&format!("{draft}/submit"), &json!({})).await.ok();
        site.submitted(&site.citizen_at("ceshi2", MONDAY_MORNING).await, 2).await;
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 2);
    }
}
