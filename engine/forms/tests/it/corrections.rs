//! Correcting: only what the office asked for.

use serde_json::json;
use tongban_forms::{Mending, Source, Values};

use crate::{filled, form, known, pairs};

fn words(errors: &[tongban_base::FieldError]) -> Vec<String> {
    errors.iter().map(|e| e.message.clone()).collect()
}

#[test]
fn only_the_listed_fields_change() {
    let form = form();
    let before = form.read(&filled(), &known()).unwrap();
    let allowed = ["mobile".to_owned()];

    let after = form
        .read_correction(
            &before,
            &allowed,
            &json!({"mobile": "13900000000"}),
            &known(),
        )
        .unwrap();
    assert_eq!(after.text("mobile"), Some("13900000000"));
    assert_eq!(after.text("statement"), before.text("statement"));

    let sneaky = json!({"mobile": "13900000000", "kind": "freight", "years": 20});
    let errors = form
        .read_correction(&before, &allowed, &sneaky, &known())
        .unwrap_err();
    assert!(words(&errors).contains(&"从业类别不在这次补正的范围内，不能修改".to_owned()));
    assert_eq!(errors.iter().filter(|e| e.code == "not_allowed").count(), 1);
}

#[test]
fn a_correction_must_leave_the_form_whole() {
    let form = form();
    let before = form.read(&filled(), &known()).unwrap();
    let cleared = pairs(&[("mobile", "")]);
    let errors = form
        .read_correction(&before, &["mobile".to_owned()], &cleared, &known())
        .unwrap_err();
    assert_eq!(words(&errors), ["请填写手机号"]);
    let wrong = pairs(&[("years", "很久")]);
    let errors = form
        .read_correction(&before, &["years".to_owned()], &wrong, &known())
        .unwrap_err();
    assert_eq!(words(&errors), ["驾龄应填整数，例如 12"]);
}

#[test]
fn what_depends_on_a_corrected_field_is_open_too() {
    let form = form();
    let mut input = filled();
    input["reason"] = json!("damaged");
    let before = form.read(&input, &known()).unwrap();
    let allowed = ["reason".to_owned()];
    let open: Vec<&str> = form
        .correction_fields(&before, &allowed, &known())
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(open, ["reason", "lost_on", "statement"]);
    let change = json!({"reason": "lost", "lost_on": "2026-11-01", "statement": "在车站遗失"});
    let after = form
        .read_correction(&before, &allowed, &change, &known())
        .unwrap();
    assert_eq!(after.text("lost_on"), Some("2026-11-01"));
}

#[test]
fn what_has_a_source_is_taken_from_it_at_a_correction_and_never_from_what_was_sent() {
    let form = form();
    let before = form.read(&filled(), &known()).unwrap();
    let mut renamed = known();
    renamed.person["name"] = json!("测试二");
    // Marked in former days, or by a hand-made request: it still is not the applicant's to change.
    let allowed = [
        "mobile".to_owned(),
        "name".to_owned(),
        "expires_on".to_owned(),
    ];
    let shown = pairs(&[("mobile", "13900000000")]);
    let after = form
        .read_correction(&before, &allowed, &shown, &renamed)
        .unwrap();
    assert_eq!(after.text("name"), Some("测试二"));
    assert_eq!(after.text("expires_on"), before.text("expires_on"));

    let crafted = pairs(&[
        ("mobile", "13900000000"),
        ("name", "改名甲"),
        ("licence_number", "示例99"),
        ("expires_on", "2099-12-31"),
    ]);
    let errors = form
        .read_correction(&before, &allowed, &crafted, &renamed)
        .unwrap_err();
    assert_eq!(
        words(&errors),
        [
            "姓名由系统带出，不能修改",
            "从业资格证号由系统带出，不能修改"
        ]
    );
    let open: Vec<&str> = form
        .correction_fields(&before, &allowed, &renamed)
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(open, ["mobile"]);
}

#[test]
fn a_fault_that_the_applicant_cannot_reach_does_not_hold_a_correction_up() {
    let form = form();
    let mut before = form.read(&filled(), &known()).unwrap().into_json();
    before["years"] = json!(99);
    let before = Values::from(before.as_object().unwrap().clone());
    let change = json!({"mobile": "13900000000"});
    let after = form
        .read_correction(&before, &["mobile".to_owned()], &change, &known())
        .unwrap();
    assert_eq!(after.text("mobile"), Some("13900000000"));
    let asked = ["mobile".to_owned(), "years".to_owned()];
    let errors = form
        .read_correction(&before, &asked, &change, &known())
        .unwrap_err();
    assert_eq!(errors[0].pointer, "/years");
}

#[test]
fn each_field_says_who_mends_it() {
    let form = form();
    let values = form.read(&filled(), &known()).unwrap();
    let mending = form.mending(&values, &known());
    assert_eq!(mending["name"], Mending::Source(Source::Person));
    assert_eq!(mending["licence_number"], Mending::Source(Source::Licence));
    assert_eq!(mending["expires_on"], Mending::Calculated);
    assert_eq!(mending["load"], Mending::Hidden);
    assert_eq!(mending["mobile"], Mending::Applicant);
    // A source that knows nothing leaves the field to the applicant.
    let mut nothing = known();
    nothing.licence = json!(null);
    assert_eq!(
        form.mending(&values, &nothing)["licence_number"],
        Mending::Applicant
    );
    assert_eq!(Mending::Applicant.words(), None);
    assert!(
        Mending::Source(Source::Person)
            .words()
            .unwrap()
            .contains("重新实名认证")
    );
}

#[test]
fn what_changed_at_the_source_is_told_with_both_values() {
    let form = form();
    let values = form.read(&filled(), &known()).unwrap();
    assert!(form.changed_at_source(&values, &known()).is_empty());
    let mut renamed = known();
    renamed.person["name"] = json!("测试二");
    let changes = form.changed_at_source(&values, &renamed);
    let told: Vec<_> = changes
        .iter()
        .map(|c| (c.field.name.as_str(), &c.filed, &c.now))
        .collect();
    assert_eq!(told, [("name", &json!("测试一"), &json!("测试二"))]);
    assert_eq!(form.renewed(&values, &renamed).text("name"), Some("测试二"));
}
