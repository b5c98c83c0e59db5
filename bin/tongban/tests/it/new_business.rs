//! What an office adds by definitions alone: a business with form, flow and role of its own, a step in a flow in force.

use axum::http::StatusCode;
use serde_json::json;
use tongban::wiring::{build, load_pack};
use tongban_cases::{CaseId, begin_application, open_case, save_form, submit_case, tasks_of};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::{covers, sqlite};

use crate::at_once::decide;
use crate::drawn::{faults, pack, path, user};
use crate::house::{ITEM, Site, migrations, plan};

const NEW: &str = "example-vehicle-note";

pub const FORM: &str = r#"{
  "title": "示例车辆登记表",
  "basis": "示例",
  "schema": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object", "additionalProperties": false,
    "required": ["name", "id_number", "mobile", "plate", "trailer", "commitment"],
    "properties": {
      "name": {"type": "string", "title": "姓名", "maxLength": 50},
      "id_number": {"type": "string", "title": "身份证号", "format": "resident-id"},
      "mobile": {"type": "string", "title": "手机号码", "format": "mobile"},
      "plate": {"type": "string", "title": "车牌号", "pattern": "^示[A-Z][0-9]{5}$"},
      "trailer": {"title": "有没有挂车", "oneOf": [{"const": "yes", "title": "有"}, {"const": "no", "title": "没有"}]},
      "trailer_plate": {"type": "string", "title": "挂车车牌号", "pattern": "^示[A-Z][0-9]{5}$"},
      "commitment": {"type": "boolean", "title": "以上内容属实", "const": true}
    }
  },
  "steps": [{"id": "vehicle", "title": "车辆", "fields": ["name", "id_number", "mobile", "plate", "trailer", "trailer_plate", "commitment"]}],
  "fields": {
    "name": {"prefill": "person.name", "locked": true},
    "id_number": {"as": "id_number", "prefill": "person.id_number", "locked": true},
    "mobile": {"as": "mobile", "prefill": "person.mobile"},
    "plate": {"example": "示A00001"},
    "trailer": {"widget": "radio"},
    "trailer_plate": {"visible": "form.trailer == 'yes'", "required": "form.trailer == 'yes'", "example": "示A00001"},
    "commitment": {"widget": "checkbox"}
  },
  "checks": []
}"#;

const ROLE: &str = "\n[[role]]\ncode = \"inspector\"\ntitle = \"示例查验\"\npermissions = []\n";
const STAFF: &str = "\n[[staff]]\nlogin = \"inspector\"\nname = \"测试查验\"\nroles = [\"inspector\"]\n\
    organisation = \"sh-transport\"\ndivision = \"310000000000\"\nexample = true\n";

/// The text without the lines from the one that begins so to the one that ends it.
pub fn without(text: &str, from: &str, to: &str) -> String {
    let (before, rest) = text.split_once(from).unwrap();
    format!("{before}{}", rest.split_once(to).unwrap().1)
}

/// The pack with a business that it does not have: item, form, flow, role and officer.
fn with_business() -> Folder {
    let folder = tongban::packs::transport();
    let inspected = [user("rv", "inspector", ""), path(&["rv", "dec"])].concat();
    let drawn = pack("rv", &inspected);
    let flow = drawn.text("flows/permit.bpmn").unwrap();
    let item = folder.text(&format!("items/{ITEM}.toml")).unwrap();
    let item = without(item, "admission = [\n", "\n]\n");
    let item = without(&item, "[licence]\n", "[documents]\n").replacen(
        "application = ",
        "[documents]\napplication = ",
        1,
    );
    let item = item
        .replace(ITEM, NEW)
        .replace("flow = \"permit\"", &format!("flow = \"{NEW}\""));
    let more = |file: &str, text: &str| format!("{}{text}", folder.text(file).unwrap());
    let (roles, staff) = (more("roles.toml", ROLE), more("staff.toml", STAFF));
    folder
        .with(&format!("items/{NEW}.toml"), item)
        .with(&format!("forms/{NEW}.json"), FORM)
        .with(&format!("flows/{NEW}.bpmn"), flow)
        .with("roles.toml", roles)
        .with("staff.toml", staff)
}

