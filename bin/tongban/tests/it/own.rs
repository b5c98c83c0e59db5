//! What is a citizen's own where he begins: what waits for him with its last day, what he has not filed, what is under way,
//! what ends soon; a badge in the head of every page.

use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::browser::Browser;
use crate::house::{Site, migrations};
use crate::lapsed::asked_to_correct;

/// The titles of the groups on the start page, and all of their text.
async fn own(browser: &Browser) -> (Vec<String>, String) {
    let page = browser.get("/").await.ok().html();
    (
        page.texts("[data-own] h2"),
        page.texts("[data-own]").join(" "),
    )
}

on_both_databases! {
    &migrations();

    async fn the_start_page_shows_what_waits_what_is_unfinished_and_what_is_under_way(db: Db) {
        let site = Site::on(db).await;
        let strangers = site.browser().get("/").await.ok().html();
        assert!(!strangers.has("[data-own]"), "nobody's own");
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let browser = site.citizen("ceshi1").await;
        let draft = site.complete_draft(&citizen, 1).await;
        let (groups, text) = own(&browser).await;
        assert!(groups.contains(&"没有填完的申请".to_owned()), "{groups:?}");
        let page = browser.get("/").await.ok().html();
        assert!(page.has(&format!("[data-own] a[href='/me/drafts/{draft}']")), "{text}");

        let case = tongban_cases::submit_case(&site.house.desk, &citizen, draft).await.unwrap().case;
        let (groups, text) = own(&browser).await;
        assert!(groups.contains(&"正在办理".to_owned()) && text.contains("答复是否受理"), "{text}");
        assert!(!groups.contains(&"没有填完的申请".to_owned()));

        asked_to_correct(&site, case).await;
        let page = browser.get("/").await.ok().html();
        assert_eq!(page.texts("[data-own] h2").first().map(String::as_str), Some("等您处理"));
        assert!(page.has(&format!("[data-own] a[href='/me/cases/{case}/correction']")));
        let todo = page.texts("[data-own]").remove(0);
        assert!(todo.contains("请在") && todo.contains("前"), "the last day: {todo}");
        let badge = page.text(".tb-portal-nav summary .tb-count");
        assert!(badge.starts_with(|c: char| ('1'..='9').contains(&c)), "{badge}");
        let list = browser.get("/me/cases").await.ok().html();
        assert!(list.text("td[data-label='状态']").contains("等您补正，请在"));
        let other = site.citizen("ceshi2").await.get("/").await.ok().html();
        assert!(!other.has(&format!("a[href*='{case}']")), "only his own");
    }

    async fn a_licence_that_ends_soon_stands_there_with_what_renews_it(db: Db) {
        let site = Site::on(db).await;
        let browser = site.citizen("applicant-ride").await;
        let page = browser.get("/").await.ok().html();
        let group = page.texts("[data-own]").into_iter().find(|text| text.contains("快到期的证照"));
        let group = group.unwrap();
        assert!(group.contains("有效期到") && group.contains("换证"), "{group}");
        assert!(page.has("[data-own] a[href='/items/ride-hailing-renew']"));
        let list = browser.get("/me/licences").await.ok().html();
        assert!(list.has("a[href='/items/ride-hailing-renew']"));
        let far = site.citizen("applicant").await.get("/").await;
        assert!(!far.text().contains("快到期的证照"));
    }

    async fn the_holder_of_a_licence_that_ends_soon_is_told_once(db: Db) {
        let site = Site::on(db).await;
        let (app, now) = (&site.house.app, site.house.app.now());
        let tell = app.service::<tongban_licences::TellEnding>().unwrap();
        site.citizen("applicant-ride").await.get("/me/licences").await.ok();
        let until = now.plus_minutes(90 * 24 * 60).date();
        let ctx = tongban_base::Ctx::system(now);
        let told = site.house.licences.tell_of_endings(&ctx, until, &tell).await.unwrap();
        assert!(told > 0);
        assert_eq!(site.house.licences.tell_of_endings(&ctx, until, &tell).await.unwrap(), 0);
        let inbox = site.citizen("applicant-ride").await.get("/me/messages").await.ok().text();
        assert!(inbox.contains("证照快到期了") && inbox.contains("请在到期前换证"), "{inbox}");
        let far = site.citizen("applicant").await.get("/me/messages").await.ok().text();
        assert!(!far.contains("证照快到期了"));
    }
}
