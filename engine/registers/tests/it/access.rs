//! Who sees and writes which rows by a role alone, and how many there may be.

use serde_json::json;
use tongban_base::{Ctx, Kind};
use tongban_operations::{About, Records};
use tongban_registers::{ListQuery, RecordId};
use tongban_testkit::{actors, on_both_databases};

use crate::house::migrations;
use crate::units::{LIAISON, UNIT, Units, read, subject, unit};

fn officer(organisation: &str, division: &str, role: &str) -> Ctx {
    actors::staff_of(organisation, division, role, "测试人员", &[])
}

async fn codes(units: &Units, ctx: &Ctx) -> Vec<String> {
    let list = units
        .registers
        .list(ctx, "unit", &ListQuery::default())
        .await
        .unwrap();
    let mut codes: Vec<String> = list.rows.iter().map(|row| row.cells[1].clone()).collect();
    codes.sort();
    codes
}

async fn is_in_sight(units: &Units, ctx: &Ctx, record: RecordId) -> bool {
    let about = About {
        register: "unit".to_owned(),
        record: record.0,
    };
    let input = (units.registers.clone(), ctx.clone(), about);
    let seen = units.db.read(input, |tx, (registers, ctx, about)| {
        registers.may_start(tx, ctx, "without-a-button", about)
    });
    seen.await.unwrap()
}

async fn may_start(units: &Units, ctx: &Ctx, procedure: &'static str, record: RecordId) -> bool {
    let about = About {
        register: "unit".to_owned(),
        record: record.0,
    };
    let input = (units.registers.clone(), ctx.clone(), about);
    let may = units.db.read(input, move |tx, (registers, ctx, about)| {
        registers.may_start(tx, ctx, procedure, about)
    });
    may.await.unwrap()
}

