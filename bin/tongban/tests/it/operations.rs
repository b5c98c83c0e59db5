//! What definitions may have done and ask: one name for one thing, each with somebody who does it, and a page that is true.

use std::path::Path;

use tongban::{modules, operations};
use tongban_packs::Folder;

/// What is wrong with the pack of the program when a file of it says something else.
fn faults(file: &str, from: &str, to: &str) -> Vec<String> {
    let pack = tongban::packs::transport();
    let text = pack.text(file).unwrap().to_owned();
    assert!(text.contains(from), "{file} says {from}");
    read(pack.with(file, text.replace(from, to)))
}

fn read(pack: Folder) -> Vec<String> {
    let read = tongban::definitions::Definitions::read(pack, None);
    let findings = read.err().unwrap_or_default();
    findings.0.iter().map(ToString::to_string).collect()
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let known = modules::known();
    let names: Vec<&str> = known.operations().iter().map(|info| info.name).collect();
    let own = [
        "account.change",
        "account.lock",
        "account.open",
        "account.unlock",
        "case.accept",
        "case.close",
        "case.refuse",
        "case.start",
        "document.make",
        "licence.cancel",
        "licence.issue",
        "licence.update",
        "message.send",
        "record.create",
        "record.retire",
        "record.update",
    ];
    assert_eq!(names, own);
}

#[test]
fn the_reference_is_what_the_program_prints() {
    let page =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/packs/reference/operations.md");
    let written = std::fs::read_to_string(page).unwrap();
    assert_eq!(
        written,
        operations::reference(),
        "print it anew: tongban operations > docs/packs/reference/operations.md"
    );
}

#[test]
fn an_argument_of_another_type_or_one_that_is_missing_is_told_where_it_stands() {
    let told = faults(
        "flows/permit.bpmn",
        "{\"result\": \"refused\"}",
        "{\"result\": 3}",
    );
    assert!(
        told.iter()
            .any(|words| words.starts_with("flows/permit.bpmn:") && words.contains("办结结果")),
        "{told:?}"
    );
    let told = faults("flows/permit.bpmn", "{\"result\": \"refused\"}", "{}");
    assert!(
        told.iter()
            .any(|words| words.contains("参数 result（办结结果）应为")),
        "{told:?}"
    );
}

#[test]
fn a_look_up_that_cannot_be_answered_is_refused() {
    let holds = "lookups/holds.toml";
    let told = faults(holds, "register = \"hold\"", "register = \"holds\"");
    assert!(
        told.iter().any(|words| words.contains("没有登记簿 holds")),
        "{told:?}"
    );
    let told = faults(holds, "field = \"id_number\"", "field = \"reason\"");
    assert!(
        told.iter()
            .any(|words| words.contains("登记簿 hold 不能按 reason 查找")),
        "{told:?}"
    );
    let told = faults(
        "items/road-driver-renew.toml",
        "!holds.exists",
        "!hold.exists",
    );
    assert!(
        told.iter()
            .any(|words| words.contains("items/road-driver-renew.toml") && words.contains("hold")),
        "{told:?}"
    );
}

#[test]
fn a_key_of_a_procedure_that_nobody_reads_is_told() {
    let told = faults("items/road-driver-renew.toml", "visits = 0", "visit_s = 0");
    assert!(
        told.iter()
            .any(|words| words.contains("没有这一项：visit_s")),
        "{told:?}"
    );
    let told = faults(
        "items/road-driver-renew.toml",
        "tags = \"standard\"",
        "tags = \"standard_2\"",
    );
    assert!(
        told.iter()
            .any(|words| words.contains("没有评价标签 standard_2")),
        "{told:?}"
    );
}
