//! One step of the wizard as a page fragment.

use askama::Template;
use serde_json::Value;
use tongban_base::{FieldError, Problem, Result};
use tongban_expressions::{Program, Values as Names};

use super::records::{RecordsView, record_options};
use super::{masked, visible_when};
use crate::field::{Required, number_words};
use crate::prefill::{known_names, prefilled, supplied};
use crate::{Field, FieldKind, Form, Known, Step, Values, Widget};

#[derive(Clone, Debug, Template)]
#[template(path = "step.html")]
pub struct StepView {
    pub id: String,
    pub title: String,
    pub help: Option<String>,
    pub fields: Vec<FieldView>,
    /// What the summary on top lists; each names a field of this step or, with an empty id, the whole.
    pub errors: Vec<SummaryError>,
}

#[derive(Clone, Debug)]
pub struct SummaryError {
    pub id: String,
    pub message: String,
}

#[derive(Clone, Debug)]
pub struct FieldView {
    pub name: String,
    pub id: String,
    pub title: String,
    pub help: Option<String>,
    pub source: Option<&'static str>,
    pub error: Option<String>,
    pub required: bool,
    /// Shown as text, not as a control.
    pub locked: bool,
    pub shown: bool,
    /// JSON.
    pub visible_when: Option<String>,
    pub widget: Widget,
    pub value: String,
    pub options: Vec<OptionView>,
    pub max_length: Option<usize>,
    /// Of a field in which records are chosen.
    pub records: Option<RecordsView>,
}

#[derive(Clone, Debug)]
pub struct OptionView {
    pub id: String,
    pub value: String,
    pub title: String,
    /// What tells it from others with the same title.
    pub note: String,
    pub chosen: bool,
}

impl Form {
    /// The step as it stands in the draft; `None` when the form has no such step. What is known is
    /// proposed the first time that the step is shown.
    pub fn step_view(
        &self,
        step: &str,
        draft: &Values,
        known: &Known,
        errors: &[FieldError],
    ) -> Option<StepView> {
        let step = self.step(step)?;
        let context = Context::new(self, step, draft, known);
        let fields: Vec<FieldView> = step
            .fields
            .iter()
            .filter_map(|name| self.field(name))
            .filter(|field| context.shows(field) || field.visible.is_some())
            .map(|field| context.field(field, errors))
            .collect();
        let own = errors.iter().filter(|error| {
            error.pointer.is_empty() || fields.iter().any(|f| f.pointer() == error.pointer)
        });
        let errors = own.map(|error| SummaryError {
            id: error
                .pointer
                .get(1..)
                .map_or(String::new(), |name| format!("field-{name}")),
            message: error.message.clone(),
        });
        Some(StepView {
            id: step.id.clone(),
            title: step.title.clone(),
            help: step.help.clone(),
            errors: errors.collect(),
            fields,
        })
    }
}

impl StepView {
    /// The fragment: summary of errors and fields. The caller adds the form element, its hidden fields
    /// and its buttons.
    pub fn html(&self) -> Result<String> {
        self.render().map_err(Problem::internal)
    }
}

/// The draft, settled once for all fields of the step.
struct Context<'f> {
    known: &'f Known,
    today: Value,
    values: Value,
    draft: &'f Values,
    visible: Vec<&'f str>,
    first: bool,
}

impl<'f> Context<'f> {
    fn new(form: &'f Form, step: &Step, draft: &'f Values, known: &'f Known) -> Self {
        let filled = |name: &String| {
            let locked = form.field(name).is_some_and(|f| f.locked);
            !locked && !draft.get(name).is_null()
        };
        let json = draft.to_json();
        let gathered = crate::input::gather(form, (&json).into()).unwrap_or_default();
        let typed = form.typed(&gathered, &mut Vec::new());
        let settled = form.settle(typed, known);
        Self {
            known,
            today: known.today_text(),
            values: settled.values,
            draft,
            visible: settled.visible.into_iter().collect(),
            first: !step.fields.iter().any(filled),
        }
    }

    fn shows(&self, field: &Field) -> bool {
        self.visible.contains(&field.name.as_str())
    }

