//! Who has a case under way: the rules of an item know it and say so in their own words.

use tongban_base::Ctx;
use tongban_cases::{begin_application, open_application, submit_case, withdraw_case};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::house::{ITEM, Site, migrations};

const WORDS: &str = "您有一件同类业务正在办理";

/// What the first page of an application for this item says against it.
async fn refusals(site: &Site, citizen: &Ctx, item: &str) -> Vec<String> {
    let desk = &site.house.desk;
    let draft = begin_application(desk, citizen, item).await.unwrap();
    let application = open_application(desk, citizen, draft).await.unwrap();
    application.refusals()
}

on_both_databases! {
    &migrations();

    async fn an_open_case_of_the_family_keeps_from_the_others_in_the_words_of_the_item(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        assert!(refusals(&site, &citizen, "road-driver-cancel").await.is_empty());
        let draft = site.complete_draft(&citizen, 1).await;
        let case = submit_case(desk, &citizen, draft).await.unwrap().case;

        let told = refusals(&site, &citizen, "road-driver-cancel").await;
        assert!(told.len() == 1 && told[0].starts_with(WORDS), "{told:?}");
        let cancel = begin_application(desk, &citizen, "road-driver-cancel").await.unwrap();
        let refused = submit_case(desk, &citizen, cancel).await.unwrap_err();
        assert_eq!((refused.code(), refused.message()), ("case.not_admitted", told[0].as_str()));

        // Another family, another person, and the case's own draft are not concerned.
        assert!(refusals(&site, &citizen, "taxi-driver-reissue").await.is_empty());
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        assert!(refusals(&site, &other, "road-driver-cancel").await.is_empty());
        let own = open_application(desk, &citizen, draft).await.unwrap();
        assert!(own.refusals().is_empty());

        withdraw_case(desk, &citizen, case, "测试".into()).await.unwrap();
        assert!(refusals(&site, &citizen, "road-driver-cancel").await.is_empty());
    }

    async fn a_second_open_case_of_the_same_item_is_refused_whatever_its_rules_say(db: Db) {
        let pack = tongban::packs::transport();
        let file = format!("items/{ITEM}.toml");
        let item = pack.text(&file).unwrap();
        let rest: Vec<&str> = item.lines().filter(|line| !line.contains(WORDS)).collect();
        let text = rest.join("\n");
        assert_ne!(text.lines().count(), item.lines().count());
        let site = Site::with_pack(db, pack.with(&file, text)).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        site.submitted(&citizen, 1).await;
        let draft = site.complete_draft(&citizen, 1).await;
        let refused = submit_case(&site.house.desk, &citizen, draft).await.unwrap_err();
        assert_eq!(refused.code(), "case.open_already");
    }
}
