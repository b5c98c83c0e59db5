//! The queue of an officer: what presses stands first, filters and numbers tell the same, whoever opens a case from it
//! stays in it, and a decision leads to what stands behind.

use tongban_base::Timestamp;
use tongban_cases::{CaseId, tasks_of};
use tongban_store::params;
use tongban_testkit::{Html, on_both_databases};

use crate::at_once::decide;
use crate::house::{Site, migrations};

/// Filed so many days before now, by the citizen of that number.
async fn filed(site: &Site, number: u32, days: i64) -> CaseId {
    let at = days_ago(site, days);
    let citizen = site.citizen_at(&format!("ceshi{number}"), at).await;
    site.submitted(&citizen, number as usize).await
}

fn days_ago(site: &Site, days: i64) -> Timestamp {
    site.house.app.now().plus_minutes(-days * 24 * 60)
}

fn cases(page: &Html) -> Vec<String> {
    let links = page.all("tbody .tb-cell-main a").into_iter();
    let id = |href: &str| href.split(['/', '?']).nth(3).unwrap_or_default().to_owned();
    links
        .map(|link| id(link.attribute("href").unwrap()))
        .collect()
}

fn ids(cases: &[CaseId]) -> Vec<String> {
    cases.iter().map(ToString::to_string).collect()
}

/// Labels and numbers of the ways to what presses.
fn dues(page: &Html) -> Vec<String> {
    page.texts("a[data-due]")
}

/// The order follows from the last days of case and step, whatever happened.
async fn assert_ranked(site: &Site) {
    let sql = "SELECT COUNT(*) AS n FROM flow_task t JOIN case_record c ON c.id = t.subject WHERE t.closed_at IS NULL
        AND t.danger <> CASE WHEN c.paused IS NOT NULL THEN '9999-12-31' WHEN t.due_on < c.due_on THEN t.due_on
            ELSE COALESCE(c.due_on, t.due_on, '9999-12-31') END";
    assert_eq!(site.count(sql).await, 0);
}

