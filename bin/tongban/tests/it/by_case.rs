//! Records that flows write: a case enters one when it is decided, sent back it takes it away, and what stands against it
//! is told at submission and before the decision.

use serde_json::{Value as Json, json};
use tongban_base::{Ctx, Kind};
use tongban_cases::{CaseId, return_case, submit_case, tasks_of};
use tongban_packs::Folder;
use tongban_registers::{ListQuery, OpenRecord, RecordId};
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::on_both_databases;

use crate::at_once::{decide, decision};
use crate::drawn::faults;
use crate::house::{ITEM, Site, migrations};
use crate::new_business::{FORM, without};

pub const NEW: &str = "example-vehicle-note";

const REGISTER: &str = r#"
code = "vehicle"
title = "示例车辆台账"
key = "plate"
list = ["plate", "holder"]
filters = ["plate"]
[schema]
type = "object"
additionalProperties = false
required = ["plate", "holder"]
[schema.properties]
plate = { type = "string", title = "车牌号", maxLength = 10 }
holder = { type = "string", title = "登记人", maxLength = 50 }
by_case = { type = "string", title = "办件号", maxLength = 20 }
remark = { type = "string", title = "备注", maxLength = 200 }
old_licence = { type = "string", title = "原证", format = "file" }
"#;

const RECORD: &str = r#"
[[record]]
name = "vehicle"
register = "vehicle"
unique_on_submit = true
values = { holder = "person.name", by_case = "case.number", old_licence = "files.damaged_licence", remark = "opinion" }
"#;

const CHAIN: &str = r#"
title = "示例车辆登记"

[[step]]
name = "受理"
who = "acceptor"
decisions = ["accept 受理"]
do.accept = ["case.accept"]

[[step]]
name = "决定"
who = "approver"
decisions = ["grant 准予登记", "deny 不予登记 reason=required tone=harmful"]
do.grant = ["record.create(vehicle)"]

[[step]]
name = "归档"
who = "maker"
decisions = ["filed 已归档"]

[[end]]
do = ["case.close(granted)"]

[[end]]
on = "deny"
do = ["document.make(denial-decision)", "case.close(denied)"]
"#;

/// The pack with a business whose cases enter vehicles.
pub fn pack() -> Folder {
    let folder = tongban::packs::transport();
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
    folder
        .with(&format!("items/{NEW}.toml"), format!("{item}{RECORD}"))
        .with(&format!("forms/{NEW}.json"), FORM.to_owned())
        .with(&format!("flows/{NEW}.toml"), CHAIN.to_owned())
        .with("registers/vehicle.toml", REGISTER.to_owned())
}

pub fn form(plate: &str) -> Json {
    json!({ "mobile": "19900000066", "plate": plate, "trailer": "no", "commitment": true })
}

async fn filed(site: &Site, login: &str, plate: &str) -> tongban_base::Result<CaseId> {
    let citizen = site.citizen_at(login, MONDAY_MORNING).await;
    let draft = site.draft_with(&citizen, NEW, &form(plate)).await;
    let done = submit_case(&site.house.desk, &citizen, draft).await?;
    Ok(done.case)
}

/// The vehicles of the office, each with its history.
async fn vehicles(site: &Site) -> Vec<OpenRecord> {
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    let registers = &site.house.registers;
    let list = registers
        .list(&approver, "vehicle", &ListQuery::default())
        .await
        .unwrap();
    let ids: Vec<RecordId> = list.rows.iter().map(|row| row.id).collect();
    let mut found = Vec::new();
    for id in ids {
        found.push(registers.open(&approver, "vehicle", id).await.unwrap());
    }
    found
}

async fn officer(site: &Site, login: &str) -> Ctx {
    site.officer_at(login, MONDAY_MORNING).await
}

/// A chain that writes its record a second time; `first` is how it does so before.
fn written_twice(first: &str) -> Folder {
    let chain = CHAIN.replacen("record.create(vehicle)", first, 1).replacen(
        "decisions = [\"filed 已归档\"]",
        "decisions = [\"filed 已归档\"]\ndo.filed = [\"record.update(vehicle)\"]",
        1,
    );
    pack().with(&format!("flows/{NEW}.toml"), chain)
}

