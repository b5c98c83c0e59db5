//! What must be right with a licence type before anything is issued of it. Knows no licence.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tongban_documents::Template;
use tongban_packs::{Findings, Folder, NumberRule};

use super::{FaceField, LicenceType, TypeFile, face};

pub(super) fn all(folder: &Folder, findings: &mut Findings) -> BTreeMap<String, LicenceType> {
    let organisations = organisations(folder);
    let mut types = BTreeMap::new();
    let mut type_codes = BTreeSet::new();
    for file in folder.list("licences/", ".toml") {
        let Some(read) = findings.take(folder.toml::<TypeFile>(file)) else {
            continue;
        };
        check(file, &read, organisations.as_ref(), findings);
        if !type_codes.insert(read.type_code.clone()) {
            findings.add(file, Some("type_code"), "另一种证照已经用了这个类型代码");
        }
        if let Some(compiled) = compile(folder, file, read, findings) {
            types.insert(compiled.code.clone(), compiled);
        }
    }
    types
}

/// Codes of the pack's organisations; none where the pack has no such file.
fn organisations(folder: &Folder) -> Option<BTreeSet<String>> {
    let file: Json = folder.toml("organisations.toml").ok()?;
    let rows = file.get("organisation")?.as_array()?;
    let codes = rows.iter().filter_map(|row| row.get("code")?.as_str());
    Some(codes.map(str::to_owned).collect())
}

fn check(
    file: &str,
    read: &TypeFile,
    organisations: Option<&BTreeSet<String>>,
    findings: &mut Findings,
) {
    let mut fault = |element: &str, message: String| findings.add(file, Some(element), message);
    if file != format!("licences/{}.toml", read.code) {
        fault("code", format!("代码 {} 与文件名不一致", read.code));
    }
    let is_code = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
    if read.type_code.len() != 21 || !read.type_code.chars().all(is_code) {
        fault(
            "type_code",
            "证照类型代码应为 21 位数字和大写字母：定义机关的统一社会信用代码加三位序号".into(),
        );
    }
    if organisations.is_some_and(|codes| !codes.contains(&read.issuer)) {
        fault("issuer", format!("没有机构 {}", read.issuer));
    }
    if read
        .validity_years
        .is_some_and(|years| !(1..=100).contains(&years))
    {
        fault(
            "validity_years",
            "有效期应为 1 至 100 年；长期有效的不写这一项".into(),
        );
    }
    if !(1..=4).contains(&read.pages) {
        fault("pages", "照面应为 1 至 4 页".into());
    }
}

fn compile(
    folder: &Folder,
    file: &str,
    read: TypeFile,
    findings: &mut Findings,
) -> Option<LicenceType> {
    let number_rule = NumberRule::parse(&read.number_rule)
        .map_err(|message| findings.add(file, Some("number_rule"), message))
        .ok();
    let template = template(folder, file, &read.face, findings);
    let fields = fields(file, &read, findings);
    Some(LicenceType {
        code: read.code,
        type_code: read.type_code,
        title: read.title,
        validity_years: read.validity_years,
        issuer: read.issuer,
        number_rule: number_rule?,
        pages: read.pages,
        fields: fields?,
        template: template?,
    })
}

/// What the register of licences and everybody who verifies one go by.
const KEPT: [&str; 4] = ["number", "issued_on", "valid_from", "valid_to"];

fn fields(file: &str, read: &TypeFile, findings: &mut Findings) -> Option<Vec<FaceField>> {
    let environment = face::environment(read.fields.iter().map(|f| f.code.as_str()));
    let mut seen = BTreeSet::new();
    let mut compiled = Vec::new();
    for field in &read.fields {
        let element = format!("fields.{}", field.code);
        if !seen.insert(&field.code) {
            findings.add(file, Some(&element), "照面项目的代码重复");
        }
        match environment.compile(&field.from) {
            Ok(from) => {
                let kept = format!("issued.{}", field.code);
                if KEPT.contains(&field.code.as_str()) && field.from.trim() != kept {
                    let words = format!("要取 {kept}，不然照面上的和登记、核验的不一致");
                    findings.add(file, Some(&element), words);
                }
                compiled.push(FaceField {
                    code: field.code.clone(),
                    title: field.title.clone(),
                    from,
                    words: field.words.clone(),
                });
            }
            Err(error) => findings.add(file, Some(&element), error.to_string()),
        }
    }
    (compiled.len() == read.fields.len()).then_some(compiled)
}

/// The face with all `*.typ` of the pack's documents and licences as files beside it.
fn template(folder: &Folder, file: &str, face: &str, findings: &mut Findings) -> Option<Template> {
    let path = format!("licences/{face}");
    let Ok(source) = folder.text(&path) else {
        findings.add(file, Some("face"), format!("没有照面模板 {path}"));
        return None;
    };
    let mut template = Template::new(face, source);
    for prefix in ["documents/", "licences/"] {
        for name in folder.list(prefix, ".typ").filter(|name| *name != path) {
            let inside = format!("/{}", name.trim_start_matches(prefix));
            if let Some(content) = folder.bytes(name) {
                template = template.with_file(inside, content);
            }
        }
    }
    Some(template)
}