on_both_databases! {
    &migrations();

    async fn what_presses_stands_first_and_the_numbers_are_those_of_the_rows(db: Db) {
        let site = Site::on(db).await;
        // The newest is filed first: the order is not that of arrival.
        let (fresh, late, older) = (filed(&site, 1, 0).await, filed(&site, 2, 30).await, filed(&site, 3, 3).await);
        let clerk = site.officer("acceptor").await;
        let page = clerk.get("/workbench").await.ok().html();
        assert_eq!(cases(&page), ids(&[late, older, fresh]));
        assert_ranked(&site).await;
        let notes = page.texts("td[data-label=期限]");
        assert!(notes[0].starts_with("已超期 "), "{notes:?}");
        assert!(notes[2].starts_with("还剩 "), "{notes:?}");
        // Only what is late has the colour.
        assert_eq!(page.all("td[data-label=期限] .tb-late:not([data-step])").len(), 1);

        assert!(dues(&page)[0].starts_with("已超期1"), "{:?}", dues(&page));
        let only = clerk.get("/workbench?due=late").await.ok().html();
        assert_eq!(cases(&only), ids(&[late]));
        assert_eq!(only.one("a[data-due][aria-current]").attribute("href"), Some("/workbench"), "a second press leads back");
        // The other way round, and by arrival.
        let turned = clerk.get("/workbench?way=down").await.ok().html();
        assert_eq!(cases(&turned), ids(&[fresh, older, late]));
        assert_eq!(turned.one("th[aria-sort=descending]").text, "期限");
        // Arrival goes by when the task was opened.
        let arrived = clerk.get("/workbench?sort=arrival").await.ok().html();
        assert_eq!(cases(&arrived), ids(&[fresh, late, older]));
    }

    async fn filters_find_by_step_item_words_and_what_came_again(db: Db) {
        let site = Site::on(db).await;
        let (one, two) = (filed(&site, 1, 2).await, filed(&site, 2, 2).await);
        let clerk = site.officer("acceptor").await;
        let whole = clerk.get("/workbench").await.ok().html();
        let option = |name: &str| whole.texts(&format!("select[name={name}] option")).pop().unwrap();
        assert!(option("step").ends_with("（2）") && option("item").ends_with("（2）"));
        let step = whole.all("select[name=step] option").pop().unwrap();
        let step = step.attribute("value").unwrap().to_owned();
        let narrowed = clerk.get(&format!("/workbench?step={step}")).await.ok().html();
        assert_eq!(cases(&narrowed).len(), 2);
        assert_eq!(narrowed.one("select[name=step] option[selected]").attribute("value"), Some(step.as_str()));
        let none = clerk.get("/workbench?step=nowhere").await.ok().html();
        assert!(none.text("main").contains("所选条件下没有待办任务"));
        assert!(cases(&clerk.get("/workbench?item=nothing").await.ok().html()).is_empty());
        // By number: its beginning, its last digits, as it is printed; by the whole name.
        let numbers = whole.texts("td[data-label=办件编号]");
        let last = &numbers[1][numbers[1].len() - 4..];
        for words in [numbers[1].as_str(), last] {
            let found = clerk.get(&format!("/workbench?q={words}")).await.ok().html();
            assert_eq!(found.texts("td[data-label=办件编号]"), [numbers[1].clone()], "{words}");
        }
        let supervisor = site.officer("supervisor").await;
        let found = supervisor.get(&format!("/workbench/cases?q={last}")).await.ok().html();
        assert_eq!(found.texts("td[data-label=办件编号]"), [numbers[1].clone()]);
        let name = &whole.texts("td[data-label=申请人]")[0];
        let found = clerk.get(&format!("/workbench?q={}", urlencoding(name))).await.ok().html();
        assert_eq!(found.texts("td[data-label=申请人]"), std::slice::from_ref(name));
        // What asks for nothing that is known asks for nothing.
        for odd in ["?due=never", "?state=x&sort=y", "?q=%25", "?q=_"] {
            let page = clerk.get(&format!("/workbench{odd}")).await.ok().html();
            assert_eq!(cases(&page).len(), if odd.contains("q=") { 0 } else { 2 }, "{odd}");
        }
        // Sent back by a later office.
        let _ = decide(&site, &site.officer_at("acceptor", days_ago(&site, 1)).await, one, "accept").await;
        let reviewer = site.officer("reviewer").await;
        let task = tasks_of(&site.house.desk, one).await.unwrap()[0].id;
        let returned = reviewer.post(&format!("/workbench/tasks/{task}/return"), &[("reason", "请再核对")]).await;
        returned.leads_to();
        let again = clerk.get("/workbench?state=returned").await.ok().html();
        assert_eq!(cases(&again), ids(&[one]));
        assert!(again.text("td[data-label=环节]").contains("退回重办"));
        assert_eq!(cases(&clerk.get("/workbench").await.ok().html()).len(), 2);
        assert_ranked(&site).await;
        // Why it came back stands above the buttons, and none of them is favoured; once it is decided anew nothing is left.
        let page = clerk.get(&format!("/workbench/cases/{one}")).await.ok().html();
        assert!(page.text("[data-adverse]").contains("退回重办：请再核对"));
        assert!(!page.has("#f-decision .btn-primary"));
        decide(&site, &site.officer_at("acceptor", site.house.app.now()).await, one, "accept").await;
        let queue = reviewer.get("/workbench").await.ok().html();
        assert_eq!(cases(&queue), ids(&[one]));
        assert!(!queue.text("td[data-label=环节]").contains("退回重办"));
        assert!(cases(&reviewer.get("/workbench?state=returned").await.ok().html()).is_empty());
        assert_ne!(one, two);
    }

    async fn a_case_opened_from_a_queue_stays_in_it_and_a_decision_leads_to_what_stands_behind(db: Db) {
        let site = Site::on(db).await;
        let (late, older, fresh) = (filed(&site, 1, 30).await, filed(&site, 2, 3).await, filed(&site, 3, 0).await);
        let clerk = site.officer("acceptor").await;
        let queue = clerk.get("/workbench?way=down").await.ok().html();
        assert_eq!(cases(&queue), ids(&[fresh, older, late]));
        let links = queue.all("tbody .tb-cell-main a");
        let opened = links[1].attribute("href").unwrap().to_owned();
        let page = clerk.get(&opened).await.ok().html();
        let beside = |page: &Html, way: &str| {
            let link = page.all(&format!("a[data-beside={way}]")).pop();
            link.map(|link| link.attribute("href").unwrap().to_owned())
        };
        assert_eq!(beside(&page, "before").as_deref(), links[0].attribute("href"));
        assert_eq!(beside(&page, "behind").as_deref(), links[2].attribute("href"));
        assert!(page.has(".tb-crumbs a[href='/workbench?way=down']"), "the way back keeps the order");
        assert!(page.has(".tb-side a[href='/workbench'][aria-current]"), "the menu tells where one is");
        let first = clerk.get(links[0].attribute("href").unwrap()).await.ok().html();
        assert_eq!(beside(&first, "before"), None);

        let task = page.one("form#task").attribute("action").unwrap().to_owned();
        let from = page.one("form#task input[name=from]").attribute("value").unwrap().to_owned();
        let sent = [("decision", "accept"), ("opinion", "齐全"), ("then", "next"), ("from", from.as_str())];
        let done = clerk.post(&task, &sent).await;
        assert_eq!(done.leads_to(), links[2].attribute("href").unwrap(), "not the one that was passed over");
        // Behind the last one it begins again.
        let page = clerk.get(links[2].attribute("href").unwrap()).await.ok().html();
        let task = page.one("form#task").attribute("action").unwrap().to_owned();
        let done = clerk.post(&task, &sent).await;
        assert_eq!(done.leads_to(), links[0].attribute("href").unwrap());
        // What is left under the wish is none: the whole queue is shown, and that is told.
        let page = clerk.get(links[0].attribute("href").unwrap()).await.ok().html();
        let task = page.one("form#task").attribute("action").unwrap().to_owned();
        assert_eq!(clerk.post(&task, &sent).await.leads_to(), "/workbench");
        let today = clerk.get("/workbench/handled?part=today").await.ok().html();
        assert_eq!(today.all("tbody tr").len(), 3);
        assert_eq!(today.one(".tb-views a[aria-current]").text, "今天办过");
        assert_ranked(&site).await;
    }

    async fn what_stands_still_comes_last_and_a_changed_order_hides_nothing(db: Db) {
        let site = Site::on(db).await;
        let (late, fresh) = (filed(&site, 1, 30).await, filed(&site, 2, 0).await);
        for case in [late, fresh] {
            decide(&site, &site.officer_at("acceptor", days_ago(&site, 0)).await, case, "accept").await;
        }
        let reviewer = site.officer("reviewer").await;
        assert_eq!(cases(&reviewer.get("/workbench").await.ok().html()), ids(&[late, fresh]));
        let pause = [("change", "pause"), ("name", "检验"), ("expected", "5"), ("reason", "等待检测")];
        let paused = reviewer.post(&format!("/workbench/cases/{late}/clock"), &pause).await;
        assert!(paused.status.is_redirection(), "{}", paused.status);
        assert_eq!(cases(&reviewer.get("/workbench").await.ok().html()), ids(&[fresh, late]));
        assert_ranked(&site).await;
        // Somebody who writes beside the program can move a row, and takes none away.
        let sql = "UPDATE flow_task SET danger = '0001-01-01' WHERE subject = $1";
        site.db().write(late.to_string(), move |tx, case| {
            Box::pin(async move { tx.execute(sql, params![case.as_str()]).await })
        }).await.unwrap();
        let page = reviewer.get("/workbench").await.ok().html();
        assert_eq!(cases(&page), ids(&[late, fresh]));
    }
}

fn urlencoding(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
