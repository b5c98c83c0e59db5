//! One field of a form, as its schema and layout describe it.

use serde_json::{Number, Value};
use tongban_expressions::{Program, Type};

use crate::offer::Filling;
use crate::{Format, Meaning};

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub title: String,
    pub kind: FieldKind,
    pub widget: Widget,
    pub help: Option<String>,
    pub example: Option<String>,
    /// Taken from what is known and not to be changed by the applicant, as long as it is known.
    pub locked: bool,
    /// What programs do with it.
    pub meaning: Option<Meaning>,
    /// The look-up or register whose records may be chosen.
    pub from: Option<String>,
    pub(crate) filling: Option<Filling>,
    pub(crate) prefill: Option<Program>,
    pub(crate) value: Option<Program>,
    pub(crate) visible: Option<Program>,
    pub(crate) required: Required,
}

impl Field {
    /// Whether an answer says something that may still be so another time.
    pub(crate) fn lasts(&self) -> bool {
        let is_known = self.prefill.is_some() || self.value.is_some();
        let is_of_kind = match &self.kind {
            FieldKind::Text { lines, .. } => !lines && self.widget != Widget::Date,
            FieldKind::Integer | FieldKind::Number => true,
            FieldKind::Choice(_) | FieldKind::Choices(_) => true,
            FieldKind::Boolean { .. } | FieldKind::Record | FieldKind::Records => false,
        };
        is_of_kind && !is_known
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Required {
    Never,
    Always,
    When(Program),
}

#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    Text {
        format: Option<Format>,
        max_length: usize,
        /// Long and free enough for several lines.
        lines: bool,
    },
    Integer,
    Number,
    /// `agreed`: only true is an answer (a promise to be ticked).
    Boolean {
        agreed: bool,
    },
    Choice(Vec<Choice>),
    Choices(Vec<Choice>),
    /// One record of a source; several.
    Record,
    Records,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub title: String,
    /// What has it keeps it; nobody chooses it any more.
    pub ended: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget {
    Text,
    Textarea,
    Number,
    Date,
    Radio,
    Checkboxes,
    Checkbox,
    Select,
    YesNo,
    Mobile,
    IdNumber,
    Email,
    Record,
}

impl Widget {
    pub(crate) const NAMES: [(&'static str, Widget); 13] = [
        ("text", Widget::Text),
        ("textarea", Widget::Textarea),
        ("number", Widget::Number),
        ("date", Widget::Date),
        ("radio", Widget::Radio),
        ("checkboxes", Widget::Checkboxes),
        ("checkbox", Widget::Checkbox),
        ("select", Widget::Select),
        ("yes-no", Widget::YesNo),
        ("mobile", Widget::Mobile),
        ("id-number", Widget::IdNumber),
        ("email", Widget::Email),
        ("record", Widget::Record),
    ];

    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, w)| *w == self);
        found.map_or("text", |(name, _)| name)
    }
}

impl FieldKind {
    /// The widget that is used when the layout names none.
    pub(crate) fn usual_widget(&self) -> Widget {
        match self {
            FieldKind::Text { format, lines, .. } => match format {
                Some(Format::Date) => Widget::Date,
                Some(Format::Mobile) => Widget::Mobile,
                Some(Format::ResidentId) => Widget::IdNumber,
                Some(Format::Email) => Widget::Email,
                None if *lines => Widget::Textarea,
                _ => Widget::Text,
            },
            FieldKind::Integer | FieldKind::Number => Widget::Number,
            FieldKind::Boolean { agreed: true } => Widget::Checkbox,
            FieldKind::Boolean { agreed: false } => Widget::YesNo,
            FieldKind::Choice(options) if options.len() <= 5 => Widget::Radio,
            FieldKind::Choice(_) => Widget::Select,
            FieldKind::Choices(_) => Widget::Checkboxes,
            FieldKind::Record | FieldKind::Records => Widget::Record,
        }
    }

    pub(crate) fn allows(&self, widget: Widget) -> bool {
        match self {
            FieldKind::Text { format, .. } => match widget {
                Widget::Text => true,
                Widget::Textarea => format.is_none(),
                Widget::Date => *format == Some(Format::Date),
                Widget::Mobile => *format == Some(Format::Mobile),
                Widget::IdNumber => *format == Some(Format::ResidentId),
                Widget::Email => *format == Some(Format::Email),
                _ => false,
            },
            FieldKind::Integer | FieldKind::Number => {
                matches!(widget, Widget::Number | Widget::Text)
            }
            FieldKind::Boolean { .. } => matches!(widget, Widget::Checkbox | Widget::YesNo),
            FieldKind::Choice(_) => matches!(widget, Widget::Radio | Widget::Select),
            FieldKind::Choices(_) => widget == Widget::Checkboxes,
            FieldKind::Record | FieldKind::Records => widget == Widget::Record,
        }
    }

    /// The type of the field's value in expressions.
    pub fn expression_type(&self) -> Type {
        let values = |options: &[Choice]| Type::choice(options.iter().map(|o| o.value.clone()));
        match self {
            FieldKind::Text { .. } => Type::String,
            FieldKind::Integer => Type::Int,
            FieldKind::Number => Type::Double,
            FieldKind::Boolean { .. } => Type::Bool,
            FieldKind::Choice(options) => values(options),
            FieldKind::Choices(options) => Type::list(values(options)),
            FieldKind::Record => reference(),
            FieldKind::Records => Type::list(reference()),
        }
    }

    pub(crate) fn options(&self) -> &[Choice] {
        match self {
            FieldKind::Choice(options) | FieldKind::Choices(options) => options,
            _ => &[],
        }
    }
}

impl Field {
    pub fn pointer(&self) -> String {
        format!("/{}", self.name)
    }

    /// Whether what is known comes before what is typed.
    pub(crate) fn is_supplied(&self) -> bool {
        self.locked || self.filling.is_some()
    }

    /// Whether it follows the record that is chosen in another field.
    pub(crate) fn is_filled(&self) -> bool {
        self.filling.is_some()
    }

    /// Whether the system works the value out.
    pub fn is_calculated(&self) -> bool {
        self.value.is_some()
    }

    /// The value in the words of the page; empty when there is none.
    pub fn words(&self, value: &Value) -> String {
        let title = |code: &str| {
            let found = self.kind.options().iter().find(|o| o.value == code);
            found.map_or(code, |o| o.title.as_str()).to_owned()
        };
        match value {
            Value::Null => String::new(),
            Value::Bool(true) if self.widget == Widget::Checkbox => "已勾选".to_owned(),
            Value::Bool(true) => "是".to_owned(),
            Value::Bool(false) if self.widget == Widget::Checkbox => "未勾选".to_owned(),
            Value::Bool(false) => "否".to_owned(),
            Value::Array(items) => {
                let words: Vec<String> = items.iter().map(|i| self.words(i)).collect();
                words.join("、")
            }
            Value::String(text) => match &self.kind {
                FieldKind::Text {
                    format: Some(Format::Date),
                    ..
                } => Format::date_words(text),
                _ => title(text),
            },
            Value::Number(number) => number_words(number),
            Value::Object(reference) => {
                let title = reference.get("title").and_then(Value::as_str);
                title.unwrap_or_default().to_owned()
            }
        }
    }
}

/// What stands for a chosen record.
fn reference() -> Type {
    let parts = ["id", "number", "title"];
    Type::record(parts.map(|name| (name, Type::String)))
}

/// `12` for 12.0: nobody typed the point.
pub(crate) fn number_words(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}
