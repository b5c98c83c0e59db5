//! Definitions: what is wrong is found when they are read, with its place.

use tongban_packs::{Findings, Folder};
use tongban_registers::RegisterDefinitions;

use crate::house::{definitions, folder, pack};

#[test]
fn the_registers_of_the_pack_are_read_and_seeds_are_left_out() {
    let all = definitions();
    let codes: Vec<&str> = all.iter().map(|d| d.code.as_str()).collect();
    for own in ["directory", "hold", "practitioner", "system-notice"] {
        assert!(codes.contains(&own), "{own} among {codes:?}");
    }
    assert!(
        codes.is_sorted() && !codes.iter().any(|code| code.ends_with("-seed")),
        "{codes:?}"
    );
    let people = all.get("practitioner").unwrap();
    assert_eq!((people.key.as_str(), people.checks.len()), ("id_number", 0));
    assert_eq!(people.division_field.as_deref(), Some("division"));
    let division = people.field("division").unwrap();
    assert_eq!(division.words(&"310101000000".into()), "黄浦区");
    let names: Vec<&str> = people
        .form
        .fields()
        .iter()
        .take(3)
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(names, ["name", "sex", "id_number"], "as written");
}

#[test]
fn a_check_is_a_rule_over_the_whole_record() {
    let all = definitions();
    let hold = all.get("hold").unwrap();
    let faults = |record: serde_json::Value| {
        let faults = hold.faults(&record);
        faults.into_iter().map(|f| f.pointer).collect::<Vec<_>>()
    };
    let from = serde_json::json!({"status": "active", "from": "2026-05-01", "to": "2026-04-30"});
    assert_eq!(faults(from), ["/to"]);
    assert_eq!(
        faults(serde_json::json!({"status": "lifted", "from": "2026-05-01"})),
        ["/lift_basis_number", "/lift_reason"]
    );
    assert!(faults(serde_json::json!({"status": "active", "from": "2026-05-01"})).is_empty());
}

#[test]
fn every_fault_of_a_definition_is_told_with_its_place() {
    let text = folder().text("registers/hold.toml").unwrap().to_owned();
    let faults = |changed: String| {
        let folder = Folder::default().with("registers/hold.toml", changed);
        let mut findings = Findings::default();
        RegisterDefinitions::read(
            &folder,
            &tongban_packs::known_divisions(pack().divisions.values()),
            &mut findings,
        );
        let told: Vec<String> = findings.0.iter().map(ToString::to_string).collect();
        told.join("\n")
    };
    assert_eq!(faults(text.clone()), "");
    for (from, to, told) in [
        (
            "title = \"限制办理记录\"",
            "titel = \"x\"",
            "registers/hold.toml:3",
        ),
        ("key = \"number\"", "key = \"nummer\"", "[key]"),
        (
            "list = [\"number\"",
            "list = [\"no_field\"",
            "[list] 没有“no_field”",
        ),
        (
            "sensitive = [\"id_number\"]",
            "sensitive = [\"x\"]",
            "[sensitive]",
        ),
        (
            "indexes = [[\"id_number\"]",
            "indexes = [[\"x\"]",
            "[indexes]",
        ),
        (
            "record.to >= record.from",
            "record.to >= record.form",
            "[checks/2]",
        ),
        ("field = \"/to\"", "field = \"to\"", "[checks/2]"),
        (
            "format = \"resident-id\"",
            "format = \"passport\"",
            "id_number",
        ),
        ("code = \"hold\"", "code = \"holds\"", "[code]"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let found = faults(changed);
        assert!(found.contains(told), "{to}: {found}");
    }
}
