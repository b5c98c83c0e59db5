//! The officers' menu says how many tasks wait, on every page of the workbench.

use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations};

/// The number beside 待办任务 on a page that has nothing to do with cases.
async fn waiting(site: &Site, login: &str) -> Option<String> {
    let page = site
        .officer(login)
        .await
        .get("/workbench/messages")
        .await
        .ok()
        .html();
    assert!(page.has(".tb-side a[href='/workbench']"));
    page.texts(".tb-side a[href='/workbench'] .tb-count").pop()
}

on_both_databases! {
    &migrations();

    async fn the_menu_counts_the_tasks_of_the_officers_own_queue(db: Db) {
        let site = Site::on(db).await;
        assert_eq!(waiting(&site, "acceptor").await, None);
        let mut cases = Vec::new();
        for person in [1, 2] {
            let citizen = site.citizen_at(&format!("ceshi{person}"), MONDAY_MORNING).await;
            cases.push(site.submitted(&citizen, person).await);
        }
        assert_eq!(waiting(&site, "acceptor").await.as_deref(), Some("2 件"));
        for other in ["reviewer", "supervisor", "huangpu-acceptor"] {
            assert_eq!(waiting(&site, other).await, None, "{other}");
        }
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        decide(&site, &acceptor, cases[0], "accept").await;
        assert_eq!(waiting(&site, "acceptor").await.as_deref(), Some("1 件"));
        assert_eq!(waiting(&site, "reviewer").await.as_deref(), Some("1 件"));
    }
}
