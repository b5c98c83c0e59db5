//! What a form file may not say.

use serde_json::{Value, json};
use tongban_forms::{Field, Form, FormError};

use crate::form;

fn definition() -> Value {
    serde_json::from_str(include_str!("form.json")).unwrap()
}

/// The faults after `change`.
fn faults(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut root = definition();
    change(&mut root);
    let errors = Form::from_json(&root).unwrap_err();
    errors.iter().map(FormError::to_string).collect()
}

#[test]
fn a_right_definition_loads_in_the_order_of_its_steps() {
    let form = form();
    let names: Vec<&str> = form
        .fields()
        .iter()
        .map(|f: &Field| f.name.as_str())
        .collect();
    assert_eq!(names[..3], ["name", "id_number", "sex"]);
    assert_eq!(names.len(), 23);
    assert_eq!(form.basis(), "示例");
}

#[test]
fn unknown_keys_and_names_are_refused_with_their_place() {
    for (change, expected) in [
        (
            json!({"/fields/name/visibel": "true"}),
            "/fields/name/visibel：不认识“visibel”，可用的有：prefill、locked、widget、visible、required、help、example、value、as",
        ),
        (
            json!({"/schema/properties/name/maxLenght": 3}),
            "/schema/properties/name/maxLenght：不认识",
        ),
        (
            json!({"/fields/nobody": {}}),
            "/fields/nobody：不认识“nobody”",
        ),
        (
            json!({"/steps/0/fields/0": "nobody"}),
            "/steps/0/fields：没有“nobody”这个字段",
        ),
        (
            json!({"/steps/0/fields/0": "nobody"}),
            "/steps：字段“name”没有放进任何一步",
        ),
        (
            json!({"/steps/0/fields/0": "mobile"}),
            "/steps/0/fields：字段“mobile”出现了两次",
        ),
        (
            json!({"/schema/required/0": "nobody"}),
            "/schema/required：没有“nobody”这个字段",
        ),
        (
            json!({"/checks/0/field": "/nobody"}),
            "/checks/0/field：没有“/nobody”这个字段",
        ),
        (
            json!({"/schema/properties/email/format": "e-mail"}),
            "/schema/properties/email：没有“e-mail”这种格式，可用的有：resident-id、mobile、credit-code、date、division、email",
        ),
        (
            json!({"/fields/name/widget": "slider"}),
            "/fields/name/widget：没有“slider”",
        ),
        (
            json!({"/fields/name/widget": "radio"}),
            "/fields/name/widget：“radio”不适合这个字段的类型",
        ),
        (
            json!({"/schema/properties/name/title": " "}),
            "/schema/properties/name：缺少标题（title）",
        ),
        (
            json!({"/schema/properties/phone/pattern": "("}),
            "不是有效的 JSON Schema",
        ),
        (
            json!({"/schema/additionalProperties": true}),
            "/schema/additionalProperties：应为 false",
        ),
        (
            json!({"/schema/properties/note/type": "null"}),
            "/schema/properties/note：不支持类型“null”",
        ),
        (
            json!({"/schema/properties/note/type": "object"}),
            "/fields/note：选记录的字段要写从哪里选",
        ),
    ] {
        let found = faults(|root| set(root, &change));
        assert!(
            found.iter().any(|f| f.contains(expected)),
            "{change}: {found:#?}"
        );
    }
}

#[test]
fn every_expression_is_checked_at_load() {
    for (change, expected) in [
        (
            json!({"/fields/statement/visible": "form.reson == 'lost'"}),
            "/fields/statement/visible：第 1 行第 5 列：没有“reson”这个字段，是不是“reason”？",
        ),
        (
            json!({"/fields/statement/visible": "form.reason == 'stolen'"}),
            "“stolen”不是可选的值，可选的有：lost、damaged",
        ),
        (
            json!({"/fields/statement/required": "form.years"}),
            "条件的结果应为“是”或“否”，现在是整数",
        ),
        (
            json!({"/fields/name/prefill": "person.age"}),
            "没有“age”这个字段",
        ),
        (
            json!({"/fields/mobile/prefill": "form.name"}),
            "没有“form”这个名称",
        ),
        (
            json!({"/fields/years": {"value": "form.name"}}),
            "/fields/years/value：表达式的结果和这个字段的类型不一致",
        ),
        (
            json!({"/fields/phone/visible": "form.reason == 'lost'"}),
            "/fields/phone/visible：“reason”应排在这个字段前面",
        ),
        (
            json!({"/checks/0/rule": "form.years + 1.5 > 2.0"}),
            "/checks/0/rule：第 1 行第 12 列：“+”两边一边是整数一边是小数",
        ),
    ] {
        let found = faults(|root| set(root, &change));
        assert!(
            found.iter().any(|f| f.contains(expected)),
            "{change}: {found:#?}"
        );
    }
}

