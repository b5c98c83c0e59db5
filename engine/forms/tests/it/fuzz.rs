//! Whatever is done to a form's definition or to what is filled in, it is refused in words or can be shown.

use serde_json::Value;
use tongban_forms::{Form, ReadOptions, Values};
use tongban_testkit::Fuzz;

use crate::{filled, form, known};

const MOST: usize = 64 << 20;
const WORDS: [&str; 24] = [
    "\"format\": \"date\",",
    "\"pattern\": \"(a+)+$\",",
    "\"pattern\": \"[\",",
    "\"maxLength\": 99999999999999999999,",
    "\"minItems\": -1,",
    "\"$ref\": \"#\",",
    "\"enum\": [],",
    "\"oneOf\": [{ \"const\": 1 }],",
    "\"visible\": \"form.name == form.name\",",
    "\"value\": \"form.note\",",
    "\"prefill\": \"person.name\",",
    "\"locked\": true,",
    "\"type\": \"array\",",
    "\"properties\": {},",
    "1e999",
    "-0",
    "null",
    "\"2026-02-30\"",
    "\"99999-01-01\"",
    "\"11010519491231002X\"",
    "\\ud800",
    "[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\u{202e}",
];

/// Reads `input`, and shows what was read on every page.
fn answered(form: &Form, input: &Value) -> String {
    let known = known();
    let read = form.read(input, &known);
    let draft = form.read_draft(input).unwrap_or_else(|_| Values::new());
    let mut shown = String::new();
    for step in form.steps() {
        let view = form.step_view(&step.id, &draft, &known, &[]).unwrap();
        shown += &view.html().unwrap();
    }
    shown += &form
        .read_view(&draft, &ReadOptions::default())
        .html()
        .unwrap();
    format!("{read:?} {shown}")
}

#[test]
fn any_damaged_definition_is_refused_in_words_or_can_be_filled_in() {
    Fuzz::of([include_str!("form.json")])
        .words(&WORDS)
        .cases(500)
        .memory(MOST)
        .feed(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            match Form::load(&text) {
                Ok(form) => answered(&form, &filled()),
                Err(faults) => format!("{faults:?}"),
            }
        });
}

#[test]
fn whatever_is_filled_in_is_answered() {
    let form = form();
    let typed = "id_number=11010519491231002X&sex=female&birth_date=1949-12-31&kind=freight&categories=01001\
                 &categories=03001&years=20&load=1,200.5&reason=lost&lost_on=2026-11-20&commitment=true";
    Fuzz::of([filled().to_string(), typed.to_owned()])
        .words(&WORDS)
        .cases(300)
        .memory(MOST)
        .feed(|bytes| {
            if let Ok(input) = serde_json::from_slice::<Value>(bytes) {
                return answered(&form, &input);
            }
            let text = String::from_utf8_lossy(bytes);
            let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            let fields: Vec<(String, String)> =
                pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            format!("{:?}", form.read(&fields, &known()))
        });
}