    fn field(&self, field: &Field, errors: &[FieldError]) -> FieldView {
        let names = known_names(self.known, &self.today);
        let error = errors.iter().find(|e| e.pointer == field.pointer());
        let prefilled = prefilled(field, &names);
        let settled = self.values.get(&field.name);
        let drafted = settled.unwrap_or_else(|| self.draft.get(&field.name));
        let proposed = prefilled.as_ref().map(|p| &p.value);
        let propose = drafted.is_null() && self.first && errors.is_empty();
        let value = match proposed {
            Some(value) if propose => value,
            _ => drafted,
        };
        let given = supplied(field, self.known, &names, &self.values);
        let locked = field.is_calculated() || given.is_some();
        let source = given.as_ref().or(prefilled.as_ref());
        let source = source.filter(|p| p.value == *value);
        let names = names.with("form", &self.values);
        let required = required(field, &names);
        let id = format!("field-{}", field.name);
        let source = source.map(|p| p.source.title_to(self.known));
        FieldView {
            options: match field.kind.is_record() {
                true => record_options(field, self.known, &id, value, required),
                false => options(field, &id, value),
            },
            records: RecordsView::of(field, self.known),
            name: field.name.clone(),
            title: field.title.clone(),
            help: help(field),
            source: source.or(field.is_calculated().then_some("由系统算出")),
            error: error.map(|e| e.message.clone()),
            required: required && !locked,
            locked,
            shown: self.shows(field),
            visible_when: visible_when(field).map(|when| when.to_string()),
            widget: field.widget,
            value: match locked {
                true => masked(field, &field.words(value)),
                false => plain(value),
            },
            max_length: match &field.kind {
                FieldKind::Text {
                    max_length, format, ..
                } => format.is_none().then_some(*max_length),
                _ => None,
            },
            id,
        }
    }
}

/// Whether the field must be filled in once it is shown: a field that is shown and required under the
/// same condition says so while it is still hidden.
fn required(field: &Field, names: &Names<'_>) -> bool {
    let Required::When(program) = &field.required else {
        return matches!(field.required, Required::Always);
    };
    let shown_when = field.visible.as_ref().map(Program::source);
    shown_when == Some(program.source()) || program.evaluate_bool(names).unwrap_or(true)
}

fn help(field: &Field) -> Option<String> {
    match (&field.help, &field.example) {
        (Some(help), Some(example)) => Some(format!("{help}例如 {example}")),
        (None, Some(example)) => Some(format!("例如 {example}")),
        (help, None) => help.clone(),
    }
}

/// As it is typed.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number_words(number),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

fn options(field: &Field, id: &str, value: &Value) -> Vec<OptionView> {
    let chosen = |option: &str| match value {
        Value::String(text) => text == option,
        Value::Bool(flag) => flag.to_string() == option,
        Value::Array(items) => items.iter().any(|item| item.as_str() == Some(option)),
        _ => false,
    };
    let yes_no = [("true", "是"), ("false", "否")];
    let pairs: Vec<(&str, &str)> = match field.widget {
        Widget::YesNo => yes_no.to_vec(),
        _ => {
            let options = field.kind.options().iter();
            options
                .filter(|o| !o.ended || chosen(&o.value))
                .map(|o| (o.value.as_str(), o.title.as_str()))
                .collect()
        }
    };
    let numbered = pairs.into_iter().enumerate();
    numbered
        .map(|(index, (value, title))| OptionView {
            // The first has the field's own id: the summary of errors jumps there.
            id: match index {
                0 => id.to_owned(),
                _ => format!("{id}-{}", index + 1),
            },
            value: value.to_owned(),
            title: title.to_owned(),
            note: String::new(),
            chosen: chosen(value),
        })
        .collect()
}

impl FieldView {
    fn pointer(&self) -> String {
        format!("/{}", self.name)
    }

    /// Which of the template's controls.
    fn control(&self) -> &'static str {
        match self.widget {
            _ if self.locked => "text",
            Widget::Textarea => "textarea",
            Widget::Select => "select",
            Widget::Checkbox => "tick",
            Widget::Radio | Widget::YesNo | Widget::Checkboxes => "options",
            Widget::Record => "records",
            _ => "input",
        }
    }

    /// The attributes of a one-line control.
    fn input(&self) -> InputAttributes {
        let (kind, mode, complete) = match self.widget {
            Widget::Date => ("date", "", "off"),
            Widget::Mobile => ("tel", "tel", "tel"),
            Widget::Email => ("email", "email", "email"),
            Widget::Number => ("text", "decimal", "off"),
            Widget::IdNumber => ("text", "text", "off"),
            _ => ("text", "", "on"),
        };
        InputAttributes {
            kind,
            mode,
            complete,
        }
    }

    fn many(&self) -> bool {
        self.widget == Widget::Checkboxes || self.records.as_ref().is_some_and(|r| r.many)
    }

    /// The ids of what belongs to the control and should be read with it.
    fn described_by(&self) -> String {
        let parts = [
            (self.help.is_some(), "help"),
            (self.source.is_some(), "source"),
            (self.error.is_some(), "error"),
        ];
        let present = parts.iter().filter(|(there, _)| *there);
        let ids: Vec<String> = present
            .map(|(_, part)| format!("{}-{part}", self.id))
            .collect();
        ids.join(" ")
    }
}

struct InputAttributes {
    kind: &'static str,
    mode: &'static str,
    complete: &'static str,
}
