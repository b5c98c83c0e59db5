//! Nothing that strangers send makes the reader panic.

use proptest::prelude::*;
use serde_json::{Map, Value};
use tongban_forms::{Form, ReadOptions, Values};

use crate::{form, known};

const NAMES: &str = "(name|id_number|sex|birth_date|mobile|kind|categories|years|load|accident|reason|lost_on|note|commitment|expires_on|x)";

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[0-9X]{17,19}".prop_map(Value::from),
        "(lost|damaged|freight|male|true|2026-0[0-9]-3[0-9])".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(NAMES, inner, 0..6)
                .prop_map(|m| Value::Object(m.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn exercise(form: &Form, input: &Value) {
    let known = known();
    let _ = form.read(input, &known);
    let before = match form.read_draft(input) {
        Ok(draft) => draft,
        Err(_) => Values::new(),
    };
    for step in form.steps() {
        let _ = form.read_step(&step.id, &before, input, &known);
        let view = form.step_view(&step.id, &before, &known, &[]).unwrap();
        view.html().unwrap();
    }
    let _ = form.read_correction(&before, &["reason".to_owned()], input, &known);
    form.read_view(&before, &ReadOptions::default())
        .html()
        .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_json_is_answered(fields in prop::collection::btree_map(NAMES, json(), 0..10)) {
        thread_local! { static FORM: Form = form(); }
        let input = Value::Object(fields.into_iter().collect());
        FORM.with(|form| exercise(form, &input));
    }

    #[test]
    fn any_form_fields_are_answered(fields in prop::collection::vec((NAMES, "\\PC{0,30}|[\\x00-\\x7f]{0,10}"), 0..12)) {
        thread_local! { static FORM: Form = form(); }
        FORM.with(|form| {
            let _ = form.read(&fields, &known());
            let _ = form.read_draft(&fields);
        });
    }

    #[test]
    fn any_definition_is_answered(mut root in json(), key in "(schema|steps|fields|checks)") {
        let _ = Form::from_json(&root);
        let mut definition: Value = serde_json::from_str(include_str!("form.json")).unwrap();
        definition[key] = root.take();
        let _ = Form::from_json(&definition);
    }
}
