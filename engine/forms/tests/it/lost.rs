//! What a draft chose that its form does not offer any more.

use serde_json::json;
use tongban_forms::{Form, Values};

use crate::{filled, form, known, with};

fn draft(value: serde_json::Value) -> Values {
    serde_json::from_value(value).unwrap()
}

#[test]
fn what_was_chosen_and_is_not_offered_is_named_and_left_out() {
    let form = form();
    let draft = draft(with("categories", json!(["01001", "09999"])));
    let lost = form.lost_choices(&draft, &known());
    let lost: Vec<(&str, &[String])> = lost
        .iter()
        .map(|(field, codes)| (field.name.as_str(), codes.as_slice()))
        .collect();
    assert_eq!(lost, [("categories", &["09999".to_owned()][..])]);
    let offered = form.offered_only(&draft);
    assert_eq!(offered.get("categories"), &json!(["01001"]));
    assert_eq!(offered.get("kind"), &json!("passenger"));
}

#[test]
fn a_lost_answer_stays_until_its_page_is_answered() {
    let form = form();
    let before = draft(with("kind", json!("tram")));
    let mut sent = filled();
    sent["kind"] = json!(null);
    let read = draft(sent);
    let kept = form.with_lost(&before, &read, &known());
    assert_eq!(kept.get("kind"), &json!("tram"));
    let answered = draft(filled());
    let kept = form.with_lost(&before, &answered, &known());
    assert_eq!(kept.get("kind"), &json!("passenger"));
}

#[test]
fn only_what_was_not_asked_for_before_is_newly_required() {
    let text = include_str!("form.json");
    let older = Form::load(&text.replacen("\"kind\", \"licence_number\"", "\"licence_number\"", 1));
    let mut sent = filled();
    for name in ["kind", "categories"] {
        sent[name] = json!(null);
    }
    let form = form();
    let wanted = form.newly_required(&older.unwrap(), &draft(sent), &known());
    let names: Vec<&str> = wanted.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["kind"]);
}
