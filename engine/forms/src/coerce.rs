//! From what was sent for one field to a value of its type. Knows no rules beyond the type.

use serde_json::{Map, Value, json};
use tongban_base::{FieldError, typed};

use crate::input::Raw;
use crate::offer::ids;
use crate::{Field, FieldKind, Widget};

/// The largest whole number that every reader of JSON keeps exactly.
const MAX_WHOLE: i64 = (1 << 53) - 1;

/// `Ok(Null)` when the field was left empty.
pub(crate) fn coerce(field: &Field, raw: &Raw<'_>) -> Result<Value, FieldError> {
    match raw {
        Raw::Texts(texts) => match &field.kind {
            FieldKind::Choices(_) => {
                let chosen = texts.iter().map(|t| t.trim()).filter(|t| !t.is_empty());
                Ok(list(chosen.map(Value::from).collect()))
            }
            FieldKind::Records => {
                let chosen = texts.iter().map(|t| t.trim()).filter(|t| !t.is_empty());
                Ok(list(once(chosen.map(reference).collect())))
            }
            _ => from_text(field, texts.last().copied().unwrap_or_default()),
        },
        Raw::Json(value) => from_json(field, value),
    }
}

fn list(items: Vec<Value>) -> Value {
    match items.is_empty() {
        true => Value::Null,
        false => Value::Array(items),
    }
}

fn from_json(field: &Field, value: &Value) -> Result<Value, FieldError> {
    match (&field.kind, value) {
        (_, Value::Null) => Ok(Value::Null),
        (FieldKind::Record, value) => referenced(value).ok_or_else(|| no_reference(field)),
        (FieldKind::Records, Value::Array(items)) => {
            let items: Option<Vec<Value>> = items.iter().map(referenced).collect();
            let items = items.ok_or_else(|| no_reference(field))?;
            Ok(list(once(items)))
        }
        (FieldKind::Records, _) => Err(no_reference(field)),
        (FieldKind::Choices(_), Value::Array(items)) => {
            if items.iter().all(Value::is_string) {
                return Ok(list(items.clone()));
            }
            Err(wrong_type(field, "应填选项的列表"))
        }
        (FieldKind::Boolean { .. }, Value::Bool(_)) => Ok(value.clone()),
        (FieldKind::Integer, Value::Number(_)) => whole(field, value.as_i64()),
        (FieldKind::Number, Value::Number(number)) => {
            Ok(number.as_f64().map_or(Value::Null, Value::from))
        }
        (FieldKind::Choices(_), _) => Err(wrong_type(field, "应填选项的列表")),
        (_, Value::String(text)) => from_text(field, text),
        (FieldKind::Boolean { .. }, _) => Err(wrong_type(field, "应填 true 或 false")),
        (FieldKind::Integer, _) => Err(wrong_type(field, "应填整数")),
        (FieldKind::Number, _) => Err(wrong_type(field, "应填数字")),
        _ => Err(wrong_type(field, "应填文字")),
    }
}

fn from_text(field: &Field, text: &str) -> Result<Value, FieldError> {
    let tidy = tidy(field, text)?;
    if tidy.is_empty() {
        return Ok(Value::Null);
    }
    match &field.kind {
        FieldKind::Integer => whole(field, typed::decimal(&tidy).and_then(|n| n.parse().ok())),
        FieldKind::Number => {
            let number = typed::decimal(&tidy).and_then(|n| n.parse().ok());
            let number = number.filter(|n: &f64| n.is_finite() && n.abs() < 1e15);
            let wrong = || wrong_type(field, "应填数字，小数点写作“.”，例如 12.5");
            number.map(Value::from).ok_or_else(wrong)
        }
        FieldKind::Boolean { .. } => match tidy.as_str() {
            "true" | "on" | "1" | "yes" => Ok(Value::Bool(true)),
            "false" | "off" | "0" | "no" => Ok(Value::Bool(false)),
            _ => Err(wrong_type(field, "应选“是”或“否”")),
        },
        FieldKind::Record => Ok(reference(&tidy)),
        _ => Ok(Value::from(tidy)),
    }
}

/// What stands for a chosen record until it is found.
fn reference(id: &str) -> Value {
    json!({ "id": id })
}

/// A reference as a program sends it, or as a draft keeps it: its id, or an object with it.
fn referenced(value: &Value) -> Option<Value> {
    let id = value.as_str().or_else(|| value.get("id")?.as_str())?;
    let mut read = Map::new();
    read.insert("id".to_owned(), Value::from(id.trim()));
    for part in ["number", "title"] {
        if let Some(text) = value.get(part).and_then(Value::as_str) {
            read.insert(part.to_owned(), Value::from(text));
        }
    }
    Some(Value::Object(read)).filter(|_| !id.trim().is_empty())
}

/// Each record once, where it stands first.
fn once(items: Vec<Value>) -> Vec<Value> {
    let mut seen: Vec<String> = Vec::new();
    let mut items = items;
    items.retain(|item| {
        let id = ids(item).concat();
        let is_new = !seen.contains(&id);
        seen.push(id);
        is_new
    });
    items
}

fn no_reference(field: &Field) -> FieldError {
    wrong_type(field, "应填所选记录的编号（id）")
}

fn whole(field: &Field, number: Option<i64>) -> Result<Value, FieldError> {
    number
        .filter(|n| n.abs() <= MAX_WHOLE)
        .map(Value::from)
        .ok_or_else(|| wrong_type(field, "应填整数，例如 12"))
}

/// Trims, unifies line ends, drops what nobody sees, refuses control characters.
fn tidy(field: &Field, text: &str) -> Result<String, FieldError> {
    let lines = field.widget == Widget::Textarea;
    let mut tidy = String::with_capacity(text.len());
    let mut characters = text.trim().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // Copied along without anyone seeing them.
            c if typed::is_invisible(c) => {}
            '\t' => tidy.push(' '),
            '\r' if lines && characters.peek() == Some(&'\n') => {}
            '\r' | '\n' if lines => tidy.push('\n'),
            c if c.is_control() => {
                let message = format!("{}里有看不见的控制字符，请删除后重新填写", field.title);
                return Err(FieldError::new(field.pointer(), "control", message));
            }
            c => tidy.push(c),
        }
    }
    match &field.kind {
        FieldKind::Text {
            format: Some(format),
            ..
        } => Ok(format.tidy(&tidy)),
        _ => Ok(tidy.trim().to_owned()),
    }
}

fn wrong_type(field: &Field, words: &str) -> FieldError {
    FieldError::new(field.pointer(), "type", format!("{}{words}", field.title))
}
