//! What can be applied for: the part of a procedure that this engine reads.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use tongban_base::Date;
use tongban_documents::FileKind;
use tongban_operations::MaterialUse;
use tongban_packs::{Basis, Diagnostic, Folder};

use crate::audience::Audience;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Procedure {
    pub code: String,
    pub name: String,
    /// The name, where nothing shorter is written.
    #[serde(default)]
    pub short_name: String,
    #[serde(default)]
    pub audience: Audience,
    /// The roles of officers that may start it; all officers where none are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_open: Option<bool>,
    /// The register of the record that a case is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Procedures of one family are about the same thing: of them one at a time may be open.
    #[serde(default)]
    pub family: String,
    #[serde(default)]
    pub family_title: String,
    pub act: Option<Act>,
    pub organisation: String,
    #[serde(deserialize_with = "day")]
    pub effective_from: Date,
    /// The last day on which it can be applied for.
    #[serde(default, deserialize_with = "last_day")]
    pub effective_to: Option<Date>,
    pub form: String,
    pub flow: String,
    pub limits: Limits,
    #[serde(default)]
    pub admission: Vec<Admission>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filing: Vec<Filing>,
    /// What the office decides by; letters name it.
    #[serde(default)]
    pub law: Vec<Law>,
    #[serde(default)]
    pub question: Vec<Question>,
    #[serde(default)]
    pub material: Vec<Material>,
    #[serde(default)]
    pub documents: Documents,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
    /// What modules read, by key.
    #[serde(flatten)]
    pub parts: serde_json::Map<String, Json>,
}

impl Procedure {
    /// As a file of a pack says it; what a procedure for officers may leave out is filled in.
    pub(crate) fn read(folder: &Folder, file: &str) -> Result<Self, Diagnostic> {
        let mut procedure: Self = folder.toml(file)?;
        let or = |text: &mut String, other: &str| {
            if text.is_empty() {
                other.clone_into(text);
            }
        };
        or(&mut procedure.short_name, &procedure.name);
        or(&mut procedure.family, &procedure.code);
        or(&mut procedure.family_title, &procedure.name);
        let limits = &mut procedure.limits;
        if procedure.audience != Audience::Public && limits.statutory == 0 {
            limits.statutory = limits.promised;
        }
        Ok(procedure)
    }
}

fn day<'de, D: Deserializer<'de>>(given: D) -> Result<Date, D::Error> {
    let text = String::deserialize(given)?;
    let date = text
        .parse::<Date>()
        .ok()
        .filter(|date| date.to_string() == text);
    date.ok_or_else(|| {
        let words = format!("应写成“2026-01-01”这样的日期，不能写“{text}”");
        serde::de::Error::custom(words)
    })
}

fn last_day<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Date>, D::Error> {
    day(given).map(Some)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Grant,
    Renew,
    Reissue,
    Change,
    Cancel,
}

/// Working days.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// What is promised, where the law says nothing.
    #[serde(default)]
    pub statutory: u32,
    pub promised: u32,
    pub acceptance: u32,
    /// Silence counts as acceptance when those days have passed (Administrative Licensing Law, article 32).
    #[serde(default)]
    pub silence_accepts: bool,
    /// From the decision to the delivery (Administrative Licensing Law, article 44).
    #[serde(default = "ten")]
    pub delivery: u32,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

fn ten() -> u32 {
    10
}

/// A rule that an application must meet; the message says what is wrong and what to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    pub rule: String,
    pub message: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

/// A rule that the filled-in form must keep; the message stands beside the field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    pub rule: String,
    pub field: String,
    pub message: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    pub title: String,
    pub article: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub mark: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

/// A situation question; `when` looks at earlier answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: String,
    pub text: String,
    #[serde(default)]
    pub help: String,
    pub when: Option<String>,
    pub options: Vec<Choice>,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// The applicant hands it in.
    #[serde(rename = "self")]
    Applicant,
    /// It can be taken from the licence base; handed in when it is not there.
    LicenceBase,
    /// The form itself makes it.
    Form,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    pub code: String,
    pub name: String,
    /// A material may be called anything; what programs do with it is said here.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub used_as: Option<MaterialUse>,
    pub required: bool,
    pub when: Option<String>,
    pub source: MaterialSource,
    #[serde(default)]
    pub formats: Vec<FileKind>,
    pub max_mb: Option<u32>,
    #[serde(default)]
    pub copies: String,
    #[serde(default)]
    pub sample: String,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub review_points: Vec<String>,
    #[serde(default)]
    pub mark: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
    /// It is about this one matter: what was handed in for an earlier one is not offered again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

impl Material {
    /// Whether files can be handed in: not for what the form makes, nor for what programs alone look up.
    pub fn takes_files(&self) -> bool {
        match self.source {
            MaterialSource::Form => false,
            MaterialSource::Applicant => true,
            MaterialSource::LicenceBase => !self.formats.is_empty(),
        }
    }
}

/// Codes of the letters that an item uses.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    pub application: Option<String>,
    pub acceptance: Option<String>,
    pub refusal: Option<String>,
    pub correction: Option<String>,
    pub grant: Option<String>,
    pub deny: Option<String>,
    pub delivery: Option<String>,
    pub cancel: Option<String>,
    /// More time is granted.
    pub extension: Option<String>,
    /// A special procedure begins, and ends.
    pub procedure: Option<String>,
    pub procedure_end: Option<String>,
}

impl Documents {
    pub fn codes(&self) -> impl Iterator<Item = &String> {
        [
            &self.application,
            &self.acceptance,
            &self.refusal,
            &self.correction,
            &self.grant,
            &self.deny,
            &self.delivery,
            &self.cancel,
            &self.extension,
            &self.procedure,
            &self.procedure_end,
        ]
        .into_iter()
        .flatten()
    }
}
