//! A correction that nobody hands in: the last day is the one of the letter, after it the case ends.

use serde_json::json;
use tongban_base::{Ctx, Timestamp};
use tongban_cases::{
    CaseId, Correction, Decision, Mend, Status, complete_task, end_lapsed, open_case, return_case,
    submit_correction, tasks_of,
};
use tongban_packs::{NewSetting, change_setting};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

use crate::at_once::decision;
use crate::house::{Site, migrations};

/// The notice of 23 November names this day, fifteen working days later.
const LAST_DAY: &str = "2026-12-14";

fn on(day: &str, who: &Ctx) -> Ctx {
    let now = Timestamp::start_of(day.parse().unwrap()).plus_minutes(600);
    Ctx::new(who.actor.clone(), now)
}

/// A case of the citizen that waits for another address.
async fn correcting(site: &Site, citizen: &Ctx) -> CaseId {
    let case = site.submitted(citizen, 1).await;
    asked_to_correct(site, case).await;
    case
}

/// The acceptor asks for another address.
pub async fn asked_to_correct(site: &Site, case: CaseId) {
    let desk = &site.house.desk;
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    let task = tasks_of(desk, case).await.unwrap()[0].id;
    let mend = Mend {
        place: "address".into(),
        title: "住址".into(),
        problem: "写到门牌号".into(),
    };
    let asked = Decision {
        correction: Some(Correction {
            fields: vec![mend],
            ..Correction::default()
        }),
        ..decision("correct")
    };
    complete_task(desk, &acceptor, task, asked).await.unwrap();
}

async fn look(site: &Site, day: &str) -> usize {
    let system = Ctx::system(Timestamp::start_of(day.parse().unwrap()).plus_minutes(60));
    end_lapsed(&site.house.desk, &system).await.unwrap()
}

fn mended() -> [(String, String); 1] {
    [("address".to_owned(), "示例市示例区示例路9号".to_owned())]
}

on_both_databases! {
    &migrations();

    async fn a_case_that_nobody_corrected_ends_after_the_last_day_and_the_applicant_is_told(db: Db) {
        covers!("XC-132");
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = correcting(&site, &citizen).await;
        assert_eq!(look(&site, LAST_DAY).await, 0);
        assert_eq!(look(&site, "2026-12-15").await, 1);
        assert_eq!(look(&site, "2026-12-16").await, 0);

        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.case.status, Status::Lapsed);
        assert_eq!(view.case.result.as_deref(), Some("lapsed"));
        assert_eq!(view.broken_at, None);
        let lapsed: Vec<_> = view.events.iter().filter(|e| e.kind == "case.lapsed").collect();
        assert_eq!(lapsed.len(), 1);
        assert_eq!(lapsed[0].data, json!({ "last_day": LAST_DAY }));
        assert!(tasks_of(desk, case).await.unwrap().is_empty());
        assert_eq!(site.audited("case.lapsed", "done").await, 1);
        let told = "SELECT COUNT(*) AS n FROM message WHERE event = 'case.lapsed' AND channel = 'site'";
        assert_eq!(site.count(told).await, 1);
        let page = site.citizen("ceshi1").await.get(&format!("/me/cases/{case}")).await.ok();
        assert_eq!(page.html().text(".tb-badge"), "逾期未补正，已终止办理");

        let late = submit_correction(desk, &on("2026-12-16", &citizen), case, &mended()).await;
        assert_eq!(late.unwrap_err().code(), "case.not_correcting");
        // And one may apply again.
        site.submitted(&on("2026-12-16", &citizen), 1).await;
    }

    async fn the_last_day_is_the_one_of_the_letter_whatever_the_setting_says_later(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = correcting(&site, &citizen).await;
        let change = Ctx::system(MONDAY_MORNING);
        site.db()
            .write(change, |tx, ctx| {
                Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "correction_days", value: &json!(1), reason: "试" }).await })
            })
            .await
            .unwrap();
        desk.catalog.refresh(site.db(), site.house.app.now().date()).await.unwrap();
        assert_eq!(look(&site, LAST_DAY).await, 0);
        let view = open_case(desk, &citizen, case).await.unwrap();
        assert_eq!(view.case.correction.unwrap().last_day, Some(LAST_DAY.parse().unwrap()));
        submit_correction(desk, &on(LAST_DAY, &citizen), case, &mended()).await.unwrap();
        assert_eq!(look(&site, "2026-12-15").await, 0);
    }

    async fn what_the_applicant_mended_is_not_sent_back_without_saying_what_is_wrong(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = correcting(&site, &citizen).await;
        submit_correction(desk, &citizen, case, &mended()).await.unwrap();
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        for to in [None, Some("correct".to_owned())] {
            let refused = return_case(desk, &acceptor, task, to, "再看看".into()).await.unwrap_err();
            assert_eq!(refused.code(), "case.return_to_applicant");
        }
        let page = site.officer("acceptor").await.get(&format!("/workbench/cases/{case}")).await.ok().html();
        // Whoever gets it again sees what was asked, and what became of it.
        let told = page.text("[data-mended]");
        assert!(told.contains("住址") && told.contains("要求：写到门牌号"), "{told}");
        assert!(told.contains("已改为：示例市示例区示例路9号"), "{told}");
        assert!(page.has("form#task") && !page.has("form[action$='/return']"));
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Submitted);
    }

    async fn an_office_may_take_corrections_after_the_last_day(db: Db) {
        let pack = tongban::packs::transport();
        let text = pack.text("settings.toml").unwrap();
        let lenient = text.replacen(
            "title = \"逾期未补正终止办理\"\ndefault = true",
            "title = \"逾期未补正终止办理\"\ndefault = false",
            1,
        );
        assert_ne!(text, lenient);
        let site = Site::with_pack(db, pack.clone().with("settings.toml", lenient)).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = correcting(&site, &citizen).await;
        assert_eq!(look(&site, "2026-12-15").await, 0);
        submit_correction(desk, &on("2026-12-15", &citizen), case, &mended()).await.unwrap();
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Submitted);
    }
}
