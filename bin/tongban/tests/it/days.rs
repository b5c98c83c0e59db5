//! Releases begin and items end on their day, in the order in which they were published; nobody starts anything again.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use tongban::definitions::Definitions;
use tongban::wiring::{self, House, Plan};
use tongban_base::{Clock, Ctx, Date, Timestamp};
use tongban_cases::{
    CaseCalls, begin_application, delete_draft, open_application, open_case, submit_case,
};
use tongban_items::{Directory, ItemQuery};
use tongban_packs::{Folder, NewSetting, change_setting};
use tongban_procedures::{Catalog, Offered};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{ITEM, Site, migrations, plan};

const GUIDE: &str = "/items/road-driver-reissue";

fn file() -> String {
    format!("items/{ITEM}.toml")
}

/// The pack in which the item has these days and this summary.
fn with_days(days: &str, summary: &str) -> Folder {
    let pack = tongban::packs::transport();
    let text = pack.text(&file()).unwrap();
    let changed = text
        .replacen("effective_from = \"2024-01-01\"", days, 1)
        .replacen("补领一本新证，有效期不变。\"", &format!("{summary}\""), 1);
    assert_ne!(text, changed);
    pack.clone().with(&file(), changed)
}

/// The pack without the item.
fn without_item() -> Folder {
    let pack = tongban::packs::transport();
    let gone = file();
    let names = pack.list("", "").filter(|name| *name != gone);
    let files: Vec<(&str, &[u8])> = names.map(|n| (n, pack.bytes(n).unwrap())).collect();
    Folder::embedded(&files)
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::start_of(day(text)).plus_minutes(600)
}

/// Another node over the same data, which publishes its pack at this moment.
async fn node(site: &Site, pack: Folder, now: Timestamp) -> House {
    let pack = wiring::load_pack(pack).unwrap();
    let plan = Plan {
        clock: Clock::given(now),
        ..plan()
    };
    wiring::build(&site.data, pack, plan).await.unwrap()
}

/// Which summary the item has on a day, or the code of the refusal.
fn summary(house: &House, on: &str) -> String {
    match house.desk.catalog.offered(ITEM, day(on)) {
        Ok(offered) => said(&offered),
        Err(problem) => problem.code().to_owned(),
    }
}

fn said(offered: &Offered) -> String {
    offered.face.parts["summary"].as_str().unwrap().to_owned()
}

const MONDAY: &str = "2026-11-23";
const TUESDAY: &str = "2026-11-24";
const FIRST: &str = "从业资格证遗失或损毁时，补领一本新证，有效期不变。";

fn says(words: &str) -> String {
    format!("从业资格证遗失或损毁时，{words}")
}