/// The flow of most items with one step more before the decision; it leads to `next`.
fn with_second_look(next: &str) -> Folder {
    let folder = tongban::packs::transport();
    let step = user("second", "reviewer", "");
    let flow = folder
        .text("flows/permit.bpmn")
        .unwrap()
        .replace(
            "<bpmn:outgoing>review__decide",
            "<bpmn:outgoing>review__second",
        )
        .replace(
            "<bpmn:incoming>review__decide",
            "<bpmn:incoming>second__decide",
        )
        .replace(
            "<bpmn:sequenceFlow id=\"review__decide\" sourceRef=\"review\" targetRef=\"decide\"/>",
            &format!("{step}{}{next}", path(&["review", "second"])),
        );
    let (before, edge) = flow
        .split_once("<bpmndi:BPMNEdge id=\"review__decide_di\"")
        .unwrap();
    let rest = edge.split_once("</bpmndi:BPMNEdge>").unwrap().1;
    folder
        .clone()
        .with("flows/permit.bpmn", format!("{before}{rest}"))
}

async fn waits_at(site: &Site, case: CaseId) -> Vec<String> {
    let tasks = tasks_of(&site.house.desk, case).await.unwrap();
    tasks.into_iter().map(|task| task.element).collect()
}

#[tokio::test]
async fn a_business_of_definitions_alone_is_applied_for_decided_and_seen_by_its_role() {
    covers!("WH-344", "XC-394");
    let database = sqlite(&migrations()).await;
    assert_eq!(faults(with_business()), Vec::<String>::new());
    let site = Site::with_pack(database.db(), with_business()).await;
    let citizen = site.citizen("ceshi1").await;
    let wish = json!({ "item": NEW });
    let draft = citizen.post_json("/api/v1/drafts", &wish).await.ok().json();
    let draft = format!("/api/v1/drafts/{}", draft["draft"].as_str().unwrap());
    let fill = async |form: serde_json::Value| {
        let body = json!({ "answers": { "reason": "lost" }, "form": form });
        citizen.post_json(&draft, &body).await.ok().json()["errors"].clone()
    };
    let submit = async || {
        citizen
            .post_json(&format!("{draft}/submit"), &json!({}))
            .await
    };
    let places = |errors: &serde_json::Value| -> Vec<String> {
        let all = errors.as_array().unwrap().iter();
        all.map(|e| e["pointer"].as_str().unwrap().to_owned())
            .collect()
    };
    let wrong = json!({ "plate": "A1", "trailer": "yes", "commitment": true });
    assert!(places(&fill(wrong).await).contains(&"/plate".to_owned()));
    let refused = submit().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let missing = places(&refused.json()["errors"]);
    assert!(
        missing.contains(&"/trailer_plate".to_owned()),
        "{missing:?}"
    );
    let right = json!({ "mobile": "19900000066", "plate": "示A12345", "trailer": "no", "trailer_plate": "示A54321", "commitment": true });
    fill(right).await;
    let files = draft.replace("/api/v1/", "/me/") + "/files/loss_statement";
    citizen
        .upload(&files, "声明.pdf", crate::house::PDF)
        .await
        .leads_to();
    let done = submit().await.ok().json();
    let case: CaseId = done["case"].as_str().unwrap().parse().unwrap();

    for (login, name) in [("acceptor", "accept"), ("inspector", "ok")] {
        let browser = site.officer(login).await;
        let queue = browser.get("/workbench").await.ok().text();
        assert!(queue.contains(&case.to_string()), "{login}");
        for other in ["reviewer", "maker", "huangpu-acceptor"] {
            let queue = site
                .officer(other)
                .await
                .get("/workbench")
                .await
                .ok()
                .text();
            assert!(!queue.contains(&case.to_string()), "{other}");
        }
        let officer = site.officer_at(login, MONDAY_MORNING).await;
        decide(&site, &officer, case, name).await;
    }
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    decide(&site, &approver, case, "ok").await;
    site.drain_at(MONDAY_MORNING).await;
    let view = open_case(&site.house.desk, &approver, case).await.unwrap();
    assert!(view.case.closed_at.is_some());
    let form = &view.case.form;
    assert_eq!(
        (&form["plate"], form.get("trailer_plate")),
        (&json!("示A12345"), None)
    );
}

