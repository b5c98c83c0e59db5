//! The part of JSON Schema that forms use: flat objects of texts, numbers, yes or no, choices, and records that are
//! chosen (an object, or a list of objects, of which nothing more is said). Everything else is refused by name, so that no keyword is silently without effect.

use std::sync::Arc;

use jsonschema::Validator;
use serde_json::{Map, Value};
use tongban_base::Date;

use crate::definition::Problems;
use crate::{Choice, FieldKind, Format};

const ROOT: &[&str] = &[
    "$schema",
    "$id",
    "title",
    "description",
    "type",
    "additionalProperties",
    "required",
    "properties",
];
const PROPERTY: &[&str] = &[
    "type",
    "title",
    "description",
    "format",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "enum",
    "oneOf",
    "const",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
];
/// Of a text for which the schema says nothing.
const USUAL_LENGTH: usize = 500;
/// Of a list for which the schema says nothing.
const MOST_ITEMS: usize = 100;
/// What fits into a box of one line.
const LINE: usize = 200;
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A property as far as the schema tells.
pub(crate) struct Property {
    pub name: String,
    pub title: String,
    pub description: Option<String>,
    pub kind: FieldKind,
    pub required: bool,
}

pub(crate) struct Schema {
    pub properties: Vec<Property>,
    pub validator: Arc<Validator>,
}

pub(crate) fn read(schema: &Value, problems: &mut Problems) -> Option<Schema> {
    let root = problems.object(schema, "/schema", ROOT)?;
    if root.get("$schema").and_then(Value::as_str) != Some(DRAFT) {
        problems.add("/schema/$schema", format!("应为“{DRAFT}”"));
    }
    if root.get("type").and_then(Value::as_str) != Some("object") {
        problems.add("/schema/type", "应为“object”");
    }
    if root.get("additionalProperties") != Some(&Value::Bool(false)) {
        problems.add("/schema/additionalProperties", "应为 false");
    }
    let Some(Value::Object(declared)) = root.get("properties") else {
        problems.add("/schema/properties", "应列出表单的字段");
        return None;
    };
    let required = required(root, declared, problems);
    let properties = declared
        .iter()
        .filter_map(|(name, value)| property(name, value, &required, problems))
        .collect();
    let validator = compile(root, problems)?;
    Some(Schema {
        properties,
        validator,
    })
}

fn required<'a>(
    root: &'a Map<String, Value>,
    declared: &Map<String, Value>,
    problems: &mut Problems,
) -> Vec<&'a str> {
    let names: Vec<&str> = match root.get("required") {
        None => Vec::new(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) => {
            problems.add("/schema/required", "应为字段名的列表");
            Vec::new()
        }
    };
    for name in &names {
        if !declared.contains_key(*name) {
            problems.add("/schema/required", format!("没有“{name}”这个字段"));
        }
    }
    names
}

fn property(
    name: &str,
    value: &Value,
    required: &[&str],
    problems: &mut Problems,
) -> Option<Property> {
    let pointer = format!("/schema/properties/{name}");
    let schema = problems.object(value, &pointer, PROPERTY)?;
    let mut characters = name.chars();
    let named = characters.next().is_some_and(|c| c.is_ascii_lowercase())
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !named {
        problems.add(
            &pointer,
            "字段名应以小写字母开头，只含小写字母、数字和下划线",
        );
    }
    let title = schema.get("title").and_then(Value::as_str);
    let title = title.map(str::trim).filter(|t| !t.is_empty());
    if title.is_none() {
        problems.add(&pointer, "缺少标题（title）");
    }
    let kind = kind(schema, &pointer, problems)?;
    Some(Property {
        name: name.to_owned(),
        title: title.unwrap_or(name).to_owned(),
        description: schema
            .get("description")
            .and_then(Value::as_str)
            .map(str::to_owned),
        kind,
        required: required.contains(&name),
    })
}

