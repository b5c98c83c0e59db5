//! What an officer typed is never lost, each task has its own form, and only what the applicant can mend is marked.

use axum::http::StatusCode;
use tongban_base::Kind;
use tongban_cases::{Correction, Decision, Mend, Status, complete_task, open_case, tasks_of};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::house::{MATERIAL, Site, migrations};

/// The review is done by two officers of one role side by side.
fn side_by_side() -> Folder {
    let pack = tongban::packs::transport();
    let file = "flows/permit.bpmn";
    let mut text = pack.text(file).unwrap().to_owned();
    for (from, to) in [
        ("targetRef=\"review\"/>", "targetRef=\"fork\"/>"),
        ("<bpmn:incoming>tell_accepted__review</bpmn:incoming>", "<bpmn:incoming>fork__review</bpmn:incoming>"),
        ("<bpmn:outgoing>review__decide</bpmn:outgoing>", "<bpmn:outgoing>review__join</bpmn:outgoing>"),
        ("<bpmn:incoming>review__decide</bpmn:incoming>", "<bpmn:incoming>join__decide</bpmn:incoming>"),
        ("<bpmn:sequenceFlow id=\"review__decide\" sourceRef=\"review\" targetRef=\"decide\"/>", "
    <bpmn:parallelGateway id=\"fork\" name=\"分开\">
      <bpmn:incoming>tell_accepted__review</bpmn:incoming>
      <bpmn:outgoing>fork__review</bpmn:outgoing><bpmn:outgoing>fork__visit</bpmn:outgoing>
    </bpmn:parallelGateway>
    <bpmn:userTask id=\"visit\" name=\"现场核查\" tb:role=\"reviewer\" tb:phase=\"running\" tb:stage=\"已受理\">
      <bpmn:extensionElements><tb:decision name=\"seen\" label=\"核查完毕\" opinion=\"required\"/></bpmn:extensionElements>
      <bpmn:incoming>fork__visit</bpmn:incoming><bpmn:outgoing>visit__join</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:parallelGateway id=\"join\" name=\"汇合\">
      <bpmn:incoming>review__join</bpmn:incoming><bpmn:incoming>visit__join</bpmn:incoming>
      <bpmn:outgoing>join__decide</bpmn:outgoing>
    </bpmn:parallelGateway>
    <bpmn:sequenceFlow id=\"fork__review\" sourceRef=\"fork\" targetRef=\"review\"/>
    <bpmn:sequenceFlow id=\"fork__visit\" sourceRef=\"fork\" targetRef=\"visit\"/>
    <bpmn:sequenceFlow id=\"review__join\" sourceRef=\"review\" targetRef=\"join\"/>
    <bpmn:sequenceFlow id=\"visit__join\" sourceRef=\"visit\" targetRef=\"join\"/>
    <bpmn:sequenceFlow id=\"join__decide\" sourceRef=\"join\" targetRef=\"decide\"/>"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let (front, rest) = text.split_once("<bpmndi:BPMNDiagram").unwrap();
    let (_, back) = rest.split_once("</bpmndi:BPMNDiagram>").unwrap();
    pack.with(file, format!("{front}{back}"))
}

/// The grant is the end: nothing is drawn that hands anything over.
fn without_delivery() -> Folder {
    let pack = tongban::packs::transport();
    let file = "flows/permit.bpmn";
    let mut text = pack.text(file).unwrap().to_owned();
    let begin = text.find("    <bpmn:userTask id=\"deliver\"").unwrap();
    let end = text.find("    <bpmn:endEvent id=\"end_granted\"").unwrap();
    text.replace_range(begin..end, "");
    for (from, to) in [
        (
            "<bpmn:incoming>tell_delivered__end_granted</bpmn:incoming>",
            "<bpmn:incoming>tell_ready__deliver</bpmn:incoming>",
        ),
        ("targetRef=\"deliver\"/>", "targetRef=\"end_granted\"/>"),
    ] {
        text = text.replace(from, to);
    }
    let (front, rest) = text.split_once("<bpmndi:BPMNDiagram").unwrap();
    let (_, back) = rest.split_once("</bpmndi:BPMNDiagram>").unwrap();
    let gone = |line: &&str| {
        !line.contains("sourceRef=\"deliver\"")
            && !line.contains("sourceRef=\"make_receipt\"")
            && !line.contains("sourceRef=\"tell_delivered\"")
    };
    let front: Vec<&str> = front.lines().filter(gone).collect();
    pack.with(file, format!("{}\n{back}", front.join("\n")))
}

on_both_databases! {
    &migrations();

    async fn everything_that_was_typed_stands_there_again_with_the_fault_beside_it(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let acceptor = site.officer("acceptor").await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        // when a correction is asked for without an opinion
        let material = format!("material.{MATERIAL}");
        let fields = [("decision", "correct"), ("opinion", " "), (material.as_str(), "第二页不清楚"), ("problem./address", "写到门牌号")];
        let answer = acceptor.post(&format!("/workbench/tasks/{task}"), &fields).await;
        // then nothing is lost
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = answer.html();
        assert_eq!(page.one(&format!("[name='{material}']")).attribute("value"), Some("第二页不清楚"));
        assert_eq!(page.one("[name='problem./address']").attribute("value"), Some("写到门牌号"));
        assert!(page.text("#f-opinion-error").contains("退回补正需要写明理由"));
        assert!(page.text("[data-chosen]").contains("退回补正"));
        // nor when a word about a field is too long
        let long = "长".repeat(201);
        let fields = [("decision", "correct"), ("opinion", "请补正"), ("problem./address", long.as_str())];
        let page = acceptor.post(&format!("/workbench/tasks/{task}"), &fields).await.html();
        assert_eq!(page.one("[name='problem./address']").attribute("value"), Some(long.as_str()));
        assert_eq!(page.text("#f-opinion"), "请补正");

        // The other forms of the page.
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let approver = site.officer("approver").await;
        let clock = format!("/workbench/cases/{case}/clock");
        let page = approver.post(&clock, &[("change", "extend"), ("days", "90"), ("reason", "案情复杂，需要外调")]).await.html();
        assert_eq!(page.text("#f-extend-reason"), "案情复杂，需要外调");
        assert_eq!(page.one("#f-days").attribute("value"), Some("90"));
        assert!(!page.text("#f-days-error").is_empty());
        let page = approver.post(&clock, &[("change", "pause"), ("name", "听证"), ("expected", "x"), ("reason", "依法听证")]).await.html();
        assert_eq!(page.text("#f-pause-reason"), "依法听证");
        assert!(page.one("#f-name option[value='听证']").attribute("selected").is_some());
        let reviewer = site.officer("reviewer").await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let page = reviewer.post(&format!("/workbench/tasks/{task}/return"), &[("to", "prereview"), ("reason", " ")]).await.html();
        assert!(page.one("#f-to option[value=prereview]").attribute("selected").is_some());
        assert!(page.text("#f-reason-error").contains("理由"));
    }

    async fn the_second_of_two_officers_is_told_what_the_first_did_and_loses_nothing(db: Db) {
        let site = Site::on(db).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let fields = [("decision", "refuse"), ("opinion", "不属于本机关职权"), ("problem./address", "写到门牌号")];
        let answer = site.officer("acceptor").await.post(&format!("/workbench/tasks/{task}"), &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        let page = answer.html();
        let told = page.text("[data-alert]");
        assert!(told.contains("测试甲") && told.contains("预审：受理") && told.contains("测试意见"), "{told}");
        let kept = page.texts("[data-kept] textarea");
        assert!(kept.contains(&"不属于本机关职权".to_owned()) && kept.contains(&"写到门牌号".to_owned()), "{kept:?}");
    }

    async fn of_two_open_steps_of_one_role_each_has_its_own_line_and_form(db: Db) {
        let site = Site::with_pack(db, side_by_side()).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        let reviewer = site.officer("reviewer").await;
        let queue = reviewer.get("/workbench").await.ok().html();
        let tasks = tasks_of(&site.house.desk, case).await.unwrap();
        assert_eq!(tasks.len(), 2);
        let address = format!("/workbench/cases/{case}");
        for task in &tasks {
            let own = format!("{address}?task={}", task.id);
            assert!(queue.has(&format!("a[href='{own}']")), "{}", task.name);
            let page = reviewer.get(&own).await.ok().html();
            let action = format!("/workbench/tasks/{}", task.id);
            assert_eq!(page.one("form#task").attribute("action"), Some(action.as_str()));
            assert_eq!(page.has("button[value=seen]"), task.element == "visit");
        }
        // Without a choice nothing can be signed, and the page lets one choose.
        let page = reviewer.get(&address).await.ok().html();
        assert!(!page.has("button[name=decision]"));
        assert_eq!(page.all("[data-tasks] a").len(), 2);
        // A refused form comes back as that of its own task.
        let visit = tasks.iter().find(|task| task.element == "visit").unwrap();
        let page = reviewer.post(&format!("/workbench/tasks/{}", visit.id), &[("decision", "seen")]).await.html();
        assert!(page.has("button[value=seen]") && page.has("#f-opinion-error"));
    }

    async fn what_the_applicant_cannot_mend_is_not_marked(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let acceptor = site.officer("acceptor").await;
        let page = acceptor.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(page.has("[name='problem./address']") && !page.has("[name='problem./name']"));
        // Fields that follow each other and are mended alike say it once, at the last one.
        assert!(!page.has("[data-pointer='/name'] [data-mending]"));
        assert!(page.text("[data-pointer='/id_number'] [data-mending]").contains("实名信息"));
        assert_eq!(page.text("main").matches("重新实名认证").count(), 1);
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        let crafted = [("decision", "correct"), ("opinion", "请补正"), ("problem./name", "改名")];
        let answer = acceptor.post(&format!("/workbench/tasks/{task}"), &crafted).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.html().text("#f-problem-name-error").contains("实名信息"));
        let officer = site.officer_at("acceptor", MONDAY_MORNING).await;
        for (fields, materials) in [(vec!["nothing"], vec![]), (vec![], vec!["application"]), (vec![], vec!["loss_statement"])] {
            let mends = |places: Vec<&str>| places.into_iter().map(|place| Mend { place: place.into(), title: "项目".into(), problem: "不对".into() }).collect();
            let correction = Correction { fields: mends(fields), materials: mends(materials), ..Correction::default() };
            let asked = Decision { correction: Some(correction), ..decision("correct") };
            let refused = complete_task(desk, &officer, task, asked).await.unwrap_err();
            assert_eq!((refused.kind(), refused.field_errors()[0].code.as_ref()), (Kind::Invalid, "not_mendable"));
        }
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Submitted);
    }

    async fn a_flow_that_delivers_nothing_ends_as_closed_and_a_licence_is_called_by_its_title(db: Db) {
        let site = Site::with_pack(db, without_delivery()).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant"), ("maker", "made")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        assert_eq!((view.case.status, view.case.due_on), (Status::Closed, None));
        assert_eq!(view.clock.state, tongban_cases::ClockState::Stopped);
        let inbox = site.citizen("ceshi1").await.get("/me/messages").await.ok().text();
        assert!(inbox.contains("您的道路运输从业人员从业资格证已制好"), "{inbox}");
    }
}
