//! What stands in the files of a pack is a scenario, or told with its line.

use tongban_packs::{Findings, Folder};
use tongban_scenarios::{Scenario, read};

fn told(text: &str) -> (Vec<Scenario>, Vec<String>) {
    let folder = Folder::default().with("scenarios/one.toml", text);
    let mut findings = Findings::default();
    let scenarios = read(&folder, &mut findings);
    let faults = findings.0.iter().map(ToString::to_string).collect();
    (scenarios, faults)
}

fn faults(text: &str) -> Vec<String> {
    told(text).1
}

const SEES: &str = "\n[[see]]\npage = \"/\"\nholds = \"示例\"\n";

#[test]
fn a_scenario_is_read_with_its_claims_and_moment() {
    let text = "title = \"一\"\nat = \"2026-12-01 08:00\"\ncovers = { \"SH-079\" = \"item:road.limits.promised\" }\n";
    let (scenarios, faults) = told(&format!("{text}{SEES}"));
    assert_eq!(faults, Vec::<String>::new());
    let one = &scenarios[0];
    assert_eq!((one.name.as_str(), one.title.as_str()), ("one", "一"));
    assert_eq!(one.at.rfc3339(), "2026-12-01T08:00:00+08:00");
    assert_eq!(
        one.covers[0].carrier.to_string(),
        "item:road.limits.promised"
    );
}

#[test]
fn a_scenario_that_asserts_nothing_is_a_fault() {
    let text = "title = \"一\"\n[[do]]\nas = \"a\"\nstart = \"item\"\n";
    let told = faults(text);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("scenarios/one.toml:1 这个场景什么也没有断言"),
        "{told:?}"
    );
    assert_eq!(
        faults(&format!("{text}refused = \"不能\"\n")),
        Vec::<String>::new()
    );
}

#[test]
fn unknown_keys_are_told_with_file_and_line() {
    let told = faults(&format!("title = \"一\"\ncolour = \"red\"{SEES}"));
    assert!(
        told[0].starts_with("scenarios/one.toml:2 不认识的字段 colour"),
        "{told:?}"
    );
    let told = faults("title = \"一\"\n\n[[see]]\nqueue = \"预审\"\nrow = 1\n");
    assert!(
        told[0].starts_with("scenarios/one.toml:5 不认识的字段 `row`"),
        "{told:?}"
    );
    let told = faults(&format!(
        "title = \"一\"{SEES}\n[[do]]\nas = \"a\"\njump = true\n"
    ));
    assert!(
        told[0].starts_with("scenarios/one.toml:6 这一步没有说做什么"),
        "{told:?}"
    );
}

#[test]
fn a_step_does_one_thing_at_one_moment() {
    let told = faults(&format!(
        "title = \"一\"{SEES}\n[[do]]\nstart = \"a\"\ntask = \"b\"\ndecide = \"c\"\n"
    ));
    assert!(
        told[0].contains("一步只能做一件事，这里写了 start、task"),
        "{told:?}"
    );
    let told = faults(&format!(
        "title = \"一\"{SEES}\n[[do]]\nwait = \"a week\"\n"
    ));
    assert!(
        told[0].starts_with("scenarios/one.toml:7 “a week”不是时长"),
        "{told:?}"
    );
    let told = faults("title = \"一\"\n[[see]]\npage = \"/\"\n");
    assert!(told[0].contains("page 没有写要看什么"), "{told:?}");
}

#[test]
fn what_is_claimed_stands_in_a_table_and_names_a_definition() {
    let told = faults(&format!(
        "title = \"一\"\ncovers = {{ \"SH-999\" = \"item:a\" }}{SEES}"
    ));
    assert!(
        told[0].starts_with("scenarios/one.toml:2 SH-999 不在"),
        "{told:?}"
    );
    let told = faults(&format!(
        "title = \"一\"\ncovers = {{ \"SH-079\" = \"thing:a\" }}{SEES}"
    ));
    assert!(told[0].contains("没有说明由哪个定义承载"), "{told:?}");
}

#[test]
fn steps_are_played_in_the_order_in_which_they_stand() {
    let text = "title = \"一\"\n[[see]]\npage = \"/\"\nholds = \"a\"\n[[do]]\nwait = \"1 day\"\n[[see]]\npage = \"\"\nlacks = \"a\"\n";
    assert_eq!(faults(text), Vec::<String>::new());
}
