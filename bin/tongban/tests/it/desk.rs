//! Deciding at the desk: the return key decides nothing, what harms is asked once with its letter, marks are never lost,
//! an earlier objection is seen, files are read beside the fields.

use axum::http::StatusCode;
use tongban_cases::{CaseId, Decision, Status, complete_task, open_case, tasks_of};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::house::{Site, migrations};

const REASON: &str = "不属于本机关职权范围，请向有关行政机关申请";

async fn filed(site: &Site, login: &str, person: usize) -> CaseId {
    let citizen = site.citizen_at(login, MONDAY_MORNING).await;
    site.submitted(&citizen, person).await
}

async fn task_page(site: &Site, case: CaseId) -> (String, String) {
    let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
    (
        format!("/workbench/cases/{case}?task={task}"),
        format!("/workbench/tasks/{task}"),
    )
}

async fn status(site: &Site, case: CaseId) -> Status {
    let officer = site.officer_at("reviewer", MONDAY_MORNING).await;
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    let desk = &site.house.desk;
    match open_case(desk, &acceptor, case).await {
        Ok(view) => view.case.status,
        Err(_) => open_case(desk, &officer, case).await.unwrap().case.status,
    }
}

on_both_databases! {
    &migrations();

    async fn the_return_key_in_a_note_finds_a_button_that_does_nothing(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, "ceshi1", 1).await;
        let (page, _) = task_page(&site, case).await;
        let clerk = site.officer("acceptor").await;
        let shown = clerk.get(&page).await.ok().html();
        // The first submit button of a form is what the return key presses.
        let buttons = shown.all("form#task button, button[form=task]");
        let submits: Vec<_> = buttons.iter().filter(|b| b.attribute("type") == Some("submit")).collect();
        assert!(submits[0].attribute("disabled").is_some(), "{}", submits[0].html);
        assert!(submits.len() > 3, "the decisions stand behind it");
    }

    async fn whoever_goes_on_gets_the_next_case_of_the_step_and_then_the_empty_queue(db: Db) {
        let site = Site::on(db).await;
        let (one, two) = (filed(&site, "ceshi1", 1).await, filed(&site, "ceshi2", 2).await);
        let ((_, first), (second_page, second)) = (task_page(&site, one).await, task_page(&site, two).await);
        let clerk = site.officer("acceptor").await;
        let go_on = [("decision", "accept"), ("opinion", "齐全"), ("then", "next")];
        // What is refused leads nowhere.
        let wrong = clerk.post(&first, &[("decision", "nothing"), ("opinion", "齐全"), ("then", "next")]).await;
        assert!(wrong.status.is_client_error(), "{}", wrong.status);
        for click in ["first", "second"] {
            let done = clerk.post(&first, &go_on).await;
            assert_eq!(done.leads_to(), second_page, "{click} click");
        }
        assert_eq!(status(&site, one).await, Status::Accepted);
        assert!(clerk.get(&second_page).await.ok().html().has("form#task"));
        // Whoever stays stays; without another case there is the queue.
        assert_eq!(clerk.post(&second, &go_on).await.leads_to(), "/workbench");
        let three = filed(&site, "ceshi3", 3).await;
        let (_, third) = task_page(&site, three).await;
        let stays = clerk.post(&third, &[("decision", "accept"), ("opinion", "齐全")]).await;
        assert_eq!(stays.leads_to(), format!("/workbench/cases/{three}"));
    }

    async fn marks_beside_a_favourable_decision_are_asked_about_and_not_lost(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, "ceshi1", 1).await;
        let (_, task) = task_page(&site, case).await;
        let clerk = site.officer("acceptor").await;
        let sent = [("decision", "accept"), ("opinion", "齐全"), ("problem./address", "写到门牌号")];
        let asked = clerk.post(&task, &sent).await.ok().html();
        assert!(asked.text("[data-marks]").contains("住址：写到门牌号"), "{}", asked.text("main"));
        assert_eq!(asked.one("input[name='problem./address']").attribute("value"), Some("写到门牌号"));
        assert_eq!(status(&site, case).await, Status::Submitted, "nothing was decided");
        // back: everything is there
        let back = [("back", "1"), ("opinion", "齐全"), ("problem./address", "写到门牌号")];
        let back = clerk.post(&task, &back).await.ok().html();
        assert_eq!(back.one("input[name='problem./address']").attribute("value"), Some("写到门牌号"));
        assert_eq!(back.text("#f-opinion"), "齐全");
        // sent back with the marks
        let sent = [("decision", "correct"), ("opinion", "请补"), ("problem./address", "写到门牌号"), ("marks", "drop")];
        assert_eq!(clerk.post(&task, &sent).await.status, StatusCode::SEE_OTHER);
        assert_eq!(status(&site, case).await, Status::Correcting);
        // or decided without them
        let other = filed(&site, "ceshi2", 2).await;
        let (_, task) = task_page(&site, other).await;
        let sent = [("decision", "accept"), ("problem./address", "写到门牌号"), ("marks", "drop")];
        assert_eq!(clerk.post(&task, &sent).await.status, StatusCode::SEE_OTHER);
        assert_eq!(status(&site, other).await, Status::Accepted);
    }

    async fn what_harms_asks_once_with_its_letter_and_the_reasons_that_the_flow_allows(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, "ceshi1", 1).await;
        let (page, task) = task_page(&site, case).await;
        let clerk = site.officer("acceptor").await;
        let shown = clerk.get(&page).await.ok().html();
        let refuse = shown.one("#f-decision button[value=refuse]");
        assert_eq!(refuse.attribute("name"), Some("ask"));
        assert!(refuse.attribute("class").unwrap().contains("btn-danger"));
        assert!(shown.texts(".tb-phrases button").contains(&"材料齐全，符合法定形式".to_owned()));
        assert!(!shown.texts(".tb-phrases button").contains(&REASON.to_owned()), "no reason of a refusal is a phrase");
        let asked = clerk.post(&task, &[("ask", "refuse"), ("opinion", "")]).await.ok().html();
        assert!(asked.texts(".tb-choice").contains(&REASON.to_owned()));
        assert!(!asked.has("[data-preview]"), "a letter without reasons is none");
        let seen = clerk.post(&task, &[("ask", "refuse"), ("reason", REASON), ("opinion", "请到区里办理")]).await.ok().html();
        let letter = seen.one("[data-preview] img").attribute("alt").unwrap().to_owned();
        assert!(letter.contains(REASON) && letter.contains("请到区里办理"), "{letter}");
        assert_eq!(status(&site, case).await, Status::Submitted);
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_document").await, 0, "a preview leaves nothing");
        // Another opinion than the one whose letter was seen is shown first.
        let both = format!("{REASON}；请到区里办理");
        let other = [("decision", "refuse"), ("opinion", "算了"), ("seen", both.as_str())];
        let again = clerk.post(&task, &other).await.ok().html();
        assert!(again.one("[data-preview] img").attribute("alt").unwrap().contains("算了"));
        assert_eq!(status(&site, case).await, Status::Submitted);
        let sure = [("decision", "refuse"), ("opinion", both.as_str()), ("seen", both.as_str())];
        assert_eq!(clerk.post(&task, &sure).await.status, StatusCode::SEE_OTHER);
        assert_eq!(status(&site, case).await, Status::Refused);
        let told = site.citizen("ceshi1").await.get(&format!("/me/cases/{case}")).await.ok().html().text("[data-refused]");
        assert!(told.contains(REASON) && told.contains("行政复议"), "the applicant reads why, and what can be done: {told}");
    }

    async fn after_an_objection_no_decision_is_favoured_and_it_stands_above_them(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, "ceshi1", 1).await;
        let at = |login| site.officer_at(login, MONDAY_MORNING);
        decide(&site, &at("acceptor").await, case, "accept").await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let no = Decision { opinion: "驾驶证已过期".into(), ..decision("reject") };
        complete_task(&site.house.desk, &at("reviewer").await, task, no).await.unwrap();
        let (page, _) = task_page(&site, case).await;
        let shown = site.officer("approver").await.get(&page).await.ok().html();
        let said = shown.text("[data-adverse]");
        assert!(said.contains("审查不通过") && said.contains("驾驶证已过期"), "{said}");
        assert!(!shown.has("#f-decision .btn-primary"), "no button is favoured");
    }

    async fn files_are_read_beside_the_fields_and_stay_turned_for_the_next_officer(db: Db) {
        let site = Site::on(db).await;
        let case = filed(&site, "ceshi1", 1).await;
        let (page, _) = task_page(&site, case).await;
        let clerk = site.officer("acceptor").await;
        let shown = clerk.get(&page).await.ok().html();
        let picture = shown.one("#viewer img").attribute("src").unwrap().to_owned();
        let drawn = clerk.get(&picture).await.ok();
        assert_eq!(&drawn.body[..8], b"\x89PNG\r\n\x1a\n", "the house draws the page of a PDF");
        let turn = shown.one("#viewer form").attribute("action").unwrap().to_owned();
        let here = shown.one("#viewer form [name=here]").attribute("value").unwrap().to_owned();
        let turned = clerk.post(&turn, &[("here", &here)]).await;
        assert_eq!(turned.status, StatusCode::SEE_OTHER);
        assert!(turned.leads_to().starts_with(&format!("/workbench/cases/{case}?")));
        assert_eq!(site.audited("case.file_turned", "done").await, 1);
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let (page, _) = task_page(&site, case).await;
        let reviewer = site.officer("reviewer").await;
        let src = reviewer.get(&page).await.ok().html().one("#viewer img").attribute("src").unwrap().to_owned();
        assert!(src.ends_with("turns=1"), "{src}");
        reviewer.get(&src).await.ok();
        // nobody else turns or sees it
        let maker = site.officer("maker").await;
        assert_eq!(maker.post(&turn, &[("here", "")]).await.status, StatusCode::FORBIDDEN);
        assert_eq!(maker.get(&src).await.status, StatusCode::FORBIDDEN);
    }
}
