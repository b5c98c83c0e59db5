//! What a letter of a case says: the data that document templates of a pack read.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_base::calendar::LastDay;
use tongban_base::{Kind, Problem, Result, Timestamp};
use tongban_forms::Meaning;
use tongban_packs::{Basis, Findings, Folder, NumberRule, NumberRules, Organisation, Pack};
use tongban_procedures::MaterialSource;

use crate::desk::Desk;
use crate::model::{Case, MaterialFile};
use crate::service::applying::values_of;
use crate::service::clocked::due_of;
use crate::service::telling::change_words;
use crate::work::Work;

/// A letter as a pack defines it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    pub code: String,
    pub title: String,
    pub template: String,
    /// `沪交从受〔{year}〕{seq:4}号`; without one the letter carries the number of its case.
    pub number_rule: Option<NumberRule>,
    /// Whether it carries the office's seal, where its template keeps room for one (`<seal>`).
    #[serde(default)]
    pub sealed: bool,
    /// The office has yet to fix it; the numbers say so.
    #[serde(default, rename = "example")]
    _example: bool,
    #[serde(rename = "basis")]
    _basis: Option<Basis>,
}

/// Checks all letters of a pack: keys, template, number rule.
pub fn check_letters(pack: &Pack, rules: &mut NumberRules, findings: &mut Findings) {
    for file in pack.folder.list("documents/", ".toml") {
        let Some(letter) = findings.take(pack.folder.toml::<Letter>(file)) else {
            continue;
        };
        let template = format!("documents/{}", letter.template);
        if pack.folder.bytes(&template).is_none() {
            findings.add(file, Some("template"), format!("没有模板 {template}"));
        }
        if let Some(rule) = &letter.number_rule {
            rules.add(file, rule, findings);
        }
    }
}

pub fn letter(folder: &Folder, code: &str) -> Result<Letter> {
    folder
        .toml(&format!("documents/{code}.toml"))
        .map_err(|fault| broken(fault.to_string()))
}

/// What a letter is made of is not as it should be.
pub fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    let words = "文书没有生成，请联系系统管理员检查文书模板";
    Problem::new(Kind::Internal, "document.template", words).with_cause(cause)
}

/// What a letter says besides its case: of the office, the day that counts, the site.
pub struct Site<'a> {
    pub office: Option<Arc<Organisation>>,
    pub due: Option<LastDay>,
    pub public_url: &'a str,
    pub correction_lapses: bool,
    pub demo: bool,
}

impl<'a> Site<'a> {
    pub fn of(desk: &'a Desk, case: &Case) -> Self {
        Self {
            office: desk.catalog.organisation(&case.organisation),
            due: due_of(desk, (case.due_on, case.submitted_at)),
            public_url: &desk.public_url,
            correction_lapses: desk.correction_lapses(),
            demo: desk.demo,
        }
    }
}

/// The data of a letter at this moment of the case, of which these files were handed in.
pub fn data(
    site: &Site<'_>,
    work: &Work,
    letter: &Letter,
    (number, code): (&str, &str),
    (files, record, now): (&[MaterialFile], &Json, Timestamp),
) -> Json {
    let case = &work.case;
    let item = work.release.procedure();
    let (office, due) = (site.office.as_ref(), site.due);
    let url = format!("{}/d/{code}", site.public_url);
    let correction = work
        .correction
        .clone()
        .or_else(|| case.correction.clone())
        .unwrap_or_default();
    let id_number = work.release.form().text_of(Meaning::IdNumber, &case.form);
    json!({
        "document": { "number": number, "title": letter.title, "date_text": now.date_words() },
        "case": {
            "number": case.number, "item_name": case.item_name, "act": item.act,
            "applied_on": case.submitted_at.date_words(),
            "accepted_on": case.accepted_at.map(Timestamp::date_words).unwrap_or_default(),
            "promised_on": due.map(|due| due.words()).unwrap_or_default(),
            "promised_by": due.map(|due| due.promise()).unwrap_or_default(),
            "promised_days": item.limits.promised, "statutory_days": item.limits.statutory,
            "correction_due_on": correction.due().map(|due| due.words()).unwrap_or_default(),
            "correction_by": correction.by_words(),
            "correction_lapses": site.correction_lapses,
        },
        "change": change_words(work),
        "applicant": { "name": case.applicant, "id_number_masked": masked(id_number) },
        "organisation": {
            "name": office.map_or("", |o| o.name.as_str()),
            "phone": office.map_or("", |o| o.phone.as_str()),
            "address": office.map_or("", |o| o.address.as_str()),
        },
        "law": item.law.iter().map(|l| json!({ "title": l.title, "article": l.article })).collect::<Vec<_>>(),
        "materials": materials(work, &correction.materials, files),
        "fields": correction.fields.iter().map(|m| json!({ "title": m.title, "problem": m.problem })).collect::<Vec<_>>(),
        "reasons": if work.opinion.is_empty() { json!([]) } else { json!([work.opinion]) },
        "opinion": work.opinion,
        "form": form(work),
        "record": record,
        "delivery": delivery(work),
        "delivered": [],
        "verify_url": url,
        "qr": url,
        "demo": site.demo,
    })
}

