//! One step of the wizard as a page fragment.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;
use tongban_base::{FieldError, Problem, Result};
use tongban_expressions::{Open, Program, Values as Names};

use super::records::{RecordsView, record_options};
use super::{Keeping, masked};
use crate::field::{Required, number_words};
use crate::prefill::{known_names, prefilled, supplied};
use crate::{Field, FieldKind, Form, Known, Values, Widget};

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
    /// It stands on the page only under a condition.
    pub conditional: bool,
    /// The conditions as the page evaluates them while people type, as JSON; empty when only the server can.
    pub visible_when: String,
    pub required_when: String,
    /// The answers on the page have just brought it to light.
    pub appeared: bool,
    /// What an officer finds wrong with it, and what is asked when it was left as it was.
    pub mark: Option<String>,
    pub keeping: Option<Keeping>,
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
        let names: Vec<&str> = step.fields.iter().map(String::as_str).collect();
        Some(StepView {
            id: step.id.clone(),
            title: step.title.clone(),
            help: step.help.clone(),
            ..self.fields_view(&names, draft, known, errors)
        })
    }

    /// The same of any fields, as one page.
    pub fn fields_view(
        &self,
        names: &[&str],
        draft: &Values,
        known: &Known,
        errors: &[FieldError],
    ) -> StepView {
        let context = Context::new(self, names, draft, known);
        let fields: Vec<FieldView> = names
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
        StepView {
            id: String::new(),
            title: String::new(),
            help: None,
            errors: errors.collect(),
            fields,
        }
    }
}

impl StepView {
    /// The fragment: summary of errors and fields. The caller adds the form element, its hidden fields
    /// and its buttons.
    pub fn html(&self) -> Result<String> {
        self.render().map_err(Problem::internal)
    }

    /// Says of these fields that an answer has just brought them to light.
    #[must_use]
    pub fn with_appeared(mut self, names: &[String]) -> Self {
        for field in &mut self.fields {
            field.appeared = names.contains(&field.name);
        }
        self
    }

    /// Whether there is anything for the applicant to fill in.
    pub fn asks(&self) -> bool {
        self.fields.iter().any(|field| !field.locked && field.shown)
    }
}

/// The draft, settled once for all fields of the step.
struct Context<'f> {
    known: &'f Known,
    today: Value,
    values: Value,
    draft: &'f Values,
    visible: Vec<&'f str>,
    /// Nothing of the page was filled in before.
    first: bool,
    /// What people can still change on the page.
    open: BTreeMap<&'f str, Option<&'static str>>,
}

impl<'f> Context<'f> {
    fn new(form: &'f Form, names: &[&str], draft: &'f Values, known: &'f Known) -> Self {
        let filled = |name: &&str| {
            let locked = form.field(name).is_some_and(|f| f.locked);
            !locked && !draft.get(name).is_null()
        };
        let json = draft.to_json();
        let gathered = crate::input::gather(form, (&json).into()).unwrap_or_default();
        let typed = form.typed(&gathered, &mut Vec::new());
        let settled = form.settle(typed, known);
        let fields = names.iter().filter_map(|name| form.field(name));
        let mut context = Self {
            known,
            today: known.today_text(),
            values: settled.values,
            draft,
            visible: settled.visible.into_iter().collect(),
            first: !names.iter().any(filled),
            open: BTreeMap::new(),
        };
        context.open = fields
            .filter_map(|field| Some((field.name.as_str(), context.openness(field)?)))
            .collect();
        context
    }

    /// The word for its type while it is typed; without one where the page cannot see what becomes of it.
    fn openness(&self, field: &Field) -> Option<Option<&'static str>> {
        let names = known_names(self.known, &self.today);
        if field.is_calculated() || field.is_filled() {
            return Some(None);
        }
        if supplied(field, self.known, &names, &self.values).is_some() {
            return None;
        }
        Some(Some(match &field.kind {
            FieldKind::Text { .. } | FieldKind::Choice(_) | FieldKind::Record => "text",
            FieldKind::Integer | FieldKind::Number => "number",
            FieldKind::Boolean { .. } => "flag",
            FieldKind::Choices(_) | FieldKind::Records => "list",
        }))
    }

    /// A condition as the page evaluates it; empty when it cannot, or need not because nothing on the page changes it.
    fn rule(&self, condition: &Program) -> String {
        let names = known_names(self.known, &self.today).with("form", &self.values);
        let open = Open {
            record: "form",
            fields: self.open.clone(),
        };
        let rule = condition.portable(&names, &open);
        let varies = |rule: &Value| rule.get(0).and_then(Value::as_str) != Some("is");
        rule.filter(varies)
            .map_or_else(String::new, |rule| rule.to_string())
    }

    fn shows(&self, field: &Field) -> bool {
        self.visible.contains(&field.name.as_str())
    }

    /// When it is shown and when it must be filled in, for the page.
    fn conditions(&self, field: &Field, locked: bool) -> (String, String) {
        let visible = field.visible.as_ref();
        let required = match &field.required {
            Required::When(when) if !locked && !is_the_showing(field, when) => self.rule(when),
            _ => String::new(),
        };
        (
            visible.map_or_else(String::new, |when| self.rule(when)),
            required,
        )
    }

    fn field(&self, field: &Field, errors: &[FieldError]) -> FieldView {
        let names = known_names(self.known, &self.today);
        let error = errors.iter().find(|e| e.pointer == field.pointer());
        let prefilled = prefilled(field, &names);
        let settled = self.values.get(&field.name);
        let drafted = settled.unwrap_or_else(|| self.draft.get(&field.name));
        let proposed = prefilled.as_ref().map(|p| &p.value);
        // What is hidden carries what would be proposed, for the moment when it appears.
        let fresh = (self.first && errors.is_empty()) || !self.shows(field);
        let propose = drafted.is_null() && fresh;
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
        let (visible_when, required_when) = self.conditions(field, locked);
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
            conditional: field.visible.is_some(),
            visible_when,
            required_when,
            appeared: false,
            mark: None,
            keeping: None,
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
    is_the_showing(field, program) || program.evaluate_bool(names).unwrap_or(true)
}

/// Whether the field is required whenever it is shown.
fn is_the_showing(field: &Field, required: &Program) -> bool {
    let shown_when = field.visible.as_ref().map(Program::source);
    shown_when == Some(required.source())
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
            private: self.widget == Widget::IdNumber,
        }
    }

    fn many(&self) -> bool {
        self.widget == Widget::Checkboxes || self.records.as_ref().is_some_and(|r| r.many)
    }

    /// The ids of what belongs to the control and should be read with it.
    fn described_by(&self) -> String {
        let parts = [
            (self.mark.is_some(), "mark"),
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
    /// Browsers keep no copy of it.
    private: bool,
}
