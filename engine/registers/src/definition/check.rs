//! Every name in a definition must exist, every rule compile: found when the pack is loaded, never at a counter.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_expressions::{Environment, Type};
use tongban_forms::{FieldKind, Form};
use tongban_packs::{Division, Findings};

use super::file::{CheckFile, RegisterFile};
use super::{RecordCheck, RegisterDefinition, form};

pub(super) fn definition(
    name: &str,
    mut file: RegisterFile,
    divisions: &BTreeMap<String, Division>,
    findings: &mut Findings,
) -> Option<RegisterDefinition> {
    let division_field = division_field(&file.schema);
    let form = form::form(name, &file, divisions, findings)?;
    let known = |part: &str, fields: &[String], findings: &mut Findings| {
        for field in fields.iter().filter(|f| form.field(f).is_none()) {
            findings.add(name, Some(part), format!("没有“{field}”这个字段"));
        }
    };
    known("key", std::slice::from_ref(&file.key), findings);
    known("list", &file.list, findings);
    known("filters", &file.filters, findings);
    known("sensitive", &file.sensitive, findings);
    for (part, groups) in [("unique", &file.unique), ("indexes", &file.indexes)] {
        for group in groups {
            known(part, group, findings);
        }
    }
    if file.list.is_empty() {
        findings.add(name, Some("list"), "列表至少要有一列");
    }
    if file.unique.iter().all(|group| *group != [file.key.clone()]) {
        file.unique.push(vec![file.key.clone()]);
    }
    let checks = checks(name, &file.checks, &form, findings);
    let indexed = file.indexes.iter().flatten().chain(&file.filters);
    Some(RegisterDefinition {
        searchable: indexed.cloned().collect(),
        sensitive: file.sensitive.into_iter().collect::<BTreeSet<_>>(),
        code: file.code,
        title: file.title,
        key: file.key,
        unique: file.unique,
        list: file.list,
        filters: file.filters,
        checks,
        form,
        division_field,
        example: file.example,
    })
}

fn division_field(schema: &Json) -> Option<String> {
    let properties = schema.get("properties")?.as_object()?;
    let found = properties
        .iter()
        .find(|(_, property)| tongban_forms::is_division(property));
    found.map(|(name, _)| name.clone())
}

fn checks(
    name: &str,
    files: &[CheckFile],
    form: &Form,
    findings: &mut Findings,
) -> Vec<RecordCheck> {
    let environment = environment(form);
    let mut checks = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        let place = format!("checks/{index}");
        let field = file.field.trim_start_matches('/');
        if !file.field.starts_with('/') || form.field(field).is_none() {
            findings.add(name, Some(&place), format!("没有“{}”这个字段", file.field));
        }
        match environment.compile_bool(&file.rule) {
            Ok(rule) => checks.push(RecordCheck {
                rule,
                pointer: file.field.clone(),
                message: file.message.clone(),
            }),
            Err(error) => findings.add(name, Some(&place), error.to_string()),
        }
    }
    checks
}

fn environment(form: &Form) -> Environment {
    let types = form.fields().iter().map(|field| {
        let r#type = match &field.kind {
            FieldKind::Text { .. } => Type::String,
            FieldKind::Integer => Type::Int,
            FieldKind::Number => Type::Double,
            FieldKind::Boolean { .. } => Type::Bool,
            FieldKind::Choice(options) => Type::choice(options.iter().map(|o| o.value.clone())),
            FieldKind::Choices(options) => {
                Type::list(Type::choice(options.iter().map(|o| o.value.clone())))
            }
        };
        (field.name.clone(), r#type)
    });
    let mut environment = Environment::new();
    environment.declare("record", Type::record(types));
    environment
}
