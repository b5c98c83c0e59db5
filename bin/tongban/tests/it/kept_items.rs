//! Items as an administrator keeps them: paused and taken up again, with other labels; and as the portal is given them.

use axum::http::StatusCode;
use serde_json::Value as Json;
use tongban_cases::submit_case;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{Html, covers, on_both_databases};

use crate::at_once::decide;
use crate::browser::Browser;
use crate::house::{ITEM, Site, migrations};

const PAGE: &str = "/workbench/items";
const WORDS: &str = "系统升级，预计 12 月 1 日恢复";

fn of(item: &str, action: &str) -> String {
    format!("{PAGE}/{item}/{action}")
}

async fn paused(officer: &Browser) {
    let fields = [("words", WORDS), ("reason", "试")];
    let done = officer.post(&of(ITEM, "pause"), &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
}

/// The items of a list of the portal, by their codes.
async fn found(browser: &Browser, query: &str) -> Vec<String> {
    let page = browser.get(&format!("/items?{query}")).await.ok().html();
    let links = page.all(".tb-list .tb-cell-main a").into_iter();
    let codes = links.filter_map(|link| {
        let href = link.attribute("href")?;
        href.strip_prefix("/items/").map(str::to_owned)
    });
    codes.collect()
}

fn labels(page: &Html) -> String {
    page.text("main")
}

on_both_databases! {
    &migrations();

    async fn a_paused_item_is_not_offered_takes_nothing_and_comes_back(db: Db) {
        let mut site = Site::on(db).await;
        let administrator = &site.officer("administrator").await;
        let (citizen, ctx) = (site.citizen("ceshi1").await, site.citizen_at("ceshi1", MONDAY_MORNING).await);
        let filed = site.submitted(&site.citizen_at("ceshi2", MONDAY_MORNING).await, 2).await;
        let draft = site.complete_draft(&ctx, 1).await;
        let page = administrator.get(&format!("{PAGE}/{ITEM}")).await.ok().html().text("main");
        assert!(page.contains("受理中") && page.contains("决定（审批）") && page.contains("居民身份证"), "{page}");
        // What is missing is told beside its field, and nothing is done.
        let told = administrator.post(&of(ITEM, "pause"), &[("words", " "), ("reason", "")]).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = told.html();
        assert!(told.text("#f-words-error").contains("办事人会看到"));
        assert!(told.text("#f-reason-error").contains("请写明原因"));
        // The second click does nothing more.
        paused(administrator).await;
        paused(administrator).await;
        assert_eq!(site.audited("item.paused", "done").await, 1);
        let list = administrator.get(PAGE).await.ok().html();
        assert!(list.all("tbody tr")[0].text.contains("暂停受理"), "it stands first");
        assert!(!found(&citizen, "").await.contains(&ITEM.to_owned()));
        let guide = citizen.get(&format!("/items/{ITEM}")).await.ok().html();
        assert!(guide.text("main").contains(WORDS));
        assert!(!guide.has("form[action$='/apply']"));
        let refused = citizen.post(&format!("/items/{ITEM}/apply"), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.html().text("main").contains(WORDS));
        let refused = submit_case(&site.house.desk, &ctx, draft).await.err().unwrap();
        assert!(refused.message().contains(WORDS), "{}", refused.message());
        assert!(citizen.get("/me/cases").await.ok().html().text("main").contains("现在暂停受理"));
        // Nothing else writes these lines.
        assert_eq!(administrator.get("/workbench/settings/paused_items").await.status, StatusCode::NOT_FOUND);
        // A restart forgets nothing; what was filed goes on, to a licence by the item's release.
        site.republish(tongban::packs::transport()).await;
        let (administrator, citizen) = (&site.officer("administrator").await, site.citizen("ceshi1").await);
        assert!(citizen.get(&format!("/items/{ITEM}")).await.ok().text().contains(WORDS));
        let happened = "SELECT COUNT(*) AS n FROM licence_event";
        let before = site.count(happened).await;
        for (login, decision) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant")] {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, filed, decision).await;
        }
        site.drain().await;
        let maker = site.officer_at("maker", MONDAY_MORNING).await;
        decide(&site, &maker, filed, "made").await;
        assert!(site.count(happened).await > before, "something became of the licence");
        let reason = [("reason", "升级做完了")];
        let done = administrator.post(&of(ITEM, "resume"), &reason).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        assert!(found(&citizen, "").await.contains(&ITEM.to_owned()));
        submit_case(&site.house.desk, &ctx, draft).await.unwrap();
        let history = administrator.get(&format!("{PAGE}/{ITEM}")).await.ok().html().text("main");
        assert!(history.contains("恢复受理") && history.contains(WORDS) && history.contains("升级做完了"), "{history}");
        for login in ["acceptor", "supervisor"] {
            let other = site.officer(login).await;
            assert_eq!(other.get(PAGE).await.status, StatusCode::FORBIDDEN, "{login}");
            assert_eq!(other.post(&of(ITEM, "pause"), &reason).await.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(administrator.post(&of("none", "pause"), &reason).await.status, StatusCode::NOT_FOUND);
    }

    async fn labels_of_an_item_are_shown_found_by_given_and_taken(db: Db) {
        covers!("SH-036", "HB-110");
        let site = Site::on(db).await;
        let (administrator, visitor) = (&site.officer("administrator").await, &site.browser());
        // As the pack gives them: an item without one has no way to it.
        let unseen = found(visitor, "label=unseen").await;
        assert!(unseen.contains(&ITEM.to_owned()) && !unseen.contains(&"road-driver-grant".to_owned()));
        let home = visitor.get("/").await.ok().html();
        assert!(home.has("a[href='/items?label=unseen']") && !home.has("a[href='/items?label=regional']"));
        assert!(labels(&visitor.get(&format!("/items/{ITEM}")).await.ok().html()).contains("不见面办理"));
        assert!(!labels(&visitor.get("/items/road-driver-grant").await.ok().html()).contains("不见面办理"));
        // Whoever goes there is done without a counter.
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        for (login, decision) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant")] {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, case, decision).await;
        }
        // The licence is electronic: what follows is done by officers.
        for (login, decision) in [("maker", "made"), ("acceptor", "delivered")] {
            site.drain().await;
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, case, decision).await;
        }
        let done = tongban_cases::open_case(&site.house.desk, &citizen, case).await.unwrap();
        assert!(done.case.closed_at.is_some(), "closed, with nobody at a counter");
        // Given by an administrator, found by theme as well, and taken away again.
        let given = [("labels", "regional"), ("labels", "unseen"), ("reason", "列入区域通办")];
        assert_eq!(administrator.post(&of(ITEM, "labels"), &given).await.status, StatusCode::SEE_OTHER);
        assert_eq!(administrator.post(&of(ITEM, "labels"), &given).await.status, StatusCode::SEE_OTHER);
        assert_eq!(site.audited("item.labelled", "done").await, 1);
        assert_eq!(found(visitor, "label=regional&theme=lost-or-damaged").await, [ITEM]);
        assert!(found(visitor, "label=regional&theme=expiring").await.is_empty());
        assert!(visitor.get("/").await.ok().html().has("a[href='/items?label=regional']"));
        let taken = [("labels", "unseen"), ("reason", "不再列入")];
        assert_eq!(administrator.post(&of(ITEM, "labels"), &taken).await.status, StatusCode::SEE_OTHER);
        assert!(found(visitor, "label=regional").await.is_empty());
        let page = administrator.get(&format!("{PAGE}/{ITEM}")).await.ok().html();
        let history = page.text("main");
        assert!(history.contains("标识改为不见面办理、区域通办"), "{history}");
        let told = administrator.post(&of(ITEM, "labels"), &[("labels", "none"), ("reason", "")]).await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told = told.html();
        assert!(told.text("#f-labels-error").contains("重新选择") && told.has("#f-label-reason-error"));
    }

    async fn a_guide_is_shared_by_its_address_and_its_code_and_says_when_it_is_paused(db: Db) {
        covers!("XC-078");
        let site = Site::on(db).await;
        let anybody = site.browser();
        let guide = anybody.get(&format!("/items/{ITEM}")).await.ok().html();
        let shared = guide.text("[data-share]");
        let address = format!("{}/items/{ITEM}", site.house.desk.public_url);
        assert!(shared.contains(&address), "{shared}");
        let code = guide.one("[data-share] img").attribute("src").unwrap().to_owned();
        let picture = anybody.get(&code).await.ok().body;
        assert_eq!(picture, tongban_documents::qr_png(&address).unwrap(), "the code leads to the same guide");
        assert_eq!(anybody.get("/items/none/qr.png").await.status, StatusCode::NOT_FOUND);
        paused(&site.officer("administrator").await).await;
        let later = anybody.get(&format!("/items/{ITEM}")).await.ok().text();
        assert!(later.contains("现在暂停受理") && later.contains(WORDS));
    }

    async fn the_portal_is_given_the_published_item_and_nothing_of_a_paused_one(db: Db) {
        covers!("XC-116");
        let site = Site::on(db).await;
        let visitor = site.browser();
        let address = format!("/api/v1/items/{ITEM}");
        let given = visitor.get(&address).await.ok().json();
        let hash = given["release"].as_str().unwrap();
        let rows = site.rows("SELECT hash, body FROM release").await;
        let row = rows.iter().find(|row| row.get::<String>("hash").unwrap() == hash);
        assert!(row.is_some(), "the release that is published");
        let catalog = &site.house.desk.catalog;
        let today = site.house.app.now().date();
        let offered = catalog.offered(ITEM, today).unwrap();
        let published = catalog.released(site.db(), &offered.hash).await.unwrap();
        let published = serde_json::to_value(published.procedure()).unwrap();
        assert_eq!(given["item"], published, "field by field");
        let listed = |json: &Json| json["items"].as_array().unwrap().iter().any(|item| item["code"] == ITEM);
        assert!(listed(&visitor.get("/api/v1/items").await.ok().json()));
        paused(&site.officer("administrator").await).await;
        assert!(!listed(&visitor.get("/api/v1/items").await.ok().json()));
        let refused = visitor.get(&address).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        let told = refused.json();
        assert_eq!(told["code"], "item.paused");
        assert!(told["detail"].as_str().unwrap().contains(WORDS), "{told}");
    }
}
