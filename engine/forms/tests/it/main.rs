//! Forms as applicants and officers meet them: definitions, reading, drafts, corrections, pages.

#![allow(clippy::unwrap_used, reason = "tests")]

mod corrections;
mod definitions;
mod fuzz;
mod lost;
mod pages;
mod reading;
mod records;
mod robustness;

use serde_json::{Value, json};
use tongban_forms::{Form, Known, Offers};

fn form() -> Form {
    Form::load(include_str!("form.json")).unwrap()
}

/// The number is the standard's own sample.
fn known() -> Known {
    Known {
        person: json!({"name": "测试一", "id_number": "11010519491231002X", "sex": "female", "birth_date": "1949-12-31", "mobile": "13800000000"}),
        answers: json!({}),
        licence: json!({"number": "310000200001"}),
        record: Value::Null,
        today: "2026-11-22".parse().unwrap(),
        offers: Offers::new(),
    }
}

fn filled() -> Value {
    json!({
        "id_number": "11010519491231002X", "sex": "female", "birth_date": "1949-12-31", "mobile": "13800000000",
        "kind": "passenger", "categories": ["01001"], "years": 20, "first_issued_on": "2020-03-01",
        "reason": "lost", "lost_on": "2026-11-20", "statement": "在车站候车时遗失", "commitment": true
    })
}

/// `filled` with one field changed.
fn with(name: &str, value: Value) -> Value {
    let mut filled = filled();
    filled[name] = value;
    filled
}

/// The words for the one fault of `input`, with its pointer.
fn fault(input: &Value) -> String {
    let errors = form().read(input, &known()).unwrap_err();
    let words: Vec<String> = errors
        .iter()
        .map(|e| format!("{} {}", e.pointer, e.message))
        .collect();
    words.join(" | ")
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = pairs
        .iter()
        .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
    owned.collect()
}
