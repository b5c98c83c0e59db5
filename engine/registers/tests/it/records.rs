//! Records on both databases.

use serde_json::json;
use tongban_base::{Kind, Problem};
use tongban_registers::{ListQuery, RecordId};
use tongban_testkit::{actors, on_both_databases};

use crate::house::{House, REGISTER, id_number, migrations, person, query};
use tongban_store::Cursor;

fn pointers(problem: &Problem) -> Vec<&str> {
    let faults = problem.field_errors().iter();
    faults.map(|f| f.pointer.as_str()).collect()
}

on_both_databases! {
    &migrations();

    async fn a_change_keeps_what_was_before_and_of_two_officers_one_wins(db: Db) {
        let house = House::new(db);
        let id = house.create(&person("测试一", 1)).await.unwrap();
        let mut changed = person("测试一", 1);
        changed["mobile"] = json!("14200000002");
        changed["employer"] = json!("示例物流有限公司");
        let change = |seen: i64, data: serde_json::Value| {
            let (registers, officer) = (house.registers.clone(), house.officer.clone());
            async move { registers.change(&officer, REGISTER, (id, seen), (&data).into()).await }
        };
        change(1, changed.clone()).await.unwrap();
        let late = change(1, person("测试二", 1)).await.unwrap_err();
        assert_eq!(late.code(), "register.moved_on");

        let open = house.registers.open(&house.officer, REGISTER, id).await.unwrap();
        assert_eq!(open.record.data["employer"], "示例物流有限公司");
        let lines: Vec<(&str, usize)> =
            open.history.iter().map(|l| (l.kind.as_str(), l.changes.len())).collect();
        assert_eq!(lines, [("changed", 2), ("created", 9)]);
        let mobile = open.history[0].changes.iter().find(|c| c.field == "mobile").unwrap();
        assert_eq!((&mobile.before, &mobile.after), (&json!("14200000001"), &json!("14200000002")));
        assert_eq!(
            house.audited().await,
            ["register.created done", "register.changed done", "register.opened done"]
        );
    }

    async fn a_key_stands_once_until_its_record_is_deleted(db: Db) {
        let house = House::new(db);
        let id = house.create(&person("测试一", 1)).await.unwrap();
        let twice = house.create(&person("测试二", 1)).await.unwrap_err();
        assert_eq!(pointers(&twice), ["/id_number"]);
        let delete = |reason: &'static str| house.registers.delete(&house.officer, REGISTER, (id, 1), reason);
        assert_eq!(pointers(&delete(" ").await.unwrap_err()), ["/reason"]);
        delete("重复登记").await.unwrap();
        assert!(house.names(&house.officer, &[]).await.is_empty());
        house.create(&person("测试二", 1)).await.unwrap();
        let open = house.registers.open(&house.officer, REGISTER, id).await.unwrap();
        assert_eq!(open.history[0].reason, "重复登记");
        assert_eq!(open.record.data["name"], "测试一", "marked, not gone");
        let data = person("测试三", 1);
        let again = house.registers.change(&house.officer, REGISTER, (id, 2), (&data).into()).await;
        assert_eq!(pointers(&again.unwrap_err()), ["/id_number"]);
    }

    async fn what_the_schema_or_a_foreign_division_forbids_is_told_at_its_field(db: Db) {
        let house = House::new(db);
        let mut wrong = person("测试一", 1);
        wrong["id_number"] = json!("310000199001010011");
        wrong["status"] = json!("gone");
        let problem = house.create(&wrong).await.unwrap_err();
        assert_eq!(pointers(&problem), ["/id_number", "/status"]);
        let mut unknown = person("测试一", 1);
        unknown["salary"] = json!(1);
        assert_eq!(pointers(&house.create(&unknown).await.unwrap_err()), ["/salary"]);
        let rights = ["register.read", "register.manage"];
        let huangpu = actors::staff_of(actors::OFFICE, "310101000000", "admin", "测试黄浦", &rights);
        let mut elsewhere = person("测试一", 1);
        elsewhere["division"] = json!("310104000000");
        let problem = house.registers.create(&huangpu, REGISTER, (&elsewhere).into()).await;
        assert_eq!(pointers(&problem.unwrap_err()), ["/division"]);
    }

    async fn an_office_sees_its_own_records_and_nobody_without_the_right(db: Db) {
        let house = House::new(db);
        let id = house.create(&person("测试一", 1)).await.unwrap();
        let staff = |office: &str, division: &str, rights: &[&str]| {
            actors::staff_of(office, division, "clerk", "测试窗口", rights)
        };
        let huangpu = staff(actors::OFFICE, "310101000000", &["register.read"]);
        assert_eq!(house.names(&huangpu, &[]).await, ["测试一"]);
        for other in [
            staff(actors::OFFICE, "310104000000", &["register.read"]),
            staff("another", "310101000000", &["register.read"]),
        ] {
            assert!(house.names(&other, &[]).await.is_empty());
            let problem = house.registers.open(&other, REGISTER, id).await.unwrap_err();
            assert_eq!(problem.kind(), Kind::NotFound);
        }
        for stranger in [actors::citizen(), staff(actors::OFFICE, "310101000000", &[])] {
            let list = house.registers.list(&stranger, REGISTER, &ListQuery::default()).await;
            assert_eq!(list.unwrap_err().kind(), Kind::Forbidden);
        }
        let unmasked = house.registers.open_unmasked(&huangpu, REGISTER, id).await;
        assert_eq!(unmasked.unwrap_err().kind(), Kind::Forbidden);
        let audited = house.audited().await;
        assert!(audited.contains(&"register.unmasked refused".to_owned()));
        assert_eq!(audited.iter().filter(|e| *e == "register.opened refused").count(), 2);
    }

    async fn filters_narrow_and_pages_show_each_record_once(db: Db) {
        let house = House::new(db);
        for number in 1..=25 {
            let mut one = person(&format!("测试第{number:02}号"), number);
            one["categories"] = json!(if number % 5 == 0 { ["03001"] } else { ["02001"] });
            house.create(&one).await.unwrap();
        }
        assert_eq!(house.names(&house.officer, &[("categories", "03001")]).await.len(), 5);
        assert_eq!(house.names(&house.officer, &[("name", "第07")]).await, ["测试第07号"]);
        assert!(house.names(&house.officer, &[("name", "第%")]).await.is_empty(), "no wild cards");
        let number = id_number(9);
        assert_eq!(house.names(&house.officer, &[("id_number", &number)]).await, ["测试第09号"]);
        let grouped = format!("{} {} {}", &number[..6], &number[6..14], &number[14..]);
        let wide = |text: &str| -> String {
            text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect()
        };
        for pasted in [grouped, wide(&number), format!("\u{202a}{number}")] {
            assert_eq!(house.names(&house.officer, &[("id_number", &pasted)]).await, ["测试第09号"], "{pasted:?}");
            let words = ListQuery { words: pasted.clone(), ..query(&[]) };
            let found = house.registers.list(&house.officer, REGISTER, &words).await.unwrap();
            assert_eq!(found.rows.len(), 1, "{pasted:?}");
        }
        for pasted in ["\u{202a}测试第09号", "测试 第09号", "第０９号"] {
            assert_eq!(house.names(&house.officer, &[("name", pasted)]).await, ["测试第09号"], "{pasted:?}");
            let words = ListQuery { words: pasted.to_owned(), ..query(&[]) };
            let found = house.registers.list(&house.officer, REGISTER, &words).await.unwrap();
            assert_eq!(found.rows.len(), 1, "{pasted:?}");
        }
        let part = number[..17].to_owned();
        assert!(house.names(&house.officer, &[("id_number", &part)]).await.is_empty());

        let first = house.registers.list(&house.officer, REGISTER, &query(&[])).await.unwrap();
        let next = ListQuery { cursor: first.next.clone(), ..query(&[]) };
        let second = house.registers.list(&house.officer, REGISTER, &next).await.unwrap();
        let mut seen: Vec<RecordId> = first.rows.iter().chain(&second.rows).map(|r| r.id).collect();
        seen.dedup();
        assert_eq!((first.rows.len(), second.rows.len(), seen.len()), (20, 5, 25));
        let back = ListQuery { cursor: second.previous.clone(), ..query(&[]) };
        let back = house.registers.list(&house.officer, REGISTER, &back).await.unwrap();
        assert_eq!(back.rows, first.rows);
        let forged = ListQuery { cursor: Some(Cursor::after(vec![7.into()])), ..query(&[]) };
        let refused = house.registers.list(&house.officer, REGISTER, &forged).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::Invalid);
    }

    async fn personal_numbers_lie_encrypted_and_are_found_by_digest(db: Db) {
        let house = House::new(db);
        let data = person("测试一", 1);
        house.create(&data).await.unwrap();
        let stored = house.column(
            "SELECT data FROM register_record UNION ALL SELECT key_digest FROM register_record
             UNION ALL SELECT value FROM register_value UNION ALL SELECT digest FROM register_unique
             UNION ALL SELECT changes FROM register_history UNION ALL SELECT detail FROM audit_entry",
        ).await;
        assert!(stored.len() > 8);
        for secret in [id_number(1).as_str(), "14200000001", "示例路1号"] {
            assert!(stored.iter().all(|text| !text.contains(secret)), "{secret}");
        }
        let list = house.registers.list(&house.officer, REGISTER, &query(&[])).await.unwrap();
        assert_eq!(list.rows[0].cells[1], "310000********0021".replace("0021", &id_number(1)[14..]));
        let registers = house.registers.clone();
        let found = house.db.read(registers, |tx, registers| Box::pin(async move {
            let id = registers.find(tx, REGISTER, &id_number(1)).await?;
            let all = registers.find_all(tx, REGISTER, ("id_number", &id_number(1))).await?;
            Ok((id, all.len()))
        })).await.unwrap();
        assert_eq!((found.0.is_some(), found.1), (true, 1));
    }

    async fn an_import_is_read_like_everything_else_and_audited_once(db: Db) {
        let house = House::new(db);
        let ctx = actors::system();
        let office = (actors::OFFICE, "310000000000");
        let prepared: Vec<_> = (1..=3).map(|n| {
            let data = person(&format!("测试{n}"), n);
            house.registers.prepare(&ctx, REGISTER, office, &data).unwrap()
        }).collect();
        let mut wrong = person("测试四", 4);
        wrong["status"] = json!("x");
        assert!(house.registers.prepare(&ctx, REGISTER, office, &wrong).is_err());
        let input = (house.registers.clone(), ctx, prepared);
        house.db.write(input, |tx, (registers, ctx, prepared)| {
            Box::pin(registers.import(tx, ctx, REGISTER, prepared))
        }).await.unwrap();
        assert_eq!(house.names(&house.officer, &[]).await.len(), 3);
        assert_eq!(house.audited().await, ["register.imported done"]);
    }
}
