//! Answers made up for a form, so that papers can be tried before anybody applies: ordinary ones, and the longest that the
//! form takes.

use serde_json::{Map, Value, json};
use tongban_base::typed;

use crate::{Choice, Field, FieldKind, Form, Format};

/// How much the made-up answers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    Ordinary,
    Longest,
}

/// Of a text in the ordinary sample.
const ORDINARY: usize = 6;
/// Of a title in the longest sample.
const LONGEST_TITLE: usize = 100;

impl Form {
    /// A value for each field, hidden and calculated ones too.
    pub fn sample(&self, sample: Sample) -> Value {
        let values = self.fields().iter();
        let values = values.map(|field| (field.name.clone(), field.sample(sample)));
        Value::Object(values.collect::<Map<_, _>>())
    }
}

impl Field {
    fn sample(&self, sample: Sample) -> Value {
        match &self.kind {
            FieldKind::Text {
                format, max_length, ..
            } => json!(text(*format, *max_length, sample)),
            FieldKind::Integer | FieldKind::Number => json!(1),
            FieldKind::Boolean { .. } => json!(true),
            FieldKind::Choice(options) => json!(choice(options, sample)),
            FieldKind::Record => reference(sample),
            FieldKind::Records => json!([reference(sample)]),
            FieldKind::Choices(options) => match sample {
                Sample::Ordinary => json!([choice(options, sample)]),
                Sample::Longest => options.iter().map(|o| json!(o.value)).collect(),
            },
        }
    }
}

/// Of a record that is none.
fn reference(sample: Sample) -> Value {
    let title = text(None, LONGEST_TITLE, sample);
    json!({ "id": uuid_of_none(), "number": "A1", "title": title })
}

/// No record has it.
fn uuid_of_none() -> &'static str {
    "00000000-0000-0000-0000-000000000000"
}

fn choice(options: &[Choice], sample: Sample) -> &str {
    let chosen = match sample {
        Sample::Ordinary => options.first(),
        Sample::Longest => options.iter().max_by_key(|o| o.title.chars().count()),
    };
    chosen.map_or("", |option| option.value.as_str())
}

fn text(format: Option<Format>, max_length: usize, sample: Sample) -> String {
    let filled = |length: usize| "示例".chars().cycle().take(length).collect();
    match (format, sample) {
        (Some(Format::ResidentId), _) => "11010120000101001X".to_owned(),
        (Some(Format::Mobile), _) => "13800000000".to_owned(),
        (Some(Format::CreditCode), _) => "91110000TEST00001X".to_owned(),
        (Some(Format::Date), _) => "2026-12-31".to_owned(),
        (Some(Format::Division), _) => "110101000000".to_owned(),
        (Some(Format::Email), _) => "example@example.com".to_owned(),
        (Some(Format::Name), Sample::Ordinary) => "示例姓名".to_owned(),
        (Some(Format::Code), _) => "A1".to_owned(),
        (Some(Format::Phone), _) => "021-12345678".to_owned(),
        (Some(Format::Link), _) => "https://www.example.com/".to_owned(),
        (None, Sample::Ordinary) => filled(ORDINARY.min(max_length)),
        (Some(Format::Name), Sample::Longest) => filled(max_length.min(typed::LONGEST_NAME)),
        (None, Sample::Longest) => filled(max_length),
    }
}
