//! The form as the JSON interface shows it.

use serde_json::{Map, Value, json};

use crate::field::Required;
use crate::view::visible_when;
use crate::{Field, Form};

impl Form {
    /// Title, basis, JSON Schema, steps, and per field what the page would show beside it.
    pub fn to_json(&self) -> Value {
        let steps: Vec<Value> = self
            .steps()
            .iter()
            .map(|step| json!({"id": step.id, "title": step.title, "fields": step.fields}))
            .collect();
        let fields: Map<String, Value> = self
            .fields()
            .iter()
            .map(|field| (field.name.clone(), describe(field)))
            .collect();
        json!({
            "title": self.title(),
            "basis": self.basis(),
            "schema": self.schema(),
            "steps": steps,
            "fields": fields,
        })
    }
}

fn describe(field: &Field) -> Value {
    let required_when = match &field.required {
        Required::When(program) => Some(program.source()),
        _ => None,
    };
    let mut described = json!({
        "widget": field.widget.name(),
        "from": field.from,
        "locked": field.locked,
        "calculated": field.is_calculated(),
        "help": field.help,
        "example": field.example,
        "visible_when": visible_when(field),
        "required_when": required_when,
    });
    if let Value::Object(map) = &mut described {
        map.retain(|_, value| !value.is_null());
    }
    described
}
