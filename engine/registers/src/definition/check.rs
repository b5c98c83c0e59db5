//! Every name in a definition must exist, every rule compile: found when the pack is loaded, never at a counter.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use tongban_expressions::{Environment, Program, Type};
use tongban_forms::{FieldKind, Form};
use tongban_packs::{Findings, KnownDivisions};

use super::access::{Action, Count};
use super::file::{ActionFile, CheckFile, CountFile, RegisterFile};
use super::files::{FileField, taken_out};
use super::publish::publish;
use super::{RecordCheck, RegisterDefinition, form};

pub(super) fn definition(
    name: &str,
    mut file: RegisterFile,
    divisions: &KnownDivisions,
    findings: &mut Findings,
) -> Option<RegisterDefinition> {
    let names = names(&file.schema);
    let files = taken_out(name, &mut file.schema, findings);
    let division_field = division_field(&file.schema);
    let form = form::form(name, &file, divisions, findings)?;
    references(name, &file, &form, findings);
    if file.list.is_empty() {
        findings.add(name, Some("list"), "列表至少要有一列");
    }
    if file.unique.iter().all(|group| *group != [file.key.clone()]) {
        file.unique.push(vec![file.key.clone()]);
    }
    let environment = environment(&form, &files);
    let indexed = file.indexes.iter().flatten().chain(&file.filters);
    let mut definition = RegisterDefinition {
        searchable: indexed.cloned().collect(),
        sensitive: file.sensitive.into_iter().collect::<BTreeSet<_>>(),
        code: file.code,
        title: file.title,
        key: file.key,
        unique: file.unique,
        list: file.list,
        filters: file.filters,
        checks: checks(name, &file.checks, &environment, (&form, &files), findings),
        actions: actions(name, file.action, &environment, findings),
        access: file.access,
        owner: file.owner,
        form,
        files,
        names,
        counts: Vec::new(),
        publish: None,
        division_field,
        example: file.example,
    };
    definition.counts = counts(name, file.count, &definition, &environment, findings);
    definition.publish = file.publish.map(|mut file| {
        let text = file.condition.take();
        let rule = text.and_then(|text| compiled(&environment, (name, "publish"), &text, findings));
        publish(name, file, &definition, rule, findings)
    });
    Some(definition)
}

/// Fields that the file names beside the schema.
fn references(name: &str, file: &RegisterFile, form: &Form, findings: &mut Findings) {
    let mut known = |part: &str, fields: &[String]| {
        for field in fields.iter().filter(|f| form.field(f).is_none()) {
            findings.add(name, Some(part), format!("没有“{field}”这个字段"));
        }
    };
    known("key", std::slice::from_ref(&file.key));
    known("list", &file.list);
    known("filters", &file.filters);
    known("sensitive", &file.sensitive);
    for (part, groups) in [("unique", &file.unique), ("indexes", &file.indexes)] {
        for group in groups {
            known(part, group);
        }
    }
    if let Some(owner) = &file.owner {
        known("owner", std::slice::from_ref(owner));
        let kind = form.field(owner).map(|field| &field.kind);
        if matches!(kind, Some(kind) if !matches!(kind, FieldKind::Text { .. } | FieldKind::Choice(_)))
        {
            findings.add(name, Some("owner"), format!("“{owner}”应为文字或者单选"));
        }
    }
}

/// The fields as they are written.
fn names(schema: &Json) -> Vec<String> {
    let properties = schema.get("properties").and_then(Json::as_object);
    let names = properties.into_iter().flat_map(|all| all.keys());
    names.cloned().collect()
}

fn compiled(
    environment: &Environment,
    (name, place): (&str, &str),
    text: &str,
    findings: &mut Findings,
) -> Option<Program> {
    environment
        .compile_bool(text)
        .map_err(|error| findings.add(name, Some(place), error.to_string()))
        .ok()
}

fn actions(
    name: &str,
    files: Vec<ActionFile>,
    environment: &Environment,
    findings: &mut Findings,
) -> Vec<Action> {
    let action = |file: ActionFile| {
        let when = file.when.as_deref();
        Action {
            when: when.and_then(|text| compiled(environment, (name, "action"), text, findings)),
            title: file.title,
            procedure: file.procedure,
            roles: file.roles,
        }
    };
    files.into_iter().map(action).collect()
}

fn counts(
    name: &str,
    files: Vec<CountFile>,
    definition: &RegisterDefinition,
    environment: &Environment,
    findings: &mut Findings,
) -> Vec<Count> {
    let mut counts = Vec::new();
    for file in files {
        for field in file.fields.iter().filter(|f| definition.field(f).is_none()) {
            findings.add(name, Some("count"), format!("没有“{field}”这个字段"));
        }
        let mut fields = file.fields.iter();
        let Some(index) = fields.find(|field| definition.searchable.contains(*field)) else {
            let words = "fields 里至少要有一个字段写进 indexes 或者 filters，才数得出来";
            findings.add(name, Some("count"), words);
            continue;
        };
        let rule = file.condition.as_deref();
        counts.push(Count {
            index: index.clone(),
            condition: rule.and_then(|text| compiled(environment, (name, "count"), text, findings)),
            fields: file.fields,
            most: file.most,
            message: file.message,
        });
    }
    counts
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
    environment: &Environment,
    (form, uploads): (&Form, &[FileField]),
    findings: &mut Findings,
) -> Vec<RecordCheck> {
    let mut checks = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        let place = format!("checks/{index}");
        let field = file.field.trim_start_matches('/');
        let is_known = form.field(field).is_some() || uploads.iter().any(|f| f.name == field);
        if !file.field.starts_with('/') || !is_known {
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

fn environment(form: &Form, files: &[FileField]) -> Environment {
    let types = form.fields().iter();
    let types = types.map(|field| (field.name.clone(), field.kind.expression_type()));
    let mut environment = Environment::new();
    let files = files
        .iter()
        .map(|file| (file.name.clone(), Type::map(Type::Any)));
    environment.declare("record", Type::record(types.chain(files)));
    environment
}