fn kind(schema: &Map<String, Value>, pointer: &str, problems: &mut Problems) -> Option<FieldKind> {
    if let Some(options) = options(schema, pointer, problems) {
        return Some(FieldKind::Choice(options));
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => Some(text(schema, pointer, problems)),
        Some("integer") => Some(FieldKind::Integer),
        Some("number") => Some(FieldKind::Number),
        Some("boolean") => Some(FieldKind::Boolean {
            agreed: schema.get("const") == Some(&Value::Bool(true)),
        }),
        Some("object") => Some(FieldKind::Record),
        Some("array") => {
            let items = schema.get("items").and_then(Value::as_object);
            let of = items.and_then(|items| items.get("type"));
            if of.and_then(Value::as_str) == Some("object") {
                return Some(FieldKind::Records);
            }
            let options = items.and_then(|items| options(items, pointer, problems));
            if options.is_none() {
                problems.add(
                    pointer,
                    "列表的每一项（items）应给出可选的值（enum 或 oneOf），或者是所选的记录（type = object）",
                );
            }
            options.map(FieldKind::Choices)
        }
        Some(other) => {
            problems.add(pointer, format!("不支持类型“{other}”"));
            None
        }
        None => {
            problems.add(pointer, "缺少类型（type），或可选的值（enum、oneOf）");
            None
        }
    }
}

fn text(schema: &Map<String, Value>, pointer: &str, problems: &mut Problems) -> FieldKind {
    let format = schema.get("format").and_then(Value::as_str);
    let found = format.and_then(Format::find);
    if let (Some(name), None) = (format, found) {
        let known: Vec<&str> = Format::ALL.iter().map(|(name, _)| *name).collect();
        let known = known.join("、");
        problems.add(pointer, format!("没有“{name}”这种格式，可用的有：{known}"));
    }
    let length = schema.get("maxLength").and_then(Value::as_u64);
    let length = length.and_then(|l| usize::try_from(l).ok());
    let max_length = length.unwrap_or(USUAL_LENGTH);
    FieldKind::Text {
        format: found,
        max_length,
        lines: format.is_none() && !schema.contains_key("pattern") && max_length > LINE,
    }
}

fn options(
    schema: &Map<String, Value>,
    pointer: &str,
    problems: &mut Problems,
) -> Option<Vec<Choice>> {
    let listed = schema.get("enum").or_else(|| schema.get("oneOf"))?;
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut options: Vec<Choice> = Vec::new();
    for option in listed {
        let value = option.get("const").unwrap_or(option).as_str();
        let title = option.get("title").and_then(Value::as_str);
        let Some(value) = value.filter(|v| !v.is_empty()) else {
            problems.add(pointer, "可选的值应为文字");
            continue;
        };
        if options.iter().any(|o| o.value == value) {
            problems.add(pointer, format!("可选的值“{value}”出现了两次"));
        }
        options.push(Choice {
            value: value.to_owned(),
            title: title.unwrap_or(usual_title(value)).to_owned(),
            ended: option.get("deprecated") == Some(&Value::Bool(true)),
        });
    }
    if options.is_empty() {
        problems.add(pointer, "没有可选的值");
    }
    Some(options)
}

/// Codes that stand in every form need no title.
fn usual_title(value: &str) -> &str {
    match value {
        "male" => "男",
        "female" => "女",
        "yes" => "是",
        "no" => "否",
        other => other,
    }
}

/// `required` is left out: a field that is not shown is not required, whatever the schema says, so the
/// reader asks for it.
fn compile(root: &Map<String, Value>, problems: &mut Problems) -> Option<Arc<Validator>> {
    let mut schema = root.clone();
    schema.shift_remove("required");
    bound_texts(&mut schema);
    let mut options = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true);
    for (name, format) in Format::ALL {
        options = options.with_format(name, move |text: &str| {
            format.check(text, Date::MAX).is_ok()
        });
    }
    match options.build(&Value::Object(schema)) {
        Ok(validator) => Some(Arc::new(validator)),
        Err(error) => {
            let pointer = format!("/schema{}", error.instance_path());
            problems.add(&pointer, format!("不是有效的 JSON Schema：{error}"));
            None
        }
    }
}

/// A text without a length of its own gets the usual one, and so does a list.
fn bound_texts(schema: &mut Map<String, Value>) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let properties = properties.into_iter().flat_map(|p| p.values_mut());
    for property in properties.filter_map(Value::as_object_mut) {
        let bound = match property.get("type").and_then(Value::as_str) {
            Some("string") => ("maxLength", USUAL_LENGTH),
            Some("array") => ("maxItems", MOST_ITEMS),
            _ => continue,
        };
        property
            .entry(bound.0)
            .or_insert_with(|| Value::from(bound.1));
    }
}
