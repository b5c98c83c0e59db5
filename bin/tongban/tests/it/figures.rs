//! What whoever supervises sees: figures that are the rows they lead to, what each officer has in hand, and urging.

use tokio::task::JoinSet;
use tongban_base::Timestamp;
use tongban_cases::{By, CaseId, figures, open_case, urge};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{Html, covers, on_both_databases};

use crate::at_once::decide;
use crate::browser::Browser;
use crate::house::{Site, migrations};
use crate::kept::{days_of, send};
use crate::lapsed::asked_to_correct;

const NOVEMBER: &str = "from=2026-11-01&to=2026-12-31";

fn at(day: &str) -> Timestamp {
    Timestamp::start_of(day.parse().unwrap()).plus_minutes(600)
}

/// The numbers of a line by the head of their column, with where they lead.
fn line(page: &Html, name: &str) -> Vec<(String, i64, String)> {
    let rows = page.all("table[aria-label='办件统计'] tbody tr, .tb-list table tbody tr");
    let row = rows.iter().find(|row| row.text.contains(name)).unwrap();
    let cells = Html::parse(&format!("<table>{}</table>", row.html));
    let told = cells.all("td[data-label]").into_iter().map(|cell| {
        let head = cell.attribute("data-label").unwrap().to_owned();
        let link = Html::parse(&cell.html).all("a").first().cloned();
        let href = link.and_then(|link| link.attribute("href").map(str::to_owned));
        (
            head,
            cell.text.trim().parse().unwrap(),
            href.unwrap_or_default(),
        )
    });
    told.collect()
}

async fn rows(browser: &Browser, address: &str) -> i64 {
    let page = browser.get(address).await.ok().html();
    i64::try_from(page.all("tbody tr").len()).unwrap()
}

async fn page(browser: &Browser, query: &str) -> Html {
    let address = format!("/workbench/figures?{query}");
    browser.get(&address).await.ok().html()
}