/// What a letter may say of a record: each field of its register, by its title.
pub(crate) fn sample_record(folder: &Folder, register: Option<&str>) -> Json {
    #[derive(Deserialize)]
    struct Register {
        schema: Schema,
    }
    #[derive(Deserialize)]
    struct Schema {
        properties: serde_json::Map<String, Json>,
    }
    let Some(register) = register else {
        return Json::Null;
    };
    let read = folder.toml::<Register>(&format!("registers/{register}.toml"));
    let fields = read.map(|register| register.schema.properties);
    let fields = fields.into_iter().flatten();
    let told = fields.map(|(name, field)| {
        let value = match field["type"].as_str() {
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(true),
            Some("array") => json!([]),
            _ => field["title"].clone(),
        };
        (name, value)
    });
    Json::Object(told.collect())
}

/// What is to be mended; otherwise what was handed in, the form itself among it.
fn materials(work: &Work, mends: &[crate::model::Mend], files: &[MaterialFile]) -> Json {
    if !mends.is_empty() {
        return mends
            .iter()
            .map(|m| json!({ "name": m.title, "copies": "", "problem": m.problem }))
            .collect();
    }
    let facts = tongban_procedures::Facts::answers_only(
        work.case.answers.clone(),
        Json::Null,
        work.case.submitted_at.date(),
    );
    let wanted = work.release.materials(&facts);
    let called_for = |code: &str| wanted.iter().any(|m| m.code == code);
    work.release
        .procedure()
        .material
        .iter()
        .filter(|m| match m.source {
            MaterialSource::Form => called_for(&m.code),
            _ => files.iter().any(|f| f.material == m.code),
        })
        .map(|m| json!({ "name": m.name, "copies": m.copies }))
        .collect()
}

fn form(work: &Work) -> Json {
    let options = tongban_forms::ReadOptions {
        mask: false,
        markable: false,
        problems: &[],
    };
    let view = work
        .release
        .form()
        .read_view(&values_of(&work.case.form), &options);
    let steps: Vec<Json> = view
        .groups
        .iter()
        .map(|group| {
            let rows: Vec<Json> = group
                .items
                .iter()
                .map(|item| json!({ "title": item.title, "value": item.text }))
                .collect();
            json!({ "title": group.title, "rows": rows })
        })
        .collect();
    json!({ "title": work.release.form().title(), "basis": work.release.form().basis(), "steps": steps })
}

fn delivery(work: &Work) -> Json {
    let text = |meaning| work.release.form().text_of(meaning, &work.case.form);
    json!({
        "method": text(Meaning::Delivery), "address": text(Meaning::PostAddress),
        "recipient": work.case.applicant,
        "delivered_on": "", "agent": "", "staff": "", "note": "",
    })
}

fn masked(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    if letters.len() < 11 {
        return String::new();
    }
    let front: String = letters[..6].iter().collect();
    let back: String = letters[letters.len() - 4..].iter().collect();
    format!("{front}********{back}")
}
