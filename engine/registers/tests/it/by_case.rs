//! Records that cases write: by the same checks as pages, with the number of the case in the history, taken back only
//! where nobody wrote since.

use serde_json::{Value as Json, json};
use tongban_base::Kind;
use tongban_operations::{Subject, SubmissionCheck};
use tongban_testkit::{actors, on_both_databases};

use crate::house::migrations;
use crate::units::{Units, about, later, seal_sample, subject, unit};

const CREATE: &str = "record.create";
const UPDATE: &str = "record.update";
const RETIRE: &str = "record.retire";

fn filing(number: &str, code: &str) -> Subject {
    let form = json!({ "code": code, "name": "示例单位", "hint": "no field of the register" });
    let values = json!({
        "status": "'active'", "organisation": "person.organisation", "seal_sample": "files.seal",
    });
    let records = json!([{ "name": "unit", "register": "unit", "values": values }]);
    Subject {
        files: vec![seal_sample()],
        ..subject(number, form, records)
    }
}

/// A case about a unit that writes these values into it.
fn changing(number: &str, record: tongban_registers::RecordId, values: Json) -> Subject {
    let records = json!([{ "name": "unit", "register": "unit", "copy": false, "values": values }]);
    Subject {
        about: about(record),
        ..subject(number, json!({ "leader": "测试新负责人" }), records)
    }
}

