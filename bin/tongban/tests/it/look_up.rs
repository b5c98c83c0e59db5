//! The guide of look-ups, typed as it stands: a register, a question to it, and a rule that asks it.

use serde_json::json;
use tongban::definitions::Definitions;
use tongban_cases::{complete_task, submit_case, tasks_of};
use tongban_identity::demo_people;
use tongban_packs::Folder;
use tongban_testkit::actors::MONDAY_MORNING;
use tongban_testkit::sqlite;

use crate::at_once::{decide, decision};
use crate::by_case::{NEW, form, pack};
use crate::house::{Site, migrations};

/// What the guide writes into files, in its order.
fn written_in_the_guide() -> [String; 5] {
    let guide = include_str!("../../../../docs/packs/look-up.md");
    let blocks = guide.split("```toml\n").skip(1);
    let text = |block: &str| {
        let lines = block.split_once("```").unwrap().0.lines();
        lines
            .map(|line| format!("{}\n", line.strip_prefix("   ").unwrap_or(line)))
            .collect::<String>()
    };
    let found: Vec<String> = blocks.map(text).collect();
    found.try_into().unwrap()
}

fn typed() -> Folder {
    let [register, look_up, admission, of_form, filing] = written_in_the_guide();
    let folder = pack();
    let file = format!("items/{NEW}.toml");
    let item = folder.text(&file).unwrap();
    let item = item.replacen(
        "\neffective_from",
        &format!("\n{admission}{filing}effective_from"),
        1,
    );
    folder
        .with("registers/sample-unit.toml", register)
        .with("lookups/sample_units.toml", look_up)
        .with("lookups/sample_named.toml", of_form)
        .with(&file, item)
}

#[tokio::test]
async fn a_rule_asks_a_register_as_the_guide_says() {
    let read = Definitions::read(typed(), None);
    let faults: Vec<String> = read
        .err()
        .unwrap_or_default()
        .0
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(faults, Vec::<String>::new());
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), typed()).await;
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    let unit = |status: &str| {
        let id_number = &demo_people()[0].id_number;
        json!({ "code": "U1", "name": "示例单位", "id_number": id_number, "status": status })
    };
    let registers = &site.house.registers;
    let id = registers
        .create(&approver, "sample-unit", (&unit("locked")).into())
        .await
        .unwrap();
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let draft = site.draft_with(&citizen, NEW, &form("示A12345")).await;
    let refused = submit_case(&site.house.desk, &citizen, draft)
        .await
        .unwrap_err();
    assert_eq!(
        refused.message(),
        "您的单位已被锁定，不能申报。请先申请解锁。"
    );
    let active = unit("active");
    let which = (id, 1);
    registers
        .change(&approver, "sample-unit", which, (&active).into())
        .await
        .unwrap();
    submit_case(&site.house.desk, &citizen, draft)
        .await
        .unwrap();
}

/// The fault stands beside the field; nothing is filed, and what was typed is still there.
#[tokio::test]
async fn a_rule_looks_at_what_is_filled_in_as_the_guide_says() {
    let database = sqlite(&migrations()).await;
    let site = Site::with_pack(database.db(), typed()).await;
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    let unit = |code: &str, status: &str| {
        let id_number = &demo_people()[1].id_number;
        json!({ "code": code, "name": "示例单位", "id_number": id_number, "status": status })
    };
    for (code, status) in [("示A12345", "locked"), ("示A12346", "active")] {
        let registers = &site.house.registers;
        registers
            .create(&approver, "sample-unit", (&unit(code, status)).into())
            .await
            .unwrap();
    }
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let draft = site.draft_with(&citizen, NEW, &form("示A12345")).await;
    let refused = submit_case(&site.house.desk, &citizen, draft).await;
    let refused = refused.unwrap_err();
    let told: Vec<(&str, &str)> = refused
        .field_errors()
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.message.as_str()))
        .collect();
    let words = "这个编号的单位已被锁定，不能填写。";
    assert_eq!(told, [("/plate", words)]);
    let browser = site.citizen("ceshi1").await;
    let confirm = format!("/me/drafts/{draft}/confirm");
    let page = browser.post(&confirm, &[]).await;
    assert_eq!(page.status, 422);
    assert!(page.html().text("main").contains(words));
    let draft = site.draft_with(&citizen, NEW, &form("示A12346")).await;
    submit_case(&site.house.desk, &citizen, draft)
        .await
        .unwrap();
}

/// A case whose rules ask a register that the pack has given up since is neither refused for a reason that is none nor
/// granted: what nobody can answer is open.
#[tokio::test]
async fn a_look_up_that_nobody_answers_is_open_and_never_passed() {
    let database = sqlite(&migrations()).await;
    let mut site = Site::with_pack(database.db(), typed()).await;
    let citizen = site.citizen_at("ceshi1", MONDAY_MORNING).await;
    let draft = site.draft_with(&citizen, NEW, &form("示A12345")).await;
    let case = submit_case(&site.house.desk, &citizen, draft)
        .await
        .unwrap()
        .case;
    let acceptor = site.officer_at("acceptor", MONDAY_MORNING).await;
    decide(&site, &acceptor, case, "accept").await;
    site.republish(pack()).await;
    let page = site
        .officer("approver")
        .await
        .get(&format!("/workbench/cases/{case}"))
        .await;
    assert!(
        page.ok()
            .html()
            .text("[data-obstacles]")
            .contains("“申请人负责的单位”现在查不到")
    );
    let desk = &site.house.desk;
    let approver = site.officer_at("approver", MONDAY_MORNING).await;
    let task = tasks_of(desk, case).await.unwrap()[0].id;
    let refused = complete_task(desk, &approver, task, decision("grant"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "case.not_admitted_now");
    // Nobody is kept from deciding otherwise.
    decide(&site, &approver, case, "deny").await;
}

#[test]
fn a_look_up_of_the_guide_that_cannot_be_answered_is_told() {
    let lookup = "lookups/sample_units.toml";
    let before = typed().text(lookup).unwrap().to_owned();
    let told = |from: &str, to: &str| {
        let changed = typed().with(lookup, before.replacen(from, to, 1));
        let findings = Definitions::read(changed, None).err().unwrap_or_default().0;
        let words: Vec<String> = findings.iter().map(ToString::to_string).collect();
        words.join("\n")
    };
    assert!(told("sample-unit", "sample-units").contains("没有登记簿 sample-units"));
    assert!(told("field = \"id_number\"", "field = \"name\"").contains("不能按 name 查找"));
    assert!(told("person.id_number", "people.id_number").contains("people"));
    // What looks at the form has no answer before it is filled in.
    assert!(told("person.id_number", "form.plate").contains("sample_units"));
}
