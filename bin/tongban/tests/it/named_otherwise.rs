//! What a pack calls its stages, decisions, fields and materials is its own affair: programs act on typed attributes.

use axum::http::StatusCode;
use tongban_base::Kind;
use tongban_cases::{
    Correction, Decision, Mend, Status, complete_task, open_case, tasks_of, withdraw_case,
};
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::house::{MATERIAL, Site, form, migrations};

/// The pack with words changed in one file, each where it stands.
fn pack(file: &str, words: &[(&str, &str)]) -> Folder {
    changed(tongban::packs::transport(), file, words)
}

fn changed(folder: Folder, file: &str, words: &[(&str, &str)]) -> Folder {
    let mut text = folder.text(file).unwrap().to_owned();
    for (from, to) in words {
        assert!(text.contains(from), "{file} has {from}");
        text = text.replace(from, to);
    }
    folder.with(file, text)
}

fn wrong_material() -> Correction {
    let mend = Mend {
        place: MATERIAL.into(),
        title: "原证".into(),
        problem: "不清楚".into(),
    };
    Correction {
        materials: vec![mend],
        ..Correction::default()
    }
}

on_both_databases! {
    &migrations();

    async fn after_the_grant_nobody_withdraws_however_the_pack_words_the_stage(db: Db) {
        // given a flow whose stages are worded in any way
        let words = [("tb:stage=\"准予许可\"", "tb:stage=\"已决定\""), ("tb:stage=\"已受理\"", "tb:stage=\"准予许可\"")];
        let site = Site::with_pack(db, pack("flows/permit.bpmn", &words)).await;
        let desk = &site.house.desk;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        decide(&site, &site.officer_at("acceptor", MONDAY_MORNING).await, case, "accept").await;
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Accepted);
        // when it is granted
        for (login, name) in [("reviewer", "pass"), ("approver", "grant")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        // then it stays so
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Granted);
        let refused = withdraw_case(desk, &citizen, case, "不想办了".into()).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Conflict);
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Granted);
    }

    async fn a_correction_is_asked_for_by_a_decision_of_any_name(db: Db) {
        let words = [("name=\"correct\" label=\"退回补正\"", "name=\"mend\" label=\"一次性告知\""), ("decision == 'correct'", "decision == 'mend'")];
        let site = Site::with_pack(db, pack("flows/permit.bpmn", &words)).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let acceptor = site.officer("acceptor").await;
        let page = acceptor.get(&format!("/workbench/cases/{case}")).await.ok().html();
        assert!(page.has(&format!("[name='material.{MATERIAL}']")));
        let address = format!("/workbench/tasks/{task}");
        let nothing = acceptor.post(&address, &[("decision", "mend"), ("opinion", "请补正")]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let problem = format!("material.{MATERIAL}");
        let wrong = [("decision", "mend"), ("opinion", "请补正"), (problem.as_str(), "不清楚")];
        acceptor.post(&address, &wrong).await.leads_to();
        let view = open_case(&site.house.desk, &citizen, case).await.unwrap();
        assert_eq!(view.case.status, Status::Correcting);
        assert_eq!(view.case.correction.unwrap().materials[0].place, MATERIAL);
    }

    async fn a_correction_comes_with_the_decision_that_asks_for_it_and_with_no_other(db: Db) {
        let site = Site::on(db).await;
        let desk = &site.house.desk;
        let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let case = site.submitted(&citizen, 1).await;
        let task = tasks_of(desk, case).await.unwrap()[0].id;
        for wrong in [
            Decision { correction: Some(wrong_material()), ..decision("accept") },
            Decision { correction: Some(Correction::default()), ..decision("correct") },
            decision("correct"),
        ] {
            let told = complete_task(desk, &acceptor, task, wrong).await.unwrap_err();
            assert_eq!((told.kind(), told.field_errors()[0].pointer.as_str()), (Kind::Invalid, "/correction"));
            assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Submitted);
        }
        let right = Decision { correction: Some(wrong_material()), ..decision("correct") };
        complete_task(desk, &acceptor, task, right).await.unwrap();
        assert_eq!(open_case(desk, &citizen, case).await.unwrap().case.status, Status::Correcting);
    }

    async fn short_messages_and_letters_find_their_fields_under_any_name(db: Db) {
        // given a form whose fields are called otherwise
        let names = [("\"mobile\":", "\"contact\":"), ("\"mobile\",", "\"contact\","), ("\"delivery\":", "\"handover\":"), ("\"delivery\",", "\"handover\","), ("form.delivery", "form.handover"), ("[\"handover\", \"post_address\"", "[\"handover\", \"sent_to\""), ("\"post_address\":", "\"sent_to\":"), ("\"as\": \"contact\"", "\"as\": \"mobile\""), ("\"as\": \"handover\"", "\"as\": \"delivery\"")];
        let file = "forms/road-driver-reissue.json";
        let folder = tongban::packs::transport();
        let mut text = folder.text(file).unwrap().to_owned();
        for (from, to) in names {
            text = text.replace(from, to);
        }
        let text = text.replace("\"format\": \"contact\"", "\"format\": \"mobile\"").replace("{\"id\": \"handover\"", "{\"id\": \"delivery\"");
        let site = Site::with_pack(db, folder.with(file, text)).await;
        let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
        let desk = &site.house.desk;
        // when somebody applies who wants it sent by post, and it is granted and delivered
        let mut filled = form(1);
        let fields = filled.as_object_mut().unwrap();
        fields.remove("mobile");
        fields.remove("delivery");
        fields.insert("contact".into(), "13900001111".into());
        fields.insert("handover".into(), "post".into());
        fields.insert("sent_to".into(), "示例市示例区示例路88号".into());
        let case = site.submitted_with(&citizen, &filled).await;
        for (login, name) in [("acceptor", "accept"), ("reviewer", "pass"), ("approver", "grant"), ("maker", "made"), ("acceptor", "delivered")] {
            decide(&site, &site.officer_at(login, MONDAY_MORNING).await, case, name).await;
        }
        // then messages go to the number of the form, and the receipt names how and where it went
        let sms = "SELECT COUNT(*) AS n FROM message WHERE channel = 'sms' AND mobile_masked LIKE '139%1111'";
        assert!(site.count(sms).await > 0);
        let view = open_case(desk, &citizen, case).await.unwrap();
        let receipt = view.documents.iter().find(|d| d.template == "delivery-receipt").unwrap();
        assert_eq!(receipt.data["delivery"]["method"], "post");
        assert_eq!(receipt.data["delivery"]["address"], "示例市示例区示例路88号");
        assert_ne!(receipt.data["applicant"]["id_number_masked"], "");
    }
}