on_both_databases! {
    &migrations();

    async fn a_case_writes_a_record_of_its_form_its_values_and_its_files(db: Db) {
        let units = Units::new(db);
        let done = units.run(&units.clerk, &filing("20261123000001", "U1"), CREATE, "unit").await.unwrap();
        let id = done["record"].as_str().unwrap().parse().unwrap();
        let open = units.open(id).await;
        assert_eq!(open.record.data["code"], "U1");
        assert_eq!(open.record.data["seal_sample"]["name"], "公章.png");
        assert_eq!(open.record.organisation, "unit-1", "as its owner field says");
        assert_eq!(open.record.division, "310101000000", "of whoever filed it");
        let line = &open.history[0];
        assert_eq!((line.kind.as_str(), line.actor_name.as_str()), ("created", "测试经办"));
        assert_eq!(line.reason, "办件 20261123000001（申报单位初始备案）");
        let twice = filing("20261123000002", "U1");
        let words = units.obstacles(&twice, CREATE, "unit").await;
        assert!(words[0].contains("统一社会信用代码") && words[0].contains("已有"), "{words:?}");
        let refused = units.run(&units.clerk, &twice, CREATE, "unit").await.unwrap_err();
        assert_eq!((refused.kind(), refused.code()), (Kind::Conflict, "register.not_written"));
        assert!(!done.to_string().contains("U1"), "the result keeps nothing of the record");
    }

    async fn what_is_created_is_taken_back_unless_somebody_wrote_since(db: Db) {
        let units = Units::new(db);
        let case = filing("1", "U1");
        let done = units.run(&units.clerk, &case, CREATE, "unit").await.unwrap();
        units.undo(&units.clerk, &case, CREATE, &done).await.unwrap();
        let id = done["record"].as_str().unwrap().parse().unwrap();
        let open = units.open(id).await;
        assert!(open.record.deleted_at.is_some());
        assert_eq!((open.history[0].kind.as_str(), open.history.len()), ("undone", 2));

        let done = units.run(&units.clerk, &case, CREATE, "unit").await.unwrap();
        let id = done["record"].as_str().unwrap().parse().unwrap();
        let mut changed = unit("U1", "unit-1");
        changed["leader"] = json!("测试甲");
        units.registers.change(&units.clerk, "unit", (id, 1), (&changed).into()).await.unwrap();
        let refused = units.undo(&units.clerk, &case, CREATE, &done).await.unwrap_err();
        assert_eq!(refused.code(), "register.changed_since");
        assert!(refused.message().contains("写入以后又有变更"));
        assert!(units.open(id).await.record.deleted_at.is_none());
    }

    async fn an_update_keeps_what_it_does_not_name_and_is_put_back(db: Db) {
        let units = Units::new(db);
        let id = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let case = changing("2", id, json!({ "leader": "form.leader", "website": "'https://unit.example.com/'" }));
        let now = later(&units.clerk, 5);
        let done = units.run(&now, &case, UPDATE, "unit").await.unwrap();
        let after = units.open(id).await;
        assert_eq!((&after.record.data["leader"], after.record.version), (&json!("测试新负责人"), 2));
        assert_eq!(after.record.data["name"], "示例单位U1");
        let fields: Vec<&str> = after.history[0].changes.iter().map(|c| c.field.as_str()).collect();
        assert_eq!(fields, ["leader", "website"]);
        // Another step of the same case, undone first.
        let again = units.run(&now, &changing("2", id, json!({ "leader": "'测试乙'" })), UPDATE, "unit").await.unwrap();
        assert_eq!(units.undo(&now, &case, UPDATE, &done).await.unwrap_err().code(), "register.changed_since");
        units.undo(&now, &case, UPDATE, &again).await.unwrap();
        units.undo(&now, &case, UPDATE, &done).await.unwrap();
        let back = units.open(id).await.record;
        assert_eq!((&back.data["leader"], back.data.get("website")), (&json!("测试负责人"), None));
        let wrong = changing("3", id, json!({ "website": "'javascript:alert(1)'" }));
        let words = units.obstacles(&wrong, UPDATE, "unit").await;
        assert!(words.iter().any(|words| words.contains("网站") && words.contains("链接")), "{words:?}");
    }

    async fn what_another_wrote_between_a_filing_and_its_transaction_is_in_nobodys_way(db: Db) {
        let units = Units::new(db);
        let id = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let began = later(&units.clerk, 10);
        let faster = later(&units.clerk, 11);
        for (at, number, name) in [(&faster, "4", "测试甲"), (&began, "5", "测试乙")] {
            let case = Subject {
                filed_at: None,
                ..changing(number, id, json!({ "leader": format!("'{name}'") }))
            };
            units.run(at, &case, UPDATE, "unit").await.unwrap();
        }
        assert_eq!(units.open(id).await.record.data["leader"], "测试乙");
    }

    async fn of_two_cases_that_write_the_same_field_one_wins_and_the_other_is_told(db: Db) {
        let units = Units::new(db);
        let id = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let filed_at = units.clerk.now.plus_minutes(1);
        let case = |number: &str, field: &str, name: &str| Subject {
            filed_at: Some(filed_at),
            ..changing(number, id, json!({ field: format!("'{name}'") }))
        };
        let (one, other) = (case("4", "leader", "测试甲"), case("5", "leader", "测试乙"));
        let now = later(&units.clerk, 10);
        assert_eq!(units.obstacles(&one, UPDATE, "unit").await, Vec::<String>::new());
        let (first, second) = tokio::join!(
            units.run(&now, &one, UPDATE, "unit"),
            units.run(&now, &other, UPDATE, "unit"),
        );
        let outcomes = [first, second];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let told = outcomes.into_iter().find_map(Result::err).unwrap();
        assert_eq!(told.code(), "register.overtaken");
        assert!(told.message().contains("外事负责人已由测试经办于"), "{}", told.message());
        let lost = match units.open(id).await.record.data["leader"].as_str() {
            Some("测试甲") => &other,
            _ => &one,
        };
        assert_eq!(units.obstacles(lost, UPDATE, "unit").await.len(), 1);
        // What concerns another field stands beside it.
        units.run(&now, &case("6", "website", "https://unit.example.com/"), UPDATE, "unit").await.unwrap();
    }

    async fn a_retired_record_is_gone_until_that_is_undone(db: Db) {
        let units = Units::new(db);
        let id = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let case = changing("7", id, json!({}));
        let done = units.run(&units.clerk, &case, RETIRE, "unit").await.unwrap();
        assert!(units.open(id).await.record.deleted_at.is_some());
        let gone = units.run(&units.clerk, &changing("8", id, json!({})), RETIRE, "unit").await;
        assert_eq!(gone.unwrap_err().code(), "register.no_record");
        assert!(units.obstacles(&case, RETIRE, "unit").await[0].contains("没有查到"));
        units.undo(&units.clerk, &case, RETIRE, &done).await.unwrap();
        let open = units.open(id).await;
        assert!(open.record.deleted_at.is_none());
        assert_eq!(open.history[0].reason, "办件 7（申报单位初始备案）退回，撤回原来的写入");
        let taken = units.enter(&unit("U1", "unit-2")).await.unwrap_err();
        assert_eq!(taken.field_errors()[0].pointer, "/code", "its place is its own again");
        let audited = units.registers.list(&units.clerk, "unit", &crate::house::query(&[])).await.unwrap();
        assert_eq!(audited.rows.len(), 1);
    }

    async fn a_reason_that_is_only_said_with_the_decision_is_no_obstacle_before_it(db: Db) {
        let units = Units::new(db);
        let id = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let case = changing("9", id, json!({ "status": "'locked'", "lock_reason": "opinion" }));
        assert_eq!(units.obstacles(&case, UPDATE, "unit").await, Vec::<String>::new());
        let refused = units.run(&units.clerk, &case, UPDATE, "unit").await.unwrap_err();
        assert!(refused.message().contains("锁定要写明原因"), "{}", refused.message());
        let said = Subject { opinion: "材料不全".to_owned(), ..case };
        units.run(&units.clerk, &said, UPDATE, "unit").await.unwrap();
        let data = units.open(id).await.record.data;
        assert_eq!((&data["status"], &data["lock_reason"]), (&json!("locked"), &json!("材料不全")));
    }

    async fn a_record_is_found_by_the_key_that_a_case_names(db: Db) {
        let units = Units::new(db);
        let id = units.enter(&unit("U7", "unit-7")).await.unwrap();
        let records = json!([{
            "name": "unit", "register": "unit", "copy": false, "key": "form.unit_code",
            "values": { "leader": "record.leader + '（兼）'" },
        }]);
        let case = subject("10", json!({ "unit_code": "U7" }), records.clone());
        units.run(&units.clerk, &case, UPDATE, "unit").await.unwrap();
        assert_eq!(units.open(id).await.record.data["leader"], "测试负责人（兼）");
        let nobody = subject("11", json!({ "unit_code": "U8" }), records);
        assert!(units.obstacles(&nobody, UPDATE, "unit").await[0].contains("没有查到"));
    }

    async fn a_value_that_is_taken_is_a_fault_of_the_form_at_submission(db: Db) {
        let units = Units::new(db);
        units.enter(&unit("U1", "unit-1")).await.unwrap();
        let asked = |unique: bool, code: &str| {
            let records = json!([{
                "name": "unit", "register": "unit", "unique_on_submit": unique,
                "values": { "code": "form.credit_code" },
            }]);
            subject("12", json!({ "credit_code": code, "name": "示例单位" }), records)
        };
        let faults = async |case: Subject| {
            let input = (units.registers.clone(), case);
            let found = units.db.read(input, |tx, (registers, case)| {
                registers.faults(tx, case, actors::MONDAY_MORNING)
            });
            let pointers = found.await.unwrap().into_iter().map(|fault| fault.pointer);
            pointers.collect::<Vec<_>>()
        };
        assert_eq!(faults(asked(true, "U1")).await, ["/credit_code"]);
        assert_eq!(faults(asked(true, "U2")).await, Vec::<String>::new());
        assert_eq!(faults(asked(false, "U1")).await, Vec::<String>::new());
    }
}
