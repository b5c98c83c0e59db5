//! Beside the steps of a case: the applicant asks and is answered, officers note for each other, whoever needs the person
//! behind it sees him, and many tasks of one kind are decided at once.

use tokio::task::JoinSet;
use tongban_cases::{CaseId, Saying, Status, open_case, say, tasks_of};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::decide;
use crate::house::{Site, migrations};

async fn filed(site: &Site, number: usize) -> CaseId {
    let citizen = site
        .citizen_at(&format!("ceshi{number}"), MONDAY_MORNING)
        .await;
    site.submitted(&citizen, number).await
}

on_both_databases! {
    &migrations();

    async fn an_applicant_asks_and_the_office_answers(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, 1).await;
        let (citizen, clerk) = (site.citizen("ceshi1").await, site.officer("acceptor").await);
        let (mine, theirs) = (format!("/me/cases/{case}"), format!("/workbench/cases/{case}"));
        // Nothing is asked without words, and nothing typed is lost.
        let empty = citizen.post(&format!("{mine}/say"), &[("said", "  ")]).await;
        assert_eq!(empty.status, 422);
        assert!(empty.html().text("#ask").contains("请写明内容"));
        let long = "长".repeat(501);
        let too_long = citizen.post(&format!("{mine}/say"), &[("said", &long)]).await;
        assert_eq!(too_long.status, 422);
        assert_eq!(too_long.html().text("#f-said"), long);
        let ask = [("said", "照片要不要盖章？")];
        for _ in 0..2 {
            assert_eq!(citizen.post(&format!("{mine}/say"), &ask).await.leads_to(), mine);
        }
        let told = clerk.get("/workbench/messages").await.ok().html().text("main");
        assert_eq!(told.matches("照片要不要盖章？").count(), 1, "a second click asks once");
        let page = clerk.get(&theirs).await.ok().html();
        assert!(page.text("[data-question]").contains("照片要不要盖章？"));

        // Inside the office; the applicant sees none of it.
        for (kind, words) in [("note", "等处长回来再定"), ("phone", "电话里说明了原因")] {
            let noted = clerk.post(&format!("{theirs}/say"), &[("kind", kind), ("said", words)]).await;
            assert_eq!(noted.leads_to(), theirs);
        }
        let refused = clerk.post(&format!("{theirs}/say"), &[("kind", "question"), ("said", "不该这样")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.html().text("#f-said"), "不该这样");
        clerk.post(&format!("{theirs}/say"), &[("kind", "answer"), ("said", "不用盖章")]).await.leads_to();
        let page = clerk.get(&theirs).await.ok().html();
        assert!(!page.has("[data-question]"), "it is answered");
        let course = page.text("#course");
        for words in ["内部备注", "等处长回来再定", "电话记录", "答复申请人", "申请人提问"] {
            assert!(course.contains(words), "{words}");
        }
        let seen = citizen.get(&mine).await.ok().html().text("main");
        assert!(seen.contains("不用盖章") && !seen.contains("等处长") && !seen.contains("电话里"), "{seen}");
        let inbox = citizen.get("/me/messages").await.ok().html().text("main");
        assert!(inbox.contains("有经办部门的答复：不用盖章"));

        // Strangers find nothing, and a case that is over is asked about elsewhere.
        let stranger = site.citizen("ceshi2").await;
        assert_eq!(stranger.post(&format!("{mine}/say"), &ask).await.status, 404);
        let other = site.officer("huangpu-acceptor").await;
        assert_eq!(other.post(&format!("{theirs}/say"), &[("kind", "note"), ("said", "路过")]).await.status, 404);
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        decide(&site, &acceptor, case, "refuse").await;
        let late = citizen.post(&format!("{mine}/say"), &[("said", "为什么？")]).await;
        assert_eq!(late.status, 409);
        assert!(!citizen.get(&mine).await.ok().html().has("#ask"));
    }

    async fn an_applicant_asks_so_often_a_day_whoever_clicks_at_once(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, 1).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let mut clicks = JoinSet::new();
        for number in 0..9 {
            let (desk, citizen) = (site.house.desk.clone(), citizen.clone());
            let words = format!("第 {number} 问");
            clicks.spawn(async move { say(&desk, &citizen, case, Saying::Question, words).await });
        }
        let taken = clicks.join_all().await.into_iter().filter(Result::is_ok).count();
        assert_eq!(taken, 5);
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        assert_eq!(view.events.iter().filter(|event| event.kind == "case.said").count(), 5);
        assert_eq!(view.broken_at, None);
    }

    async fn the_bell_counts_on_every_page_until_messages_are_read(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, 1).await;
        let clerk = site.officer("acceptor").await;
        let bell = async || clerk.get("/workbench/handled").await.ok().html().texts(".tb-dot").pop();
        let before = bell().await;
        let citizen = site.citizen("ceshi1").await;
        citizen.post(&format!("/me/cases/{case}/say"), &[("said", "还要多久？")]).await.leads_to();
        let after = bell().await.unwrap();
        assert_ne!(before.as_deref(), Some(after.as_str()));
        assert!(after.contains("条未读"), "{after}");
        clerk.post("/workbench/messages/read", &[]).await.leads_to();
        assert_eq!(bell().await, None);
    }

    async fn numbers_are_shown_in_full_to_whoever_says_why_and_that_is_on_record(db: Db) {
        let site = Site::on(db).await;
        let (case, other) = (filed(&site, 1).await, filed(&site, 2).await);
        let clerk = site.officer("acceptor").await;
        let page = clerk.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(!page.has("[data-full-id]") && !page.has("[data-full-mobile]"));
        assert!(!page.text("#person").contains(&other.to_string()), "somebody else's case is not his");
        let entries = "SELECT COUNT(*) AS n FROM audit_entry WHERE event = 'case.revealed'";
        let address = format!("/workbench/cases/{case}/reveal");
        assert_eq!(clerk.post(&address, &[("why", "curious")]).await.status, 422);
        assert_eq!(site.count(entries).await, 0);
        let shown = clerk.post(&address, &[("why", "call")]).await.ok().html();
        let mobile = shown.one("[data-full-mobile]");
        assert_eq!(mobile.attribute("href"), Some(format!("tel:{}", mobile.text).as_str()));
        assert!(mobile.text.len() == 11 && !mobile.text.contains('*'));
        assert!(!shown.has("[data-full-id]"), "no more than was asked for");
        assert_eq!(site.count(entries).await, 1);
        let shown = clerk.post(&address, &[("why", "check")]).await.ok().html();
        assert_eq!(shown.one("[data-full-id]").text.len(), 18);
        assert!(!shown.has("[data-full-mobile]"));
        assert_eq!(site.count(entries).await, 2);
        // Whoever has nothing to do with it is shown nothing.
        for stranger in ["huangpu-acceptor", "maker"] {
            let refused = site.officer(stranger).await.post(&address, &[("why", "check")]).await;
            assert!(matches!(refused.status.as_u16(), 403 | 404), "{stranger}: {}", refused.status);
        }
        assert_eq!(site.count(entries).await, 2);
    }

    async fn many_tasks_of_a_step_are_decided_at_once_and_each_result_is_told(db: Db) {
        let site = Site::on(db).await;
        let mut cases = Vec::new();
        for number in 1..=3 {
            let case = filed(&site, number).await;
            for (login, decision) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant")] {
                let officer = site.officer_at(login, MONDAY_MORNING).await;
                decide(&site, &officer, case, decision).await;
            }
            cases.push(case);
        }
        site.drain().await;
        let maker = site.officer("maker").await;
        let whole = maker.get("/workbench").await.ok().html();
        assert!(whole.has("#batch"), "there is one step only");
        let step = whole.all("select[name=step] option").pop().unwrap().attribute("value").unwrap().to_owned();
        let page = maker.get(&format!("/workbench?step={step}")).await.ok().html();
        let tasks = page.all("input[name=task]");
        assert_eq!(tasks.len(), 3);
        assert_eq!(page.one("#batch button").attribute("value"), Some("made"));
        let ids: Vec<String> = tasks.iter().map(|task| task.attribute("value").unwrap().to_owned()).collect();
        // Nothing chosen, and what may not be chosen for many.
        assert_eq!(maker.post("/workbench/batch", &[("decision", "made")]).await.status, 422);
        let other = maker.post("/workbench/batch", &[("task", ids[0].as_str()), ("decision", "deny")]).await.ok().html();
        assert!(other.text("main").contains("不能批量办理"));
        // Somebody was faster with one of them.
        let colleague = site.officer_at("maker", MONDAY_MORNING).await;
        decide(&site, &colleague, cases[0], "made").await;
        let mut form: Vec<(&str, &str)> = ids.iter().map(|id| ("task", id.as_str())).collect();
        form.extend([("decision", "made"), ("from", "step=make")]);
        for click in ["first", "second"] {
            let done = maker.post("/workbench/batch", &form).await.ok().html();
            let told = done.text("[data-done]");
            assert!(told.contains("办好 3 件") || told.contains("办好 2 件，没有办成 1 件"), "{click}: {told}");
            assert!(done.has("a[href='/workbench?step=make']"));
        }
        for case in &cases {
            let names: Vec<String> = tasks_of(&site.house.desk, *case).await.unwrap().into_iter().map(|t| t.element).collect();
            assert!(!names.contains(&step), "{names:?}");
        }
        assert!(maker.get("/workbench").await.ok().html().text("main").contains("没有待办任务"));
        // An officer without the role decides none of them.
        let fresh = filed(&site, 4).await;
        let task = tasks_of(&site.house.desk, fresh).await.unwrap()[0].id.to_string();
        let refused = maker.post("/workbench/batch", &[("task", task.as_str()), ("decision", "accept")]).await.ok().html();
        assert!(refused.text("[data-done]").contains("没有办成 1 件"));
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        assert_eq!(open_case(&site.house.desk, &acceptor, fresh).await.unwrap().case.status, Status::Submitted);
    }
}
