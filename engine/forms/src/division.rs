//! Nobody types a code of twelve digits: a field of the format `division` offers the divisions by name, and takes no
//! other.

use serde_json::{Value, json};

pub fn is_division(property: &Value) -> bool {
    property.get("format").and_then(Value::as_str) == Some("division")
}

/// Turns such fields among the properties of a schema into choices. `divisions` are codes and names, with whether it
/// has ended: then it is read as before, and nobody chooses it any more. Where there are
/// none, the code is typed.
pub fn offer_divisions(properties: &mut Value, divisions: &[(String, String, bool)]) {
    if divisions.is_empty() {
        return;
    }
    let offered: Vec<Value> = divisions
        .iter()
        .map(|(code, name, has_ended)| match has_ended {
            true => json!({ "const": code, "title": name, "deprecated": true }),
            false => json!({ "const": code, "title": name }),
        })
        .collect();
    let properties = properties.as_object_mut().into_iter().flatten();
    for (_, property) in properties.filter(|(_, property)| is_division(property)) {
        if let Some(schema) = property.as_object_mut() {
            schema.shift_remove("format");
            schema.shift_remove("type");
            schema.insert("oneOf".into(), Value::Array(offered.clone()));
        }
    }
}
