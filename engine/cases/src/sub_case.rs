//! The part of a procedure that says which cases its flow starts: `[[sub_case]]`. Runs nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value as Json;
use tongban_expressions::Type;
use tongban_operations::CallSite;
use tongban_packs::Folder;
use tongban_procedures::{Audience, MaterialSource, PartInfo, PartSite, Procedure, names};

const KEY: &str = "sub_case";

pub(crate) const PART: PartInfo = PartInfo {
    keys: &[KEY],
    check,
    files: |_| Vec::new(),
    indexed: &[],
};

/// A case that flows start by its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubCasePart {
    pub name: String,
    /// The code of its procedure.
    pub procedure: String,
    /// What its form says, by field.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What its questions are answered with.
    #[serde(default)]
    pub answers: BTreeMap<String, String>,
    /// For whom it is filed, where that is not whoever the case is of: the login of an officer,
    pub person: Option<String>,
    /// or the code of an organisation.
    pub unit: Option<String>,
    /// The case is not granted while it is open.
    #[serde(default)]
    pub wait: bool,
}

/// Those of a procedure; none of one that has none, or none that can be read.
pub(crate) fn of(parts: &Json) -> Vec<SubCasePart> {
    let written = parts.get(KEY).cloned().unwrap_or_default();
    serde_json::from_value(written).unwrap_or_default()
}

/// Whether a call of `case.start` names one.
pub(crate) fn check_call(site: &CallSite) -> Vec<String> {
    let name = site.text("sub_case");
    let known = of(site.parts).iter().any(|part| part.name == name);
    let words = || {
        format!(
            "办理 {} 没有名为 {name} 的 [[sub_case]]，不能执行 {}",
            site.procedure, site.operation
        )
    };
    (!known).then(words).into_iter().collect()
}

fn check(site: &PartSite) -> Vec<(&'static str, String)> {
    let Some(written) = site.parts.get(KEY) else {
        return Vec::new();
    };
    let parts: Vec<SubCasePart> = match serde_json::from_value(written.clone()) {
        Ok(parts) => parts,
        Err(fault) => return vec![(KEY, format!("[[sub_case]] 的写法有误：{fault}"))],
    };
    let mut faults = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut told = match read(&site.pack.folder, &part.procedure) {
            Some(procedure) => part_faults(site, part, &procedure),
            None => vec![format!("没有办理 {}，或者它的定义有误", part.procedure)],
        };
        if parts.iter().take(at).any(|other| other.name == part.name) {
            told.push("写了两次".to_owned());
        }
        faults.extend(
            told.into_iter()
                .map(|words| (KEY, format!("[[sub_case]] {}：{words}", part.name))),
        );
    }
    faults
}

fn read(folder: &Folder, code: &str) -> Option<Procedure> {
    let files = ["procedures", "items"].map(|of| format!("{of}/{code}.toml"));
    files.iter().find_map(|file| folder.toml(file).ok())
}

/// What a procedure is called, for words about it.
pub(crate) fn title(folder: &Folder, code: &str) -> String {
    read(folder, code).map_or_else(|| code.to_owned(), |procedure| procedure.name)
}

fn part_faults(site: &PartSite, part: &SubCasePart, of: &Procedure) -> Vec<String> {
    let mut faults = Vec::new();
    let (folder, code) = (&site.pack.folder, &site.procedure.code);
    if of.code == *code || reaches(folder, &of.code, code) {
        faults.push(format!("办理 {code} 和 {} 互相发起，永远不会结束", of.code));
    }
    faults.extend(holder_faults(site.procedure, part, of));
    if of.about.is_some() && of.about != site.procedure.about {
        faults.push(format!(
            "{} 针对一条台账记录办理，{code} 针对的不是同一个登记簿",
            of.code
        ));
    }
    for material in of
        .material
        .iter()
        .filter(|m| m.required && m.when.is_none() && m.source == MaterialSource::Applicant)
    {
        faults.push(format!(
            "{} 要上传{}，办件不能代为发起",
            of.code, material.name
        ));
    }
    faults.extend(value_faults(site, part, of));
    faults
}

