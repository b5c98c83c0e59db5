//! What can be applied for: the half of an item that its office writes. Unknown keys are refused.

use serde::{Deserialize, Deserializer, Serialize};
use tongban_base::Date;
use tongban_documents::FileKind;
use tongban_packs::Basis;

/// GB/T 39046-2020 annex A gives the values of `kind` (A.1), `objects` (A.4), `handling` (A.5) and
/// `case_kind` (A.6).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub code: String,
    pub name: String,
    pub short_name: String,
    pub family: String,
    pub family_title: String,
    pub act: Act,
    #[serde(default)]
    pub basic_code: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub objects: Vec<String>,
    pub case_kind: String,
    pub handling: Vec<String>,
    pub organisation: String,
    pub divisions: DivisionRange,
    pub themes: Vec<String>,
    #[serde(default)]
    pub keywords: Vec<String>,
    pub summary: String,
    #[serde(deserialize_with = "day")]
    pub effective_from: Date,
    /// The last day on which it can be applied for.
    #[serde(default, deserialize_with = "last_day")]
    pub effective_to: Option<Date>,
    pub form: String,
    pub flow: String,
    #[serde(default)]
    pub visits: u32,
    pub limits: Limits,
    pub fee: Fee,
    #[serde(default)]
    pub admission: Vec<Admission>,
    #[serde(default)]
    pub law: Vec<Law>,
    #[serde(default)]
    pub condition: Vec<Condition>,
    #[serde(default)]
    pub question: Vec<Question>,
    #[serde(default)]
    pub material: Vec<Material>,
    #[serde(default)]
    pub place: Vec<Place>,
    pub licence: Option<LicenceEffect>,
    #[serde(default)]
    pub documents: Documents,
    pub review: Option<ReviewSet>,
    pub hold: Option<HoldEffect>,
    #[serde(default)]
    pub steps: Vec<GuideStep>,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
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

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DivisionRange {
    Word(String),
    Codes(Vec<String>),
}

/// Working days.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
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

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub amount_fen: i64,
    pub text: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
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

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
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

/// What programs do with the files of a material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialUse {
    /// The picture of the holder, for the face of a licence.
    Photo,
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
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub name: String,
    pub address: String,
    pub hours: String,
    pub phone: String,
    #[serde(default)]
    pub example: bool,
    pub basis: Option<Basis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    New,
    Extend,
    Keep,
    None,
}

/// What a granted case does to the licence of its type.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenceEffect {
    #[serde(rename = "type")]
    pub kind: String,
    pub act: Act,
    pub validity: Validity,
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

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewSet {
    pub tags: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldEffect {
    pub blocks: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuideStep {
    pub name: String,
    pub who: String,
    pub days: u32,
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
