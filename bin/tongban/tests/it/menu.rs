//! The officers' menu: how many tasks wait, on every page of the workbench; what stands in it opens, and nothing else.

use axum::http::StatusCode;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, on_both_databases};

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

    async fn what_stands_in_a_menu_opens_and_what_stands_only_in_others_is_refused(db: Db) {
        covers!("HA-007", "XC-109");
        let site = Site::on(db).await;
        let mut menus = Vec::new();
        for login in ["acceptor", "reviewer", "approver", "maker", "supervisor", "administrator"] {
            let officer = site.officer(login).await;
            let page = officer.get("/workbench").await.ok().html();
            let links = page.all(".tb-side a[href^='/workbench']").into_iter();
            let menu: Vec<String> = links.map(|link| link.attribute("href").unwrap().to_owned()).collect();
            for address in &menu {
                let opened = officer.get(address).await.status;
                assert!(opened.is_success() || opened.is_redirection(), "{login} {address}: {opened}");
            }
            menus.push((login, officer, menu));
        }
        let places: [(&str, &[&str]); 6] = [
            ("/workbench/counter", &["acceptor"]),
            ("/workbench/licences", &["approver"]),
            ("/workbench/papers", &["maker"]),
            ("/workbench/figures", &["supervisor"]),
            ("/workbench/audit", &["supervisor", "administrator"]),
            ("/workbench/staff", &["administrator"]),
        ];
        for (address, whose) in places {
            for (login, officer, menu) in &menus {
                let shown = menu.iter().any(|own| own == address);
                assert_eq!(shown, whose.contains(login), "{login} {address}");
                let opened = officer.get(address).await.status;
                let expected = if shown { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(opened, expected, "{login} {address}");
            }
        }
    }

    async fn the_menu_counts_the_tasks_of_the_officers_own_queue(db: Db) {
        covers!("HA-007");
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