#[test]
fn a_record_that_nobody_makes_and_no_key_names_cannot_be_changed() {
    assert_eq!(
        faults(written_twice("record.create(vehicle)")),
        Vec::<String>::new()
    );
    let told = faults(written_twice("case.accept")).join("\n");
    assert!(
        told.contains("流程也没有先用 record.create 登记它"),
        "{told}"
    );
}

on_both_databases! {
    &migrations();

    async fn a_case_changes_the_record_that_it_has_made(db: Db) {
        let site = Site::with_pack(db, written_twice("record.create(vehicle)")).await;
        let case = filed(&site, "ceshi1", "示A12345").await.unwrap();
        decide(&site, &officer(&site, "acceptor").await, case, "accept").await;
        let approver = officer(&site, "approver").await;
        // There is none yet, and that stands in nobody's way.
        decide(&site, &approver, case, "grant").await;
        let other = json!({ "plate": "示A99999", "holder": "测试他人" });
        site.house.registers.create(&approver, "vehicle", (&other).into()).await.unwrap();
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let filing = tongban_cases::Decision { opinion: "已经归档".to_owned(), ..decision("filed") };
        let maker = officer(&site, "maker").await;
        tongban_cases::complete_task(&site.house.desk, &maker, task, filing).await.unwrap();
        let written = vehicles(&site).await;
        let of = |plate: &str| written.iter().find(|v| v.record.data["plate"] == plate).unwrap();
        let own = of("示A12345");
        assert_eq!((&own.record.data["remark"], own.record.version), (&json!("已经归档"), 2));
        assert_eq!(of("示A99999").record.version, 1);
    }

    async fn a_case_enters_its_record_when_it_is_decided_and_takes_it_away_when_it_is_sent_back(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let case = filed(&site, "ceshi1", "示A12345").await.unwrap();
        decide(&site, &officer(&site, "acceptor").await, case, "accept").await;
        assert!(vehicles(&site).await.is_empty());
        decide(&site, &officer(&site, "approver").await, case, "grant").await;
        let entered = vehicles(&site).await;
        let data = &entered[0].record.data;
        assert_eq!((&data["plate"], &data["remark"]), (&json!("示A12345"), &json!("测试意见")));
        assert_eq!(data["old_licence"]["name"], "原证.pdf");
        let line = &entered[0].history[0];
        let number = data["by_case"].as_str().unwrap();
        assert!(line.reason.starts_with(&format!("办件 {number}（")), "{}", line.reason);
        let approver = officer(&site, "approver").await;
        assert_eq!(line.actor_name, approver.actor.name);

        // Each leads to the other, as far as whoever looks may see it.
        let (browser, record) = (site.officer("approver").await, entered[0].record.id);
        let (here, there) = (format!("/workbench/cases/{case}"), format!("/workbench/registers/vehicle/{record}"));
        let page = browser.get(&here).await.ok().html();
        assert_eq!(page.one("[data-records] a").attribute("href"), Some(there.as_str()));
        let page = browser.get(&there).await.ok().html();
        assert_eq!(page.one("[data-cases] a").attribute("href"), Some(here.as_str()));
        let page = site.citizen("ceshi1").await.get(&format!("/me/cases/{case}")).await.ok().html();
        assert!(!page.has("[data-records]"));

        let maker = officer(&site, "maker").await;
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let send_back = async |by: &Ctx| {
            return_case(&site.house.desk, by, task, None, "示例理由".into()).await
        };
        assert_eq!(send_back(&maker).await.unwrap_err().code(), "case.undo_forbidden");
        assert_eq!(vehicles(&site).await.len(), 1);
        send_back(&approver).await.unwrap();
        assert!(vehicles(&site).await.is_empty());
        decide(&site, &approver, case, "grant").await;
        assert_eq!(vehicles(&site).await.len(), 1);
        decide(&site, &maker, case, "filed").await;
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record WHERE closed_at IS NOT NULL").await, 1);
        assert_eq!(site.audited("register.created", "done").await, 2);
    }

    async fn what_is_taken_is_told_at_submission_and_what_was_taken_since_before_the_decision(db: Db) {
        let site = Site::with_pack(db, pack()).await;
        let case = filed(&site, "ceshi1", "示A12345").await.unwrap();
        decide(&site, &officer(&site, "acceptor").await, case, "accept").await;
        let approver = officer(&site, "approver").await;
        let entered = json!({ "plate": "示A12345", "holder": "测试他人" });
        let registers = &site.house.registers;
        registers.create(&approver, "vehicle", (&entered).into()).await.unwrap();

        let refused = filed(&site, "ceshi2", "示A12345").await.unwrap_err();
        assert_eq!(refused.field_errors()[0].pointer, "/plate");
        let drafts = site.rows("SELECT id FROM draft WHERE ended_at IS NULL").await;
        let draft: String = drafts[0].get("id").unwrap();
        let confirm = format!("/me/drafts/{draft}/confirm");
        let page = site.citizen("ceshi2").await.post(&confirm, &[]).await.html();
        assert!(page.text("dd[data-pointer='/plate'] [data-fault]").contains("台账里已有"));
        assert_eq!(site.count("SELECT COUNT(*) AS n FROM case_record").await, 1);
        filed(&site, "ceshi2", "示A54321").await.unwrap();

        let page = site.officer("approver").await.get(&format!("/workbench/cases/{case}")).await.ok();
        let task = tasks_of(&site.house.desk, case).await.unwrap()[0].id;
        let grant = tongban_cases::complete_task(&site.house.desk, &approver, task, decision("grant"));
        let refused = grant.await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Conflict);
        assert!(refused.message().contains("车牌号——台账里已有"), "{}", refused.message());
        assert!(page.text().contains("台账里已有"), "told beside the buttons");
        assert_eq!(vehicles(&site).await.len(), 1);
        decide(&site, &approver, case, "deny").await;
    }
}

