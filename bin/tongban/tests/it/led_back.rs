//! Where people are led after a login: never to an address that only takes forms.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tongban_identity::DEMO_PASSWORD;
use tongban_testkit::on_both_databases;

use crate::browser::Browser;
use crate::house::{ITEM, Site, migrations};
use crate::routes::filled;

on_both_databases! {
    &migrations();

    async fn whoever_must_log_in_is_never_led_to_the_target_of_a_form(db: Db) {
        let site = Site::on(db).await;
        let forms = site.table.iter().filter(|r| r.method != "GET" && !r.path.starts_with("/api/") && !r.oauth);
        for route in forms {
            let path = filled(route.path);
            for (kind, login) in [("citizen", "ceshi1"), ("staff", "acceptor")] {
                let to = after_login(&site, kind, login, &path).await;
                let place = site.house.app.page_at(&to);
                assert_eq!(place, to, "{} leads to {to}", route.path);
                let opened = site.browser().get(&to).await;
                assert_ne!(opened.status, StatusCode::METHOD_NOT_ALLOWED, "{to}");
            }
            let asked = site.browser().get(&path).await;
            assert_ne!(asked.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            assert!(!asked.text().contains("不支持这种操作"), "{path}");
        }
    }

    async fn the_button_of_a_guide_leads_through_the_login_to_the_first_step(db: Db) {
        let site = Site::on(db).await;
        let apply = format!("/items/{ITEM}/apply");
        let button = Request::post(&apply).header(header::HOST, "a.example");
        let button = button.header(header::REFERER, format!("http://a.example/items/{ITEM}"));
        let to = site.browser().send(button.body(Body::empty()).unwrap()).await;
        let login = to.leads_to().to_owned();
        assert_eq!(login, format!("/login?next={}", apply.replace('/', "%2F")));
        assert_eq!(after_login(&site, "citizen", "ceshi1", &apply).await, apply);

        let citizen = site.citizen("ceshi1").await;
        let begun = from_our_pages(&citizen, &apply).await;
        assert!(begun.starts_with("/me/drafts/"), "{begun}");
        let first = citizen.get(&begun).await.leads_to().to_owned();
        citizen.get(&first).await.ok();
        let again = from_our_pages(&citizen, &apply).await;
        assert_eq!(again, begun, "the same draft is found");

        let stranger = site.citizen("ceshi2").await;
        assert_eq!(stranger.get(&apply).await.leads_to(), format!("/items/{ITEM}"));
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM draft").await, 1, "a link begins nothing");
    }

    async fn a_form_sent_after_the_session_ended_leads_back_to_its_page(db: Db) {
        let site = Site::on(db).await;
        let id = "0190a0a0-0000-7000-8000-000000000000";
        let request = |from: &str| {
            Request::post(format!("/me/drafts/{id}/files/photo"))
                .header(header::HOST, "a.example")
                .header(header::REFERER, from)
                .body(Body::empty())
                .unwrap()
        };
        let page = format!("/me/drafts/{id}/materials");
        for (from, back) in [
            (format!("http://a.example{page}"), page.clone()),
            ("http://b.example/x".to_owned(), format!("/me/drafts/{id}")),
        ] {
            let to = site.browser().send(request(&from)).await;
            assert_eq!(to.leads_to(), format!("/login?next={}", back.replace('/', "%2F")));
        }
    }
}

/// Where the login leads that was asked for on the way to `next`.
pub async fn after_login(site: &Site, kind: &str, login: &str, next: &str) -> String {
    let fields = [
        ("as", kind),
        ("next", next),
        ("login", login),
        ("password", DEMO_PASSWORD),
    ];
    let entered = site.browser().post("/login", &fields).await;
    entered.leads_to().to_owned()
}

async fn from_our_pages(browser: &Browser, path: &str) -> String {
    let request = Request::get(path).header("sec-fetch-site", "same-origin");
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    answer.leads_to().to_owned()
}
