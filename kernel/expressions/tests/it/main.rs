//! What the language promises, seen from outside; plain CEL (the crate `cel`) is the witness.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fuzz;
mod language;
mod refusals;
mod witness;

use serde_json::{Value, json};
use tongban_expressions::{Environment, Type, Values};

fn environment() -> Environment {
    let mut environment = Environment::new();
    environment
        .declare(
            "form",
            Type::record([
                ("name", Type::String),
                ("age", Type::Int),
                ("weight", Type::Double),
                ("agree", Type::Bool),
                ("reason", Type::choice(["lost", "damaged"])),
                ("tags", Type::list(Type::String)),
                ("empty", Type::String),
            ]),
        )
        .declare("answers", Type::map(Type::Any))
        .declare("licence", Type::Any)
        .declare("today", Type::String);
    environment
}

fn form() -> Value {
    json!({"name": "测试一", "age": 40, "weight": 61.5, "agree": true, "reason": "lost", "tags": ["a", "b"]})
}

fn evaluate(source: &str) -> Value {
    let form = form();
    let answers = json!({"kind": "new", "count": 2, "list": [1, 2, 3]});
    let today = json!("2026-11-22");
    let values = Values::new()
        .with("form", &form)
        .with("answers", &answers)
        .with("licence", &Value::Null)
        .with("today", &today);
    let program = environment().compile(source).unwrap();
    program.evaluate(&values).unwrap()
}

fn refusal(source: &str) -> String {
    environment().compile(source).unwrap_err().to_string()
}