/// Whether somebody is there for whom it could be filed.
fn holder_faults(parent: &Procedure, part: &SubCasePart, of: &Procedure) -> Option<String> {
    let named = part.person.is_some() || part.unit.is_some();
    let words = match (parent.audience, of.audience) {
        _ if part.person.is_some() && part.unit.is_some() => "person 和 unit 只能写一个",
        (_, Audience::Public | Audience::Staff | Audience::System) if part.unit.is_some() => {
            "unit 只用于 audience = \"unit\" 的办理"
        }
        (_, Audience::Public) if part.person.is_some() => "公众的事项只能以原申请人的名义发起",
        (Audience::Unit | Audience::Staff | Audience::System, Audience::Public) => {
            "公众的事项不能由工作人员的办件发起"
        }
        (Audience::Public, Audience::Unit | Audience::Staff) if !named => {
            "申请人不是工作人员，请写明以谁的名义发起（person 或者 unit）"
        }
        (
            Audience::Public | Audience::Unit | Audience::Staff | Audience::System,
            Audience::Public | Audience::Unit | Audience::Staff | Audience::System,
        ) => return None,
    };
    Some(words.to_owned())
}

fn value_faults(site: &PartSite, part: &SubCasePart, of: &Procedure) -> Vec<String> {
    let folder = &site.pack.folder;
    let own = form(folder, &site.procedure.form);
    let type_of = |names: BTreeSet<String>| match names.is_empty() {
        true => names::open(),
        false => Type::record(names.into_iter().map(|name| (name, Type::Any))),
    };
    let materials = site.procedure.material.iter();
    let materials = materials.map(|material| material.code.clone()).collect();
    let environment = names::environment(type_of(fields(&own)), type_of(materials));
    let mut faults = Vec::new();
    let values = part.values.iter().chain(&part.answers);
    let values = values.map(|(name, text)| (name.as_str(), text));
    let whose = [("person", &part.person), ("unit", &part.unit)];
    let whose = whose
        .into_iter()
        .filter_map(|(key, text)| Some((key, text.as_ref()?)));
    for (name, text) in values.chain(whose) {
        if let Err(fault) = environment.compile(text) {
            let (column, message) = (fault.column, &fault.message);
            faults.push(format!("{name} 的表达式 {text} 第 {column} 列：{message}"));
        }
    }
    let theirs = form(folder, &of.form);
    let known = fields(&theirs);
    for name in part.values.keys().filter(|name| !known.contains(*name)) {
        faults.push(format!("表单 {} 没有字段 {name}", of.form));
    }
    let questions: Vec<&str> = of.question.iter().map(|q| q.id.as_str()).collect();
    for id in part
        .answers
        .keys()
        .filter(|id| !questions.contains(&id.as_str()))
    {
        faults.push(format!("{} 没有问题 {id}", of.code));
    }
    let always = of
        .question
        .iter()
        .filter(|question| question.when.is_none());
    for question in always.filter(|question| !part.answers.contains_key(&question.id)) {
        faults.push(format!("没有回答 {}（{}）", question.id, question.text));
    }
    for name in required(&theirs) {
        let filled = theirs["fields"][&name].get("prefill").is_some();
        if !filled && !part.values.contains_key(&name) {
            faults.push(format!("没有写必填的 {name}"));
        }
    }
    faults
}

/// Whether one procedure starts another, at once or by others.
fn reaches(folder: &Folder, from: &str, to: &str) -> bool {
    let mut open = vec![from.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(code) = open.pop() {
        if !seen.insert(code.clone()) {
            continue;
        }
        let Some(procedure) = read(folder, &code) else {
            continue;
        };
        let next = of(&Json::Object(procedure.parts));
        let next: Vec<String> = next.into_iter().map(|part| part.procedure).collect();
        if next.iter().any(|code| code == to) {
            return true;
        }
        open.extend(next);
    }
    false
}

/// What cannot be read is told where forms are checked.
fn form(folder: &Folder, name: &str) -> Json {
    let text = folder.text(&format!("forms/{name}.json")).ok();
    let form = text.and_then(|text| serde_json::from_str(text).ok());
    form.unwrap_or_default()
}

fn fields(form: &Json) -> BTreeSet<String> {
    let properties = form["schema"]["properties"].as_object();
    let names = properties.into_iter().flat_map(|all| all.keys());
    names.cloned().collect()
}

fn required(form: &Json) -> Vec<String> {
    let names = form["schema"]["required"].as_array();
    let names = names.into_iter().flatten().filter_map(Json::as_str);
    names.map(str::to_owned).collect()
}
