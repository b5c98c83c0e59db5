//! Correcting: only what the office asked for.

use serde_json::json;

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
        .correction_fields(&allowed)
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
fn locked_values_stay_as_they_were_filed() {
    let form = form();
    let before = form.read(&filled(), &known()).unwrap();
    let mut renamed = known();
    renamed.person["name"] = json!("测试二");
    let change = json!({"mobile": "13900000000"});
    let after = form
        .read_correction(&before, &["mobile".to_owned()], &change, &renamed)
        .unwrap();
    assert_eq!(after.text("name"), Some("测试一"));
}