#[tokio::test]
async fn a_step_that_is_added_counts_for_new_cases_and_an_unfinished_flow_for_none() {
    covers!("WH-252");
    let database = sqlite(&migrations()).await;
    let mut site = Site::on(database.db()).await;
    let applicants = [
        site.citizen_at("ceshi1", MONDAY_MORNING).await,
        site.citizen_at("ceshi2", MONDAY_MORNING).await,
    ];
    let before = site.submitted(&applicants[0], 1).await;
    let today = site.house.app.now().date();
    let in_force = |house: &tongban::wiring::House| {
        let offered = house.desk.catalog.offered(ITEM, today).unwrap();
        offered.hash.clone()
    };
    let old = in_force(&site.house);

    let unfinished = with_second_look("");
    let told = faults(unfinished.clone());
    assert!(
        told.iter().any(|fault| fault.contains("second")),
        "{told:?}"
    );
    let refused = build(&site.data, load_pack(unfinished).unwrap(), plan()).await;
    assert_eq!(in_force(&refused.unwrap()), old);

    site.republish(with_second_look(&path(&["second", "decide"])))
        .await;
    assert_ne!(in_force(&site.house), old);
    let after = site.submitted(&applicants[1], 2).await;
    for case in [before, after] {
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass")] {
            let officer = site.officer_at(login, MONDAY_MORNING).await;
            decide(&site, &officer, case, name).await;
        }
    }
    assert_eq!(waits_at(&site, before).await, ["decide"]);
    assert_eq!(waits_at(&site, after).await, ["second"]);
    let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
    decide(&site, &reviewer, after, "ok").await;
    assert_eq!(waits_at(&site, after).await, ["decide"]);
}

const TRANSFER: &str = "province-transfer";
const CHAIN: &str = "flows/province-transfer.toml";
const REVIEW: &str = "[[step]]\nname = \"转籍审核\"\n";
const FIRST_LOOK: &str =
    "[[step]]\nname = \"转籍初审\"\nwho = \"reviewer\"\ndecisions = [\"ok 初审通过\"]\n\n";

async fn transferred(site: &Site, login: &str) -> CaseId {
    let desk = &site.house.desk;
    let citizen = site.citizen_at(login, MONDAY_MORNING).await;
    let draft = begin_application(desk, &citizen, TRANSFER).await.unwrap();
    let form = json!({
        "mobile": "19900000066", "to_province": "示例省", "to_body": "示例省示例市运输管理机构",
        "reason": "随家庭迁居", "commitment": true,
    });
    save_form(desk, &citizen, draft, &form).await.unwrap();
    submit_case(desk, &citizen, draft).await.unwrap().case
}

async fn steps_of(site: &Site, case: CaseId) -> Vec<String> {
    let tasks = tasks_of(&site.house.desk, case).await.unwrap();
    tasks.into_iter().map(|task| task.name).collect()
}

#[tokio::test]
async fn the_flow_of_a_transfer_has_versions_and_one_with_a_decision_that_leads_nowhere_is_none() {
    covers!("SH-103");
    let database = sqlite(&migrations()).await;
    let mut site = Site::on(database.db()).await;
    let today = site.house.app.now().date();
    let in_force = |house: &tongban::wiring::House| {
        let offered = house.desk.catalog.offered(TRANSFER, today).unwrap();
        offered.hash.clone()
    };
    let (before, old) = (transferred(&site, "applicant").await, in_force(&site.house));
    let folder = tongban::packs::transport();
    let chain = folder.text(CHAIN).unwrap().to_owned();

    let (endless, _) = chain.split_once("[[end]]\non = \"refuse\"").unwrap();
    let endless = folder.clone().with(CHAIN, endless);
    let told = faults(endless.clone());
    let nowhere = |fault: &String| fault.starts_with(CHAIN) && fault.contains("refuse");
    assert!(told.iter().any(nowhere), "{told:?}");
    let started = match load_pack(endless) {
        Ok(pack) => build(&site.data, pack, plan()).await.ok(),
        Err(_) => None,
    };
    assert!(started.is_none_or(|house| in_force(&house) == old));

    let longer = chain.replacen(REVIEW, &format!("{FIRST_LOOK}{REVIEW}"), 1);
    assert_ne!(longer, chain);
    site.republish(folder.with(CHAIN, longer)).await;
    assert_ne!(in_force(&site.house), old);
    let after = transferred(&site, "applicant-expiring").await;
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    for case in [before, after] {
        decide(&site, &acceptor, case, "accept").await;
    }
    assert_eq!(steps_of(&site, before).await, ["转籍审核"]);
    assert_eq!(steps_of(&site, after).await, ["转籍初审"]);
    let reviewer = site.officer_at("reviewer", MONDAY_MORNING).await;
    decide(&site, &reviewer, after, "ok").await;
    assert_eq!(steps_of(&site, after).await, ["转籍审核"]);
}