on_both_databases! {
    &migrations();

    async fn an_item_whose_last_day_has_passed_has_ended_and_its_cases_go_on(db: Db) {
        let mut site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let other = site.citizen_at("ceshi2", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let submitted = open_case(&site.house.desk, &citizen, case).await.unwrap().case.draft;
        let draft = site.complete_draft(&other, 2).await;
        let days = "effective_from = \"2026-01-01\"\neffective_to = \"2026-11-20\"";
        site.republish(with_days(days, "已经结束")).await;

        let guide = site.browser().get(GUIDE).await;
        assert_eq!(guide.status, StatusCode::GONE);
        let words = guide.html().text("main");
        assert!(words.contains("该事项自2026年11月21日起不再受理"), "{words}");
        assert!(!guide.html().has("form[action$='/apply']"));
        let told = site.browser().get(&format!("/api/v1{GUIDE}")).await;
        assert_eq!((told.status, &told.json()["code"]), (StatusCode::GONE, &json!("item.ended")));
        let list = site.browser().get("/items").await.ok().html();
        assert!(!list.has(&format!("a[href='{GUIDE}']")) && list.has("a[href='/items/road-driver-renew']"));

        // Whoever has not submitted is told, and may delete it.
        let browser = site.citizen("ceshi2").await;
        let mine = browser.get("/me/cases").await.ok().html().text("main");
        assert!(mine.contains("该事项自2026年11月21日起不再受理"), "{mine}");
        let page = browser.get(&format!("/me/drafts/{draft}/confirm")).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(page.html().text("main").contains("自2026年11月21日起不再受理"));
        let desk = &site.house.desk;
        assert_eq!(submit_case(desk, &other, draft).await.unwrap_err().code(), "item.ended");
        delete_draft(desk, &other, draft).await.unwrap();

        // What was submitted goes on, and a second click still finds it.
        let page = site.citizen("ceshi1").await.get(&format!("/me/cases/{case}")).await.ok().html();
        assert!(page.text("main").contains("起不再受理新的申请，您的这件照常办理"));
        assert_eq!(submit_case(desk, &citizen, submitted).await.unwrap().case, case);
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
    }

    async fn a_release_begins_and_ends_on_its_day_without_a_restart(db: Db) {
        let site = Site::on(db).await;
        let days = "effective_from = \"2026-11-24\"\neffective_to = \"2026-12-31\"";
        let house = node(&site, with_days(days, "明天开始"), MONDAY_MORNING).await;
        assert_eq!(summary(&house, MONDAY), FIRST);
        assert_eq!(summary(&house, TUESDAY), says("明天开始"));
        assert_eq!(summary(&house, "2026-12-31"), says("明天开始"));
        assert_eq!(summary(&house, "2027-01-01"), "item.ended", "the older release does not come back");
        assert_eq!(summary(&house, "2023-12-31"), "not_found");
        // The same draft is of the release in force on the day on which it is opened.
        let monday = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let draft = begin_application(&house.desk, &monday, ITEM).await.unwrap();
        let seen = |ctx: Ctx| {
            let desk = house.desk.clone();
            async move {
                let opened = open_application(&desk, &ctx, draft).await;
                opened.map(|a| a.release.parts()["summary"].as_str().unwrap().to_owned())
            }
        };
        let then = |text: &str| Ctx::new(monday.actor.clone(), at(text));
        assert_eq!(seen(monday.clone()).await.unwrap(), FIRST);
        assert_eq!(seen(then(TUESDAY)).await.unwrap(), says("明天开始"));
        assert_eq!(seen(then("2027-01-01")).await.unwrap_err().code(), "item.ended");
    }

    async fn an_item_that_was_taken_out_ends_that_day_and_comes_back_when_it_is_published_again(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let house = node(&site, without_item(), at(TUESDAY)).await;
        assert_eq!(summary(&house, MONDAY), FIRST);
        for later in [TUESDAY, "2027-01-01"] {
            let refused = house.desk.catalog.offered(ITEM, day(later)).err().unwrap();
            assert!(refused.message().contains("自2026年11月24日起不再受理。已经提交的申请照常办理"), "{refused}");
        }
        assert_eq!(open_case(&house.desk, &citizen, case).await.unwrap().case.item_code, ITEM);
        // A second start with the same pack is no other publication.
        let house = node(&site, without_item(), at("2026-11-25")).await;
        let refused = house.desk.catalog.offered(ITEM, day("2026-11-25")).err().unwrap();
        assert!(refused.message().contains("自2026年11月24日起"), "{refused}");
        for (pack, summary_then) in [
            (tongban::packs::transport(), FIRST.to_owned()),
            (without_item(), "item.ended".to_owned()),
            (with_days("effective_from = \"2024-01-01\"", "换了说法"), says("换了说法")),
        ] {
            let house = node(&site, pack, at("2026-11-25")).await;
            assert_eq!(summary(&house, "2026-11-25"), summary_then);
        }
    }

    async fn a_pack_that_was_published_before_comes_into_force_again(db: Db) {
        let site = Site::on(db).await;
        let versions = [
            with_days("effective_from = \"2024-01-01\"", "同一天"),
            with_days("effective_from = \"2026-11-01\"", "晚些开始"),
            with_days("effective_from = \"2026-12-01\"", "还没开始"),
        ];
        for version in versions {
            node(&site, version, at(MONDAY)).await;
            let house = node(&site, tongban::packs::transport(), at(MONDAY)).await;
            for on in [MONDAY, "2026-12-01"] {
                assert_eq!(summary(&house, on), FIRST);
            }
        }
    }

    async fn what_was_published_last_counts_whatever_its_first_day(db: Db) {
        let site = Site::on(db).await;
        node(&site, with_days("effective_from = \"2026-11-22\"", "昨天开始"), at(MONDAY)).await;
        node(&site, with_days("effective_from = \"2026-12-01\"", "十二月开始"), at(MONDAY)).await;
        let house = node(&site, with_days("effective_from = \"2024-01-01\"", "改了一个字"), at(MONDAY)).await;
        assert_eq!(summary(&house, MONDAY), says("改了一个字"));
        assert_eq!(summary(&house, "2026-12-01"), says("改了一个字"), "the announcement is no longer in the pack");
    }

    async fn of_two_publications_in_one_millisecond_the_later_counts(db: Db) {
        let site = Site::on(db).await;
        let one = with_days("effective_from = \"2024-01-01\"", "第一个");
        let two = with_days("effective_from = \"2024-01-01\"", "第二个");
        for (pack, words) in [(&one, "第一个"), (&two, "第二个"), (&one, "第一个")] {
            let read = Definitions::read(pack.clone(), None).unwrap();
            let parts = (read.pack, read.checked);
            let catalog = Catalog::open(site.db(), parts, Arc::new(CaseCalls(tongban::modules::known())), at(MONDAY)).await.unwrap();
            let current = catalog.offered(ITEM, day(MONDAY)).unwrap();
            assert_eq!(said(&current), says(words));
        }
    }

    async fn what_another_node_publishes_or_sets_takes_effect_without_a_restart(db: Db) {
        let site = Site::on(db).await;
        let here = &site.house.desk.catalog;
        node(&site, with_days("effective_from = \"2024-01-01\"", "别的节点发布"), at(MONDAY)).await;
        assert_eq!(summary(&site.house, MONDAY), FIRST);
        here.refresh(site.db(), day(MONDAY)).await.unwrap();
        assert_eq!(summary(&site.house, MONDAY), says("别的节点发布"));
        let directory = Directory::new(Arc::clone(here));
        let found = directory.find(&ItemQuery { words: "别的节点".into(), ..Default::default() }, day(MONDAY));
        assert_eq!(found.len(), 1);

        assert_eq!(here.setting_number("correction_days", 0), 15);
        for days in [10, 12] {
            site.db()
                .write(Ctx::system(MONDAY_MORNING), move |tx, ctx| {
                    Box::pin(async move { change_setting(tx, ctx, NewSetting { code: "correction_days", value: &json!(days), reason: "试" }).await })
                })
                .await
                .unwrap();
            here.refresh(site.db(), day(MONDAY)).await.unwrap();
            assert_eq!(here.setting_number("correction_days", 0), days);
        }
    }
}
