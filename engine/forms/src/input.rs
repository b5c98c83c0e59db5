//! What was sent, as a browser's form fields or as JSON, gathered by field name within bounds.

use std::collections::BTreeMap;

use serde_json::Value;
use tongban_base::FieldError;

use crate::Form;

/// Of a whole form.
const MAX_BYTES: usize = 256 * 1024;
const MAX_UNKNOWN: usize = 20;

#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Names may repeat (checkboxes). Names that begin with `_` belong to the page and are skipped.
    Fields(&'a [(String, String)]),
    Json(&'a Value),
}

impl<'a> From<&'a [(String, String)]> for Input<'a> {
    fn from(fields: &'a [(String, String)]) -> Self {
        Input::Fields(fields)
    }
}

impl<'a> From<&'a Vec<(String, String)>> for Input<'a> {
    fn from(fields: &'a Vec<(String, String)>) -> Self {
        Input::Fields(fields)
    }
}

impl<'a> From<&'a Value> for Input<'a> {
    fn from(value: &'a Value) -> Self {
        Input::Json(value)
    }
}

/// What one field was sent.
#[derive(Clone, Debug)]
pub(crate) enum Raw<'a> {
    Texts(Vec<&'a str>),
    Json(&'a Value),
}

pub(crate) type Gathered<'a> = BTreeMap<&'a str, Raw<'a>>;

impl Input<'_> {
    /// Whether a field that was not sent was left empty: browsers leave out unticked boxes, programs
    /// leave out what they do not change.
    pub(crate) fn absent_is_empty(&self) -> bool {
        matches!(self, Input::Fields(_))
    }

    /// Whether the page that was sent showed this field, which it does only under a condition.
    pub(crate) fn asked(&self, name: &str) -> bool {
        match self {
            Input::Fields(fields) => fields
                .iter()
                .any(|(mark, _)| mark.strip_prefix("_asked.") == Some(name)),
            Input::Json(_) => false,
        }
    }
}

pub(crate) fn gather<'a>(form: &Form, input: Input<'a>) -> Result<Gathered<'a>, Vec<FieldError>> {
    if bytes(input) > MAX_BYTES {
        let message = "填写的内容太多，整张表最多 256 KB，请删减后再提交";
        return Err(vec![FieldError::new("", "too_large", message)]);
    }
    let mut gathered = Gathered::new();
    match input {
        Input::Fields(fields) => {
            let own = fields.iter().filter(|(name, _)| !name.starts_with('_'));
            for (name, text) in own {
                let entry = gathered.entry(name.as_str());
                if let Raw::Texts(texts) = entry.or_insert_with(|| Raw::Texts(Vec::new())) {
                    texts.push(text);
                }
            }
        }
        Input::Json(Value::Object(object)) => {
            let own = object.iter().filter(|(_, value)| !value.is_null());
            gathered.extend(own.map(|(name, value)| (name.as_str(), Raw::Json(value))));
        }
        Input::Json(_) => {
            let message = "提交的内容应为 JSON 对象";
            return Err(vec![FieldError::new("", "type", message)]);
        }
    }
    let unknown = gathered.keys().filter(|name| form.field(name).is_none());
    let errors: Vec<FieldError> = unknown
        .take(MAX_UNKNOWN)
        .map(|n| unknown_field(n))
        .collect();
    match errors.is_empty() {
        true => Ok(gathered),
        false => Err(errors),
    }
}

fn unknown_field(name: &str) -> FieldError {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let pointer = format!("/{}", crate::definition::escape(&shown));
    let message = format!("表单里没有“{shown}”这一项，请刷新页面后重新填写");
    FieldError::new(pointer, "unknown", message)
}

fn bytes(input: Input<'_>) -> usize {
    match input {
        Input::Fields(fields) => fields.iter().map(|(n, t)| n.len() + t.len()).sum(),
        Input::Json(value) => json_bytes(value),
    }
}

fn json_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|i| 1 + json_bytes(i)).sum::<usize>(),
        Value::Object(fields) => {
            let each = fields.iter().map(|(k, v)| k.len() + 4 + json_bytes(v));
            2 + each.sum::<usize>()
        }
        _ => 4,
    }
}
