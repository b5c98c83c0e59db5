//! A field taken out of a form, or a column out of a register: with everything that mentions it, or so that nobody is
//! asked for it any more.

use serde_json::{Value as Json, json};
use tongban_packs::Folder;

use super::{Reduced, tree};

pub(super) fn has(folder: &Folder, file: &str, field: &str) -> bool {
    has_column(folder, file, field)
}

pub(super) fn has_column(folder: &Folder, file: &str, field: &str) -> bool {
    tree::read(folder, file).is_ok_and(|read| read["schema"]["properties"].get(field).is_some())
}

pub(super) fn candidates(folder: &Folder, file: &str, field: &str) -> Result<Vec<Reduced>, String> {
    let read = tree::read(folder, file)?;
    let mention = format!("form.{field}");
    let mut gone = read.clone();
    drop_property(&mut gone, field);
    drop_field(&mut gone, field, &mention);
    let mut unasked = read.clone();
    drop_required(&mut unasked, field);
    drop_field(&mut unasked, field, &mention);
    let mut optional = read;
    drop_required(&mut optional, field);
    drop_rules(&mut optional, field, &mention);
    let reduced = |how: &str, tree: &Json| {
        Ok::<_, String>(Reduced {
            how: format!("{file} 的栏目 {field}{how}"),
            folder: tree::written(folder, file, tree)?,
        })
    };
    Ok(vec![
        reduced("整个拿掉", &gone)?,
        reduced("不再出现在页面上", &unasked)?,
        reduced("不再必填，也没有规则", &optional)?,
    ])
}

/// A column of a register.
pub(super) fn column(folder: &Folder, file: &str, field: &str) -> Result<Vec<Reduced>, String> {
    let read = tree::read(folder, file)?;
    let mention = format!("record.{field}");
    let mut gone = read.clone();
    drop_property(&mut gone, field);
    drop_required(&mut gone, field);
    drop_checks(&mut gone, field, &mention);
    drop_listed(&mut gone, field);
    let mut unlisted = read;
    drop_required(&mut unlisted, field);
    drop_checks(&mut unlisted, field, &mention);
    if let Some(list) = unlisted.get_mut("list").and_then(Json::as_array_mut) {
        list.retain(|entry| entry != field);
    }
    let reduced = |how: &str, tree: &Json| {
        Ok::<_, String>(Reduced {
            how: format!("{file} 的栏目 {field}{how}"),
            folder: tree::written(folder, file, tree)?,
        })
    };
    Ok(vec![
        reduced("整个拿掉", &gone)?,
        reduced("不再必填，也不列出", &unlisted)?,
    ])
}

fn drop_property(tree: &mut Json, field: &str) {
    if let Some(properties) = tree
        .pointer_mut("/schema/properties")
        .and_then(Json::as_object_mut)
    {
        properties.shift_remove(field);
    }
    drop_required(tree, field);
}

fn drop_required(tree: &mut Json, field: &str) {
    if let Some(required) = tree
        .pointer_mut("/schema/required")
        .and_then(Json::as_array_mut)
    {
        required.retain(|entry| entry != field);
    }
}

/// What a register names its columns for.
fn drop_listed(tree: &mut Json, field: &str) {
    for key in ["list", "filters", "sensitive"] {
        if let Some(list) = tree.get_mut(key).and_then(Json::as_array_mut) {
            list.retain(|entry| entry != field);
        }
    }
    for key in ["unique", "indexes"] {
        if let Some(lists) = tree.get_mut(key).and_then(Json::as_array_mut) {
            lists.retain(|list| !list.as_array().is_some_and(|l| l.contains(&json!(field))));
        }
    }
}

/// The field is on no page, and nothing asks for it.
fn drop_field(tree: &mut Json, field: &str, mention: &str) {
    let steps = tree.get_mut("steps").and_then(Json::as_array_mut);
    for step in steps.into_iter().flatten() {
        if let Some(fields) = step.get_mut("fields").and_then(Json::as_array_mut) {
            fields.retain(|entry| entry != field);
        }
    }
    drop_rules(tree, field, mention);
}

fn drop_rules(tree: &mut Json, field: &str, mention: &str) {
    if let Some(fields) = tree.get_mut("fields").and_then(Json::as_object_mut) {
        fields.shift_remove(field);
        for rules in fields.values_mut() {
            if let Some(rules) = rules.as_object_mut() {
                rules.retain(|_, rule| !tree::mentions(rule, mention));
            }
        }
    }
    drop_checks(tree, field, mention);
}

fn drop_checks(tree: &mut Json, field: &str, mention: &str) {
    if let Some(checks) = tree.get_mut("checks").and_then(Json::as_array_mut) {
        let own = format!("/{field}");
        checks.retain(|check| check["field"] != own && !tree::mentions(&check["rule"], mention));
    }
}