#[test]
fn all_faults_of_a_file_come_together_and_broken_json_has_a_line() {
    let found = faults(|root| {
        set(
            root,
            &json!({"/colour": "red", "/basis": "", "/steps/1/title": 3}),
        );
    });
    assert_eq!(found.len(), 3, "{found:#?}");
    let broken = Form::load("{\n  \"title\": }").unwrap_err();
    assert_eq!(broken[0].message, "第 2 行第 12 列不是有效的 JSON");
}

#[test]
fn programs_get_the_form_as_json() {
    let shown = form().to_json();
    assert_eq!(shown["steps"][2]["fields"][0], "reason");
    assert_eq!(shown["fields"]["commitment"]["widget"], "checkbox");
    assert_eq!(
        shown["fields"]["load"]["visible_when"]["fields"],
        json!(["kind"])
    );
    assert_eq!(shown["schema"], definition()["schema"]);
}

#[test]
fn what_programs_do_with_a_field_is_one_of_a_list_fits_its_type_and_stands_once() {
    let form = form();
    assert!(form.fields().iter().all(|f| f.meaning.is_none()));
    for (change, expected) in [
        (
            json!({"/fields/mobile/as": "mobil"}),
            "/fields/mobile/as：没有“mobil”，可用的有：mobile、id_number、delivery、post_address",
        ),
        (
            json!({"/fields/employer": {"as": "mobile"}}),
            "/fields/employer/as：作为“mobile”的字段，格式（format）应为 mobile",
        ),
        (
            json!({"/fields/employer": {"as": "delivery"}}),
            "/fields/employer/as：作为“delivery”的字段，应为单选（enum 或 oneOf）",
        ),
        (
            json!({"/fields/name/as": "id_number", "/fields/id_number": {"as": "id_number"}}),
            "/fields/id_number/as：和字段“name”的用途重复",
        ),
    ] {
        let found = faults(|root| set(root, &change));
        assert!(found.iter().any(|f| f.starts_with(expected)), "{found:?}");
    }
}

/// Sets each pointer of `change`, making the last key when it is missing.
fn set(root: &mut Value, change: &Value) {
    for (pointer, value) in change.as_object().unwrap() {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = root.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            other => other[key] = value.clone(),
        }
    }
}

#[test]
fn a_division_is_chosen_by_name_and_no_other_code_is_taken() {
    let mut root: Value = serde_json::from_str(include_str!("form.json")).unwrap();
    let divisions = [
        ("310101000000", "黄浦区", false),
        ("310103000000", "示例旧区", true),
        ("310104000000", "徐汇区", false),
    ];
    let divisions = divisions.map(|(code, name, ended)| (code.to_owned(), name.to_owned(), ended));
    tongban_forms::offer_divisions(&mut root["schema"]["properties"], &divisions);
    let form = Form::from_json(&root).unwrap();
    let field = form.field("division").unwrap();
    assert_eq!(field.widget, tongban_forms::Widget::Radio);
    assert_eq!(field.words(&json!("310104000000")), "徐汇区");
    // What has ended is still read, and offered only where it stands already.
    assert_eq!(field.words(&json!("310103000000")), "示例旧区");
    let read = |code: &str| form.read(&crate::with("division", json!(code)), &crate::known());
    assert!(read("310104000000").is_ok());
    let refused = read("999999999999").unwrap_err();
    assert_eq!(
        refused[0].message,
        format!("{}请从给出的选项中选择", field.title)
    );
}
