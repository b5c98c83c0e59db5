//! Wherever the crate `cel` gives a value, so do we, and the same one.

use cel::{Context, Program as Plain, Value as PlainValue};
use proptest::prelude::*;
use serde_json::{Value, json};
use tongban_expressions::{Environment, Type, Values};

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-3i64..12).prop_map(|n| format!("({n})")),
        Just("n".to_owned()),
        Just("m.a".to_owned()),
        Just("l[1]".to_owned()),
        Just("size(l)".to_owned()),
        Just("size(t)".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        (inner.clone(), "[-+*/%]", inner).prop_map(|(a, op, b)| format!("({a} {op} {b})"))
    })
}

fn condition() -> impl Strategy<Value = String> {
    let compare = "(==|!=|<|<=|>|>=)";
    let leaf = prop_oneof![
        (number(), compare, number()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
        (number()).prop_map(|a| format!("({a} in l)")),
        (number(), compare).prop_map(|(a, op)| format!("l.exists(x, x {op} {a})")),
        (number(), compare).prop_map(|(a, op)| format!("l.all(x, x / (x - 2) {op} {a})")),
        (number(), compare).prop_map(|(a, op)| format!("l.exists_one(x, x {op} {a})")),
        number().prop_map(|a| format!("l.map(x, x + {a}).filter(x, x > 2) == [3, 4, 5]")),
        Just("t.startsWith('测')".to_owned()),
        Just("t + 'x' < t + 'y'".to_owned()),
        Just("has(m.a) && !has(m.c)".to_owned()),
        Just("'a' in m".to_owned()),
        Just("(n > 3 ? t : 'no') == t".to_owned()),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        prop_oneof![
            (inner.clone(), "(&&|\\|\\|)", inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

fn ours(source: &str) -> Option<Value> {
    let mut environment = Environment::new();
    environment
        .declare("n", Type::Int)
        .declare("t", Type::String)
        .declare("l", Type::list(Type::Int))
        .declare("m", Type::map(Type::Int));
    let (n, t) = (json!(5), json!("测试"));
    let (l, m) = (json!([1, 2, 3]), json!({"a": 7, "b": 8}));
    let values = Values::new()
        .with("n", &n)
        .with("t", &t)
        .with("l", &l)
        .with("m", &m);
    environment.compile(source).unwrap().evaluate(&values).ok()
}

fn plain(source: &str) -> Option<Value> {
    let mut context = Context::default();
    context.add_variable_from_value("n", 5i64);
    context.add_variable_from_value("t", "测试");
    context.add_variable_from_value("l", vec![1i64, 2, 3]);
    let map = std::collections::HashMap::from([("a", 7i64), ("b", 8)]);
    context.add_variable_from_value("m", map);
    match Plain::compile(source).unwrap().execute(&context).ok()? {
        PlainValue::Bool(value) => Some(Value::Bool(value)),
        PlainValue::Int(value) => Some(Value::from(value)),
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn conditions_agree_with_plain_cel(source in condition()) {
        if let Some(expected) = plain(&source) {
            prop_assert_eq!(ours(&source), Some(expected), "{}", source);
        }
    }

    #[test]
    fn numbers_agree_with_plain_cel_and_so_do_their_errors(source in number()) {
        prop_assert_eq!(ours(&source), plain(&source), "{}", source);
    }
}
