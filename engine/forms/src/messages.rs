//! What is wrong with a field, said to the person who filled it in.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;
use tongban_base::{Date, FieldError};

use crate::{Field, FieldKind, Widget};

/// The code of a fault that a check across fields tells.
pub(crate) const CHECK: &str = "check";

pub(crate) fn required(field: &Field) -> FieldError {
    let title = &field.title;
    let message = match field.widget {
        Widget::Radio | Widget::Select | Widget::Checkboxes | Widget::YesNo | Widget::Record => {
            format!("请选择{title}")
        }
        Widget::Checkbox => format!("请阅读并勾选“{title}”"),
        _ => format!("请填写{title}"),
    };
    FieldError::new(field.pointer(), "required", message)
}

/// The schema's complaint about a field's value, in words.
pub(crate) fn invalid(field: &Field, error: &ValidationError<'_>, today: Date) -> FieldError {
    let value = error.instance();
    let (code, message) = match error.kind() {
        Kind::MaxLength { limit } => ("too_long", too_long(field, value, *limit)),
        Kind::MinLength { limit } => ("too_short", too_short(field, value, *limit)),
        Kind::Minimum { limit } => ("too_small", bound(field, "不能小于", limit)),
        Kind::ExclusiveMinimum { limit } => ("too_small", bound(field, "应大于", limit)),
        Kind::Maximum { limit } => ("too_large", bound(field, "不能大于", limit)),
        Kind::ExclusiveMaximum { limit } => ("too_large", bound(field, "应小于", limit)),
        Kind::MinItems { limit } => ("items", format!("{}至少选 {limit} 项", field.title)),
        Kind::MaxItems { limit } => ("items", format!("{}最多选 {limit} 项", field.title)),
        Kind::UniqueItems => ("items", format!("{}里有重复的选项，请去掉", field.title)),
        Kind::Format { .. } => ("format", format(field, value, today)),
        Kind::Pattern { .. } => ("format", pattern(field)),
        Kind::MultipleOf { multiple_of } => {
            let message = format!("{}应是 {multiple_of} 的倍数", field.title);
            ("step", message)
        }
        Kind::Constant { .. } if field.widget == Widget::Checkbox => return required(field),
        Kind::Enum { .. } | Kind::OneOfNotValid { .. } | Kind::Constant { .. } => {
            ("choice", format!("{}请从给出的选项中选择", field.title))
        }
        Kind::Type { .. } => ("type", format!("{}填写的类型不对，请重新填写", field.title)),
        _ => ("invalid", format!("{}填写有误，请核对", field.title)),
    };
    FieldError::new(field.pointer(), code, message)
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn too_long(field: &Field, value: &Value, limit: u64) -> String {
    let length = length(value);
    format!("{}最多 {limit} 个字，现在是 {length} 个", field.title)
}

fn too_short(field: &Field, value: &Value, limit: u64) -> String {
    let length = length(value);
    format!("{}至少 {limit} 个字，现在是 {length} 个", field.title)
}

fn bound(field: &Field, words: &str, limit: &Value) -> String {
    format!("{}{words} {limit}", field.title)
}

fn pattern(field: &Field) -> String {
    match &field.example {
        Some(example) => format!("{}的格式不对，应如 {example}", field.title),
        None => format!("{}的格式不对，请核对", field.title),
    }
}

fn format(field: &Field, value: &Value, today: Date) -> String {
    let FieldKind::Text {
        format: Some(format),
        ..
    } = &field.kind
    else {
        return pattern(field);
    };
    let words = format.check(value.as_str().unwrap_or_default(), today);
    words.err().unwrap_or_else(|| pattern(field))
}
