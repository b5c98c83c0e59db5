//! The form of a register: its schema as the forms engine takes it, in one step.

use serde_json::{Value as Json, json};
use tongban_forms::{Form, offer_divisions};
use tongban_packs::{Findings, KnownDivisions};

use super::file::RegisterFile;

/// The only step of a register's form.
pub(crate) const STEP: &str = "record";
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Faults of the schema are told with their place in the file.
pub(super) fn form(
    name: &str,
    file: &RegisterFile,
    divisions: &KnownDivisions,
    findings: &mut Findings,
) -> Option<Form> {
    let mut schema = file.schema.clone();
    if let Json::Object(root) = &mut schema {
        root.entry("$schema").or_insert_with(|| DRAFT.into());
    }
    if let Some(properties) = schema.get_mut("properties") {
        offer_divisions(properties, divisions);
    }
    let Some(Json::Object(properties)) = schema.get_mut("properties") else {
        findings.add(name, Some("schema"), "应列出字段（properties）");
        return None;
    };
    let mut fields = serde_json::Map::new();
    for (field, property) in properties.iter_mut() {
        if let Some(value) = default(property) {
            fields.insert(field.clone(), value);
        }
    }
    let names: Vec<&String> = properties.keys().collect();
    let root = json!({
        "title": file.title,
        "basis": if file.example { "示例" } else { "台账定义" },
        "steps": [{ "id": STEP, "title": file.title, "fields": names }],
        "fields": fields,
        "schema": schema,
    });
    match Form::from_json(&root) {
        Ok(form) => Some(form),
        Err(faults) => {
            for fault in faults {
                findings.add(name, Some(&fault.pointer), fault.message);
            }
            None
        }
    }
}

/// A default of the schema is proposed as an expression; forms know no `default`.
fn default(property: &mut Json) -> Option<Json> {
    let value = property.as_object_mut()?.shift_remove("default")?;
    Some(json!({ "prefill": literal(&value) }))
}

/// JSON texts, numbers and lists are written the same way in CEL.
fn literal(value: &Json) -> String {
    value.to_string()
}