on_both_databases! {
    &migrations();

    async fn a_role_sees_the_rows_that_the_register_gives_it_and_no_others(db: Db) {
        let units = Units::new(db);
        let one = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let two = units.enter(&unit("U2", "unit-2")).await.unwrap();
        let filed = {
            let records = json!([{ "name": "unit", "register": "unit", "values": {
                "status": "'active'", "organisation": "'unit-3'",
            }}]);
            let case = subject("1", json!({ "code": "U3", "name": "示例单位" }), records);
            units.run(&units.clerk, &case, "record.create", "unit").await.unwrap();
            case.account
        };
        assert_eq!(codes(&units, &units.clerk).await, ["U1", "U2", "U3"]);
        let liaison = officer("unit-1", actors::SHANGHAI, "liaison");
        assert_eq!(codes(&units, &liaison).await, ["U1"]);
        assert!(is_in_sight(&units, &liaison, one).await);
        assert!(!is_in_sight(&units, &liaison, two).await);
        let huangpu = officer("any", "310101000000", "province");
        assert_eq!(codes(&units, &huangpu).await, ["U3"], "the clerk's own lie above");
        let mut filer = officer("any", actors::SHANGHAI, "filer");
        assert_eq!(codes(&units, &filer).await, Vec::<String>::new());
        filer.actor.account = Some(filed);
        assert_eq!(codes(&units, &filer).await, ["U3"]);
        let open = units.registers.open(&liaison, "unit", two).await;
        assert_eq!(open.unwrap_err().kind(), Kind::NotFound);
        let stranger = officer("unit-1", actors::SHANGHAI, "visitor");
        let list = units.registers.list(&stranger, "unit", &ListQuery::default()).await;
        assert_eq!(list.unwrap_err().kind(), Kind::Forbidden);
        assert!(units.registers.readable(&stranger).is_empty());
        assert_eq!(units.registers.readable(&liaison).len(), 1);
        let by_right = actors::staff_of("unit-2", actors::SHANGHAI, "x", "测试人员", &["register.read"]);
        assert_eq!(codes(&units, &by_right).await, ["U2"], "the right counts as before");
    }

    async fn who_only_reads_writes_nothing_and_who_writes_keeps_to_his_rows(db: Db) {
        let units = Units::new(db);
        let one = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let liaison = officer("unit-1", actors::SHANGHAI, "liaison");
        let registers = &units.registers;
        let change = |ctx: Ctx, data: serde_json::Value| async move {
            registers.change(&ctx, "unit", (one, 1), (&data).into()).await
        };
        let refused = change(liaison.clone(), unit("U1", "unit-1")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Forbidden);
        let refused = registers.create(&liaison, "unit", (&unit("U9", "unit-1")).into()).await;
        assert_eq!(refused.unwrap_err().kind(), Kind::Forbidden);
        let keeper = officer("unit-1", actors::SHANGHAI, "keeper");
        let elsewhere = registers.create(&keeper, "unit", (&unit("U9", "unit-2")).into()).await;
        assert_eq!(elsewhere.unwrap_err().field_errors()[0].pointer, "/organisation");
        registers.create(&keeper, "unit", (&unit("U9", "unit-1")).into()).await.unwrap();
        let moved = change(keeper.clone(), unit("U1", "unit-2")).await.unwrap_err();
        assert_eq!(moved.field_errors()[0].pointer, "/organisation");
        let other = officer("unit-2", actors::SHANGHAI, "keeper");
        assert_eq!(change(other, unit("U1", "unit-1")).await.unwrap_err().kind(), Kind::NotFound);
        // The clerk may hand it over, and with it the sight.
        change(units.clerk.clone(), unit("U1", "unit-2")).await.unwrap();
        assert_eq!(codes(&units, &liaison).await, ["U9"]);
    }

    async fn a_button_starts_a_procedure_only_for_its_roles_and_while_its_rule_holds(db: Db) {
        let units = Units::new(db);
        let one = units.enter(&unit("U1", "unit-1")).await.unwrap();
        let liaison = officer("unit-1", actors::SHANGHAI, "liaison");
        assert!(may_start(&units, &units.clerk, "unit-lock", one).await);
        assert!(!may_start(&units, &liaison, "unit-lock", one).await, "another role's button");
        assert!(may_start(&units, &liaison, "unit-change", one).await);
        assert!(may_start(&units, &liaison, "unit-close", one).await, "no button says otherwise");
        let stranger = officer("unit-2", actors::SHANGHAI, "liaison");
        assert!(!may_start(&units, &stranger, "unit-change", one).await);
        let mut locked = unit("U1", "unit-1");
        locked["status"] = json!("locked");
        locked["lock_reason"] = json!("示例原因");
        units.registers.change(&units.clerk, "unit", (one, 1), (&locked).into()).await.unwrap();
        assert!(!may_start(&units, &units.clerk, "unit-lock", one).await);
    }

    async fn of_one_group_there_are_only_so_many_as_the_register_allows(db: Db) {
        let units = Units::new(db);
        let person = |number: &str, unit: &str, status: &str| json!({
            "number": number, "name": "测试专办员", "unit_code": unit, "status": status,
        });
        let enter = async |data: serde_json::Value| {
            units.registers.create(&units.clerk, "liaison", (&data).into()).await
        };
        for number in ["1", "2"] {
            enter(person(number, "U1", "active")).await.unwrap();
        }
        enter(person("3", "U1", "left")).await.unwrap();
        let third = enter(person("4", "U1", "active")).await.unwrap();
        let fourth = enter(person("5", "U1", "active")).await.unwrap_err();
        let fault = &fourth.field_errors()[0];
        assert_eq!((fault.pointer.as_str(), fault.message.as_str()), ("/unit_code", "一个单位最多3名专办员"));
        enter(person("6", "U2", "active")).await.unwrap();
        enter(person("7", "U1", "left")).await.unwrap();
        // Whoever counts already may be changed, and makes room when he leaves.
        let gone = person("4", "U1", "left");
        units.registers.change(&units.clerk, "liaison", (third, 1), (&gone).into()).await.unwrap();
        enter(person("5", "U1", "active")).await.unwrap();
    }
}

#[test]
fn what_a_register_says_beside_its_schema_is_checked() {
    let faults = |code: &str, text: &str, from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        read(&[(code, &changed)]).unwrap_err().join("\n")
    };
    for (from, to, told) in [
        (
            "owner = \"organisation\"",
            "owner = \"organ\"",
            "[owner] 没有“organ”",
        ),
        ("read = \"own\"", "read = \"mine\"", "mine"),
        (
            "record.status == 'active'\"\nroles",
            "record.state == 'active'\"\nroles",
            "[action]",
        ),
        (
            "formats = [\"png\", \"jpg\"]",
            "formats = [\"exe\"]",
            "seal_sample",
        ),
        ("key = \"code\"", "key = \"seal_sample\"", "[key]"),
        ("title = \"锁定\"", "caption = \"锁定\"", "caption"),
    ] {
        let found = faults("unit", UNIT, from, to);
        assert!(found.contains(told), "{to}: {found}");
    }
    for (from, to, told) in [
        ("indexes = [[\"unit_code\"]]", "indexes = []", "[count]"),
        (
            "fields = [\"unit_code\"]",
            "fields = [\"unit\"]",
            "[count] 没有“unit”",
        ),
        (
            "record.status == 'active'",
            "record.status == 'gone'",
            "[count]",
        ),
    ] {
        let found = faults("liaison", LIAISON, from, to);
        assert!(found.contains(told), "{to}: {found}");
    }
}