on_both_databases! {
    &migrations();

    async fn whoever_supervises_begins_with_figures_and_whoever_has_work_with_it(db: Db) {
        let site = Site::on(db).await;
        let supervisor = site.officer("supervisor").await;
        assert_eq!(supervisor.get("/workbench?begin").await.leads_to(), "/workbench/figures");
        supervisor.get("/workbench").await.ok();
        site.officer("acceptor").await.get("/workbench?begin").await.ok();
    }

    async fn each_figure_is_the_number_of_rows_that_it_leads_to_and_of_the_rows_in_sight(db: Db) {
        covers!("HA-046", "HA-067", "XC-210");
        let site = Site::on(db).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let mut cases = Vec::new();
        for (login, person, day) in [("ceshi1", 1, "2026-11-23"), ("ceshi2", 2, "2026-11-23"), ("ceshi3", 3, "2026-11-20")] {
            let citizen = site.citizen_at(login, at(day)).await;
            cases.push(site.submitted(&citizen, person).await);
        }
        decide(&site, &acceptor, cases[0], "accept").await;
        decide(&site, &acceptor, cases[1], "accept").await;
        // One is decided in time, one long after its last day; the third nobody has looked at.
        for (case, day) in [(cases[0], "2026-11-24"), (cases[1], "2026-12-21")] {
            for (login, decision) in [("reviewer", "pass"), ("approver", "deny")] {
                let officer = site.officer_at(login, at(day)).await;
                decide(&site, &officer, case, decision).await;
            }
        }
        let supervisor = site.officer("supervisor").await;
        let told = page(&supervisor, NOVEMBER).await;
        let found = line(&told, "补发");
        let numbers: Vec<(&str, i64)> = found.iter().map(|(head, n, _)| (head.as_str(), *n)).collect();
        let expected = [("收件", 3), ("受理", 2), ("办结", 2), ("逾期办结", 1), ("在办", 1), ("已超期", 0), ("本周到期", 1)];
        assert_eq!(numbers, expected);
        for (head, number, href) in &found {
            assert_eq!(href.is_empty(), *number == 0, "{head}");
            if *number > 0 {
                assert_eq!(rows(&supervisor, href).await, *number, "{head}: {href}");
            }
        }
        // By day and by office the same cases are counted; the file says the same.
        let by_day = page(&supervisor, &format!("by=day&{NOVEMBER}")).await;
        assert_eq!(line(&by_day, "2026年11月24日")[2].1, 1);
        assert_eq!(line(&by_day, "2026年12月21日")[3].1, 1);
        let by_office = page(&supervisor, &format!("by=office&{NOVEMBER}")).await;
        let office = by_office.all(".tb-list table tbody td.tb-cell-main").remove(0).text;
        assert_eq!(line(&by_office, office.trim())[0].1, 3);
        let one_day = "by=office&from=2026-11-23&to=2026-11-23";
        let on_one = page(&supervisor, one_day).await;
        assert_eq!(line(&on_one, office.trim())[0].1, 2);
        let file = supervisor.get(&format!("/workbench/figures/export?{one_day}")).await.ok().text();
        assert!(file.contains("\"合计\",\"2\","), "{file}");
        let file = supervisor.get(&format!("/workbench/figures/export?{NOVEMBER}")).await.ok().text();
        assert!(file.contains("\"合计\",\"3\",\"2\",\"2\",\"1\",\"1\",\"0\",\"1\""), "{file}");
        // Who looks from a district sees nothing of the city's, and who does not supervise nothing at all.
        let mut elsewhere = site.officer_at("supervisor", MONDAY_MORNING).await;
        let staff = elsewhere.actor.staff.as_mut().unwrap();
        "310101000000".clone_into(&mut staff.division);
        "sh-huangpu-transport".clone_into(&mut staff.organisation);
        let days = ("2026-11-01".parse().unwrap(), "2026-12-31".parse().unwrap());
        let none = figures(&site.house.desk, &elsewhere, By::Item, days).await.unwrap();
        assert!(none.lines.is_empty() && none.officers.is_empty());
        let refused = site.officer("acceptor").await.get("/workbench/figures").await;
        assert_eq!(refused.status, 403);
    }

    async fn what_is_overdue_is_counted_without_days_off_and_leads_to_its_rows(db: Db) {
        covers!("HA-048");
        let site = Site::on(db).await;
        let (holidays, workdays) = days_of(&site, "2026");
        let holidays = format!("{holidays}\n2026-11-18 示例假日");
        let fields = [("holidays", holidays.as_str()), ("workdays", workdays.as_str())];
        send(&site.officer("administrator").await, "year/2026", "", &fields).await.leads_to();
        // Five working days after the third was filed end on the Monday of the tests, but for the day off on the Friday.
        let mut filed = Vec::new();
        for (login, person, day) in [("ceshi1", 1, "2026-11-09"), ("ceshi2", 2, "2026-11-12"), ("ceshi3", 3, "2026-11-13")] {
            let citizen = site.citizen_at(login, at(day)).await;
            filed.push(site.submitted(&citizen, person).await);
        }
        let supervisor = site.officer("supervisor").await;
        let found = line(&page(&supervisor, NOVEMBER).await, "补发");
        let of = |name: &str| found.iter().find(|(head, ..)| head == name).unwrap();
        assert_eq!((of("在办").1, of("已超期").1), (3, 2));
        assert_eq!(rows(&supervisor, &of("已超期").2).await, 2);
        let listed = supervisor.get(&of("已超期").2).await.ok().html();
        let shown = filed.iter().map(|case| listed.has(&format!("a[href='/workbench/cases/{case}']")));
        assert_eq!(shown.collect::<Vec<_>>(), [true, true, false]);
    }

    async fn days_that_are_none_are_told_beside_their_field(db: Db) {
        let site = Site::on(db).await;
        let supervisor = site.officer("supervisor").await;
        for (query, words) in [
            ("from=2026-12-01&to=2026-11-01", "开始日期不能晚于结束日期"),
            ("from=gestern", "日期应为年-月-日"),
            ("from=1000-01-01&to=2026-11-01", "最多统计三年"),
        ] {
            let told = page(&supervisor, query).await;
            assert!(told.text("main").contains(words), "{query}");
            let typed = query.split('&').next().unwrap().split_once('=').unwrap().1;
            assert_eq!(told.one("#f-from").attribute("value"), Some(typed), "what was typed stays");
            let file = supervisor.get(&format!("/workbench/figures/export?{query}")).await;
            assert_eq!(file.status, 422, "{query}");
        }
    }

    async fn what_an_officer_has_to_do_does_not_and_has_done_stands_apart(db: Db) {
        covers!("XC-208", "HD-075");
        let site = Site::on(db).await;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let mut cases = Vec::new();
        for (login, person) in [("ceshi1", 1), ("ceshi2", 2), ("ceshi3", 3), ("ceshi4", 4)] {
            let citizen = site.citizen_at(login, MONDAY_MORNING).await;
            cases.push(site.submitted(&citizen, person).await);
        }
        let [_, running, halted, done] = cases[..] else { panic!("four cases") };
        decide(&site, &acceptor, running, "accept").await;
        asked_to_correct(&site, halted).await;
        decide(&site, &acceptor, done, "refuse").await;
        let clerk = site.officer("acceptor").await;
        let listed = async |address: &str| {
            let page = clerk.get(address).await.ok().html();
            let links = page.all("tbody .tb-cell-main a").into_iter();
            let cases = links.map(|a| a.attribute("href").unwrap().to_owned());
            let mut cases: Vec<String> = cases.map(|href| href["/workbench/cases/".len()..][..36].to_owned()).collect();
            cases.sort();
            cases
        };
        let are = |cases: &[CaseId]| {
            let mut cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
            cases.sort();
            cases
        };
        assert_eq!(listed("/workbench").await, are(&cases[..1]));
        assert_eq!(listed("/workbench/handled?part=running").await, are(&[running, halted]));
        assert_eq!(listed("/workbench/handled?part=halted").await, are(&[halted]));
        assert_eq!(listed("/workbench/handled?part=done").await, are(&[done]));
        // What is over is shown with all of it, and nothing of it can be changed.
        let over = clerk.get(&format!("/workbench/cases/{done}")).await.ok().html();
        let shown = over.text("main");
        for words in ["申请内容", "材料", "原证.pdf", "不予受理", "测试意见"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(!over.has("form#task") && !over.has("form[action^='/workbench/tasks/']"));
        let task: String = site.rows("SELECT t.id FROM flow_task t JOIN case_record c ON c.id = t.subject WHERE c.status = 'refused'").await[0].get("id").unwrap();
        let changed = clerk.post(&format!("/workbench/tasks/{task}"), &[("decision", "accept"), ("opinion", "改判")]).await;
        assert_eq!(changed.status, 409);
        assert_eq!(listed("/workbench/handled?part=done").await, are(&[done]));
        // What is there is worked on from there, and what is another's is not.
        clerk.get(&format!("/workbench/cases/{running}")).await.ok();
        let other = site.officer("reviewer").await;
        let own = other.get("/workbench/handled?part=running").await.ok().html();
        assert!(own.all("tbody tr").is_empty());
        let task = tongban_cases::tasks_of(&site.house.desk, cases[0]).await.unwrap()[0].id;
        let refused = other.post(&format!("/workbench/tasks/{task}"), &[("decision", "accept")]).await;
        assert_eq!(refused.status, 403);
    }

    async fn what_is_late_is_listed_and_urged_and_what_is_not_is_neither(db: Db) {
        let site = Site::on(db).await;
        let mut filed = Vec::new();
        for (login, person, day) in [("ceshi1", 1, "2026-11-09"), ("ceshi2", 2, "2026-11-19"), ("ceshi3", 3, "2026-11-23")] {
            let citizen = site.citizen_at(login, at(day)).await;
            filed.push(site.submitted(&citizen, person).await);
        }
        let late = filed[0];
        let supervisor = site.officer("supervisor").await;
        for (list, case) in [("late", late), ("week", filed[1])] {
            let address = format!("/workbench/cases?{list}=1");
            assert_eq!(rows(&supervisor, &address).await, 1, "{list}");
            let page = supervisor.get(&address).await.ok().html();
            assert!(page.has(&format!("a[href='/workbench/cases/{case}']")), "{list}");
        }
        let address = format!("/workbench/cases/{late}/urge");
        let empty = supervisor.post(&address, &[("urge-words", "  ")]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.html().text("#urge").contains("请写明督办意见"));
        for _ in 0..2 {
            let done = supervisor.post(&address, &[("urge-words", "请今天办理")]).await;
            assert_eq!(done.leads_to(), format!("/workbench/cases/{late}"));
        }
        let page = supervisor.get(&format!("/workbench/cases/{late}")).await.ok().html();
        assert_eq!(page.text("main").matches("请今天办理").count(), 1);
        let clerk = site.officer("acceptor").await;
        let told = clerk.get("/workbench/messages").await.ok().html().text("main");
        assert_eq!(told.matches("被督办：请今天办理").count(), 1);
        // The same words on another day are another urging.
        let tomorrow = site.officer_at("supervisor", at("2026-11-24")).await;
        urge(&site.house.desk, &tomorrow, late, "请今天办理".into()).await.unwrap();
        let told = clerk.get("/workbench/messages").await.ok().html().text("main");
        assert_eq!(told.matches("被督办：请今天办理").count(), 2);
        assert_eq!(clerk.post(&address, &[("urge-words", "请今天办理")]).await.status, 403);
        // Not more often than is of use, and many clicks at once are one.
        let next = site.officer_at("supervisor", at("2026-11-25")).await;
        let desk = &site.house.desk;
        let mut clicks = JoinSet::new();
        for _ in 0..10 {
            let (desk, next) = (desk.clone(), next.clone());
            clicks.spawn(async move { urge(&desk, &next, late, "再次督办".into()).await });
        }
        assert!(clicks.join_all().await.iter().all(Result::is_ok));
        for words in ["第二次", "第三次"] {
            urge(desk, &next, late, words.into()).await.unwrap();
        }
        let refused = urge(desk, &next, late, "第四次".into()).await.unwrap_err();
        assert!(refused.message().contains("今天已经督办 3 次"), "{}", refused.message());
        let told = site.citizen("ceshi1").await.get(&format!("/api/v1/cases/{late}")).await.ok().text();
        assert!(told.contains("case.submitted") && !told.contains("case.urged"), "{told}");
        // What waits for the applicant or is over has nobody to be urged.
        asked_to_correct(&site, late).await;
        let waits = supervisor.post(&address, &[("urge-words", "再督办一次")]).await;
        assert_eq!(waits.status, 409);
        assert!(waits.html().text("main").contains("现在没有要督办的环节"));
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let journal = open_case(&site.house.desk, &citizen, late).await.unwrap().events;
        assert_eq!(journal.iter().filter(|event| event.kind == "case.urged").count(), 5);
    }
}