#[test]
fn what_a_procedure_says_of_its_records_is_checked() {
    let told = |file: &str, from: &str, to: &str| {
        let pack = pack();
        let before = pack.text(file).unwrap().to_owned();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after, "{from}");
        let changed = pack.with(file, after);
        let read = tongban::definitions::Definitions::read(changed, None);
        let findings = read.err().unwrap_or_default().0;
        let words: Vec<String> = findings.iter().map(ToString::to_string).collect();
        words.join("\n")
    };
    let item = format!("items/{NEW}.toml");
    let flow = format!("flows/{NEW}.toml");
    for (file, from, to, wanted) in [
        (
            &item,
            "register = \"vehicle\"",
            "register = \"vehicles\"",
            "没有登记簿 vehicles",
        ),
        (
            &item,
            "remark = \"opinion\"",
            "remarks = \"opinion\"",
            "没有字段 remarks",
        ),
        (
            &item,
            "person.name\"",
            "persn.name\"",
            "holder 的表达式 persn.name",
        ),
        (
            &item,
            "files.damaged_licence",
            "files.damaged_licences",
            "damaged_licences",
        ),
        (
            &item,
            "unique_on_submit = true",
            "unique = true",
            "[[record]] 的写法有误",
        ),
        (
            &flow,
            "record.create(vehicle)",
            "record.create(car)",
            "没有名为 car 的 [[record]]",
        ),
        (
            &flow,
            "record.create(vehicle)",
            "record.update(vehicle)",
            "[[record]] vehicle 没有写 key",
        ),
        (
            &flow,
            "record.create(vehicle)",
            "record.retire(vehicle)",
            "不知道 record.retire 哪一条",
        ),
        (
            &flow,
            "record.create(vehicle)",
            "record.creates(vehicle)",
            "record.creates",
        ),
    ] {
        let found = told(file, from, to);
        assert!(found.contains(wanted), "{to}: {found}");
    }
    let register = "registers/vehicle.toml";
    for (to, wanted) in [
        (
            "key = \"plate\"\naccess = { nobody = { read = \"all\" } }",
            "没有岗位 nobody",
        ),
        (
            "key = \"plate\"\naction = [ { title = \"锁定\", procedure = \"lock\" } ]",
            "没有事项 lock",
        ),
    ] {
        let found = told(register, "key = \"plate\"", to);
        assert!(found.contains(wanted), "{to}: {found}");
    }
}
