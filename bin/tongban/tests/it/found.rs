//! What people find by what they say: the table of spoken queries, suggestions while they type, a way on when nothing is
//! found.

use tongban_store::Db;
use tongban_testkit::on_both_databases;

use crate::browser::Browser;
use crate::house::{Site, migrations};

const QUERIES: &str = include_str!("../../../../docs/search-queries.tsv");

fn query(words: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    format!("/search?{}", form.append_pair("q", words).finish())
}

/// The addresses of what is found, the best first.
async fn found(browser: &Browser, words: &str) -> Vec<String> {
    let page = browser.get(&query(words)).await.ok().html();
    let links = page.all("main .tb-found a, main .tb-list .tb-cell-main a");
    let hrefs = links
        .into_iter()
        .filter_map(|link| link.attribute("href").map(str::to_owned));
    hrefs.collect()
}

/// A house with all packs of the program.
async fn whole(db: Db) -> Site {
    let packs = tongban::packs::of(&[]).unwrap();
    Site::with_pack(db, packs.linked().unwrap()).await
}

on_both_databases! {
    &migrations();

    async fn each_spoken_query_of_the_table_finds_what_was_meant_first(db: Db) {
        let site = whole(db).await;
        let browser = site.browser();
        let lines = QUERIES.lines().filter(|line| !line.starts_with('#')).skip(1);
        let (mut asked, mut wrong) = (0, Vec::new());
        for line in lines {
            let (words, wanted) = line.split_once('\t').unwrap();
            let found = found(&browser, words).await;
            let first = found.first().map_or("-", String::as_str);
            asked += 1;
            if !wanted.split(' ').any(|wanted| wanted == first) {
                wrong.push(format!("{words}: {first} instead of {wanted}"));
            }
        }
        assert!(asked >= 200, "{asked}");
        assert!(wrong.is_empty(), "{} of {asked}\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn what_has_nothing_to_do_with_it_is_not_listed(db: Db) {
        let site = Site::on(db).await;
        let lost = found(&site.browser(), "从业资格证丢了").await;
        assert!(!lost.is_empty() && lost.iter().all(|href| href.ends_with("-reissue")), "{lost:?}");
    }

    async fn each_page_that_is_found_opens_or_asks_for_a_login(db: Db) {
        let site = Site::on(db).await;
        let browser = site.browser();
        for page in &site.house.desk.catalog.pack().pages {
            let opened = browser.get(&page.path).await;
            assert!(opened.status.is_success() || opened.leads_to().starts_with("/login?next="), "{}", page.path);
        }
    }

    async fn where_nothing_is_found_stands_a_number_that_can_be_tapped(db: Db) {
        let site = Site::on(db).await;
        let page = site.browser().get(&query("儿童疫苗")).await.ok().html();
        assert!(page.has("main a.tb-phone[href='tel:12345']"));
        assert!(page.has("main a[href='/items']"));
    }

    async fn suggestions_are_what_a_search_would_find(db: Db) {
        let site = Site::on(db).await;
        let ask = |words: &str| query(words).replace("/search", "/api/v1/suggestions");
        let browser = site.browser();
        let some = browser.get(&ask("滴滴")).await.ok().json();
        let some = some["suggestions"].as_array().unwrap();
        assert_eq!(some[0]["href"], "/items/ride-hailing-grant");
        assert!(some.len() <= 6);
        let page = browser.get(&ask("查进")).await.ok().json();
        assert_eq!(page["suggestions"][0]["href"], "/progress");
        let none = browser.get(&ask(" ")).await.ok().json();
        assert_eq!(none["suggestions"].as_array().unwrap().len(), 0);
        assert!(browser.get("/").await.ok().html().has("input[data-suggest]"));
    }
}
