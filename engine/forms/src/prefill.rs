//! What the form knows before it is filled in, and where it knows it from.

use std::collections::BTreeMap;

use serde_json::Value;
use tongban_expressions::{Program, Values as Names};

use crate::offer::filled;
use crate::{Field, FieldKind, Form, Known};

/// Where a value is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Person,
    /// What the owner of the account has written there himself.
    Account,
    Licence,
    Record,
    /// The record that was chosen in another field.
    Chosen,
    Answers,
    System,
}

impl Source {
    /// As the applicant reads it beside the field.
    pub fn title(self) -> &'static str {
        match self {
            Source::Person => "来自您的实名信息",
            Source::Account => "来自您的账号资料",
            Source::Licence => "来自您的电子证照",
            Source::Record => "来自台账里的记录",
            Source::Chosen => "取自所选的记录",
            Source::Answers => "来自您前面的回答",
            Source::System => "由系统填写",
        }
    }

    /// An officer's name is not proven; it is that of the account.
    pub(crate) fn title_to(self, known: &Known) -> &'static str {
        let is_officer = known.person.get("organisation").is_some();
        match self {
            Source::Person | Source::Account if is_officer => "来自您的工作账号",
            other => other.title(),
        }
    }
}

/// A value that nobody had to type; the title of its source is shown beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prefilled {
    pub value: Value,
    pub source: Source,
    pub locked: bool,
}

impl Form {
    /// By field name; a field of which nothing is known is left out.
    pub fn prefill(&self, known: &Known) -> BTreeMap<String, Prefilled> {
        let today = known.today_text();
        let names = known_names(known, &today);
        let fields = self.fields().iter();
        fields
            .filter_map(|field| Some((field.name.clone(), prefilled(field, &names)?)))
            .collect()
    }
}

pub(crate) fn known_names<'a>(known: &'a Known, today: &'a Value) -> Names<'a> {
    Names::new()
        .with("person", &known.person)
        .with("answers", &known.answers)
        .with("licence", &known.licence)
        .with("record", &known.record)
        .with("today", today)
}

/// A source that answers with the wrong type, or that fails, is as good as one that knows nothing: the
/// person fills the field in.
pub(crate) fn prefilled(field: &Field, names: &Names<'_>) -> Option<Prefilled> {
    let program = field.prefill.as_ref()?;
    let value = program.evaluate(names).ok()?;
    fits(&field.kind, &value).then(|| Prefilled {
        value,
        source: source(program),
        locked: field.locked,
    })
}

/// What a field takes from elsewhere and nobody may type: of a locked one what is known, of one that is filled what the
/// chosen record says.
pub(crate) fn supplied(
    field: &Field,
    known: &Known,
    names: &Names<'_>,
    values: &Value,
) -> Option<Prefilled> {
    match (&field.filling, field.locked) {
        (Some(_), _) => filled(field, known, values),
        (None, true) => prefilled(field, names),
        (None, false) => None,
    }
}

pub(crate) fn fits(kind: &FieldKind, value: &Value) -> bool {
    let listed = |value: &Value, kind: &FieldKind| {
        let text = value.as_str();
        text.is_some_and(|text| kind.options().iter().any(|o| o.value == text))
    };
    match (kind, value) {
        (FieldKind::Text { .. }, Value::String(text)) => !text.is_empty(),
        (FieldKind::Integer, Value::Number(number)) => number.is_i64(),
        (FieldKind::Number, Value::Number(_)) => true,
        (FieldKind::Boolean { .. }, Value::Bool(_)) => true,
        (FieldKind::Choice(_), value) => listed(value, kind),
        (FieldKind::Choices(_), Value::Array(items)) => {
            !items.is_empty() && items.iter().all(|item| listed(item, kind))
        }
        _ => false,
    }
}

/// What nobody has proven of a person.
const TOLD: [&str; 2] = ["person.mobile", "person.address"];

fn source(program: &Program) -> Source {
    let looks_at = |name: &str| {
        let mut paths = program.paths().iter();
        paths.any(|path| path.split('.').next() == Some(name))
    };
    let written = |path: &String| TOLD.contains(&path.as_str());
    match () {
        () if program.paths().iter().any(written) => Source::Account,
        () if looks_at("person") => Source::Person,
        () if looks_at("licence") => Source::Licence,
        () if looks_at("record") => Source::Record,
        () if looks_at("answers") => Source::Answers,
        () => Source::System,
    }
}
