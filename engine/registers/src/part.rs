//! The part of a procedure that says which records its flow writes: `[[record]]`, and the guide that is read before it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_expressions::{ExpressionError, Type};
use tongban_operations::GuidePart;
use tongban_packs::Folder;
use tongban_procedures::{PartInfo, PartSite, names as of_case};

use crate::definition::{RegisterDefinition, RegisterDefinitions};

const RECORD: &str = "record";
const GUIDE: &str = "guide";

/// What this crate brings to procedures.
pub const PARTS: &[PartInfo] = &[PartInfo {
    keys: &[RECORD, GUIDE],
    check,
    files: |_| Vec::new(),
    indexed: &[],
}];

/// A record that flows write by its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordPart {
    pub name: String,
    pub register: String,
    /// Fields of the form that are called as fields of the register are written.
    #[serde(default = "yes")]
    pub copy: bool,
    /// By field; over what is copied.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The key of the record, where it is another one than the case is about.
    pub key: Option<String>,
    #[serde(default)]
    pub unique_on_submit: bool,
    /// Where there is no such record, nothing is written and nothing stands in the way.
    #[serde(default)]
    pub optional: bool,
}

fn yes() -> bool {
    true
}

/// Those of a procedure; none of one that has none, or none that can be read.
pub(crate) fn of(parts: &Json) -> Vec<RecordPart> {
    let written = parts.get(RECORD).cloned().unwrap_or_default();
    serde_json::from_value(written).unwrap_or_default()
}

fn check(site: &PartSite) -> Vec<(&'static str, String)> {
    let mut faults: Vec<(&'static str, String)> = Vec::new();
    let divisions = tongban_packs::known_divisions(site.pack.divisions.values());
    let register = |code: &str| RegisterDefinitions::one(&site.pack.folder, &divisions, code);
    if let Some(guide) = site.parts.get(GUIDE) {
        let part = GuidePart::deserialize(guide);
        let code = match &part {
            Ok(part) => part.register.as_str(),
            Err(fault) => {
                faults.push((GUIDE, format!("guide 的写法有误：{fault}")));
                ""
            }
        };
        let published = register(code).and_then(|register| register.publish);
        if part.is_ok() && published.is_none_or(|publish| publish.category().is_none()) {
            let words =
                format!("登记簿 {code} 不在包里，或者没有写发布（[publish]）和其中的 category");
            faults.push((GUIDE, words));
        }
    }
    let Some(written) = site.parts.get(RECORD) else {
        return faults;
    };
    let parts: Vec<RecordPart> = match serde_json::from_value(written.clone()) {
        Ok(parts) => parts,
        Err(fault) => {
            faults.push((RECORD, format!("[[record]] 的写法有误：{fault}")));
            return faults;
        }
    };
    for (at, part) in parts.iter().enumerate() {
        if parts.iter().take(at).any(|other| other.name == part.name) {
            faults.push((RECORD, format!("[[record]] {} 写了两次", part.name)));
        }
        let told = match register(&part.register) {
            Some(register) => part_faults(site, part, &register),
            None => vec![format!(
                "没有登记簿 {register}（registers/{register}.toml），或者它的定义有误",
                register = part.register
            )],
        };
        let named = |words| (RECORD, format!("[[record]] {}：{words}", part.name));
        faults.extend(told.into_iter().map(named));
    }
    faults
}

fn part_faults(site: &PartSite, part: &RecordPart, register: &RegisterDefinition) -> Vec<String> {
    let form = form_names(&site.pack.folder, &site.procedure.form);
    let types = |names: &[String]| match names.is_empty() {
        true => of_case::open(),
        false => Type::record(names.iter().map(|name| (name.clone(), Type::Any))),
    };
    let materials = site.procedure.material.iter();
    let materials: Vec<String> = materials.map(|m| m.code.clone()).collect();
    let materials = Type::record(materials.iter().map(|name| (name.clone(), Type::Any)));
    let environment = of_case::environment(types(&form), materials);
    let mut faults = Vec::new();
    for (field, text) in &part.values {
        if !register.has(field) {
            faults.push(format!("登记簿 {} 没有字段 {field}", register.code));
        }
        if let Err(fault) = environment.compile(text) {
            faults.push(expression(field, text, &fault));
        }
    }
    if let Some(key) = &part.key
        && let Err(fault) = environment.compile(key)
    {
        faults.push(expression("key", key, &fault));
    }
    let copies = part.copy && form.iter().any(|name| register.field(name).is_some());
    if part.values.is_empty() && !copies && part.key.is_none() {
        faults.push("没有写入任何字段：表单和登记簿没有同名的字段，values 也是空的".to_owned());
    }
    faults
}

fn expression(field: &str, text: &str, fault: &ExpressionError) -> String {
    let (column, message) = (fault.column, &fault.message);
    format!("{field} 的表达式 {text} 第 {column} 列：{message}")
}

/// The fields of a form; none where it cannot be read, which is told where forms are checked.
fn form_names(folder: &Folder, form: &str) -> Vec<String> {
    let text = folder.text(&format!("forms/{form}.json")).ok();
    let form: Option<Json> = text.and_then(|text| serde_json::from_str(text).ok());
    let properties = form
        .as_ref()
        .and_then(|form| form["schema"]["properties"].as_object());
    let names = properties.into_iter().flat_map(|all| all.keys());
    names.cloned().collect()
}
