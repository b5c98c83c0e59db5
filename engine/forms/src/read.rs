//! Reading a form: types, rules, requirements and checks, every fault in words and beside its field.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tongban_base::{Date, FieldError};
use tongban_expressions::{Program, Values as Names};

use crate::coerce::coerce;
use crate::field::Required;
use crate::input::{Gathered, Input, gather};
use crate::layout::form_fields;
use crate::offer::{not_offered, pinned};
use crate::prefill::{fits, known_names, prefilled, supplied};
use crate::{Field, FieldKind, Form, Known, Values, messages};

/// One page of the wizard, read.
#[derive(Clone, Debug)]
pub struct StepReading {
    /// The draft with this step in it; keep it even when there are errors.
    pub values: Values,
    /// Of this step's fields only.
    pub errors: Vec<FieldError>,
    /// Fields of this step that an answer brought to light: show the page again before going on.
    pub appeared: Vec<String>,
}

impl Form {
    /// Everything at once: what may be filed, or all that is wrong with it.
    pub fn read<'a>(
        &self,
        input: impl Into<Input<'a>>,
        known: &Known,
    ) -> Result<Values, Vec<FieldError>> {
        let gathered = gather(self, input.into())?;
        let mut errors = Vec::new();
        let typed = self.typed(&gathered, &mut errors);
        let settled = self.settle(typed, known);
        errors.retain(|error| settled.asks(error));
        self.judge(settled, known, errors)
    }

    /// A draft keeps what is there, right or not; only what is no part of the form is refused.
    pub fn read_draft<'a>(&self, input: impl Into<Input<'a>>) -> Result<Values, Vec<FieldError>> {
        let gathered = gather(self, input.into())?;
        Ok(self.kept(&gathered).into())
    }

    /// One step of the wizard on top of the draft so far. A step that the form does not have gives the
    /// draft back as it was.
    pub fn read_step<'a>(
        &self,
        step: &str,
        before: &Values,
        input: impl Into<Input<'a>>,
        known: &Known,
    ) -> Result<StepReading, Vec<FieldError>> {
        let input = input.into();
        let gathered = gather(self, input)?;
        let names: &[String] = self.step(step).map_or(&[], |s| &s.fields);
        let mut draft = before.map().clone();
        for name in names
            .iter()
            .filter(|name| gathered.contains_key(name.as_str()) || input.absent_is_empty())
        {
            draft.shift_remove(name);
        }
        let sent = self.kept(&gathered).into_iter();
        draft.extend(sent.filter(|(name, _)| names.contains(name)));
        self.pin(&mut draft, known);
        let mut draft = Values::from(draft);
        let was = self.visible(before, known);
        let mut appeared: Vec<String> = self.visible(&draft, known).into_iter().collect();
        appeared.retain(|name| {
            let sent = gathered.contains_key(name.as_str()) || input.asked(name);
            names.contains(name) && !was.contains(name) && !sent
        });
        self.propose(&mut draft, &appeared, known);
        let errors = self.read(&draft.to_json(), known).err();
        let mut errors = errors.unwrap_or_default();
        if errors.iter().any(|error| error.pointer.is_empty()) {
            return Err(errors);
        }
        // Nobody is told off for what the page has not asked yet.
        errors.retain(|error| {
            let name = error.pointer.get(1..).unwrap_or_default();
            names.iter().any(|n| n == name) && !appeared.iter().any(|n| n == name)
        });
        Ok(StepReading {
            appeared,
            values: draft,
            errors,
        })
    }

    /// What is known of fields that have just appeared.
    fn propose(&self, draft: &mut Values, appeared: &[String], known: &Known) {
        let today = known.today_text();
        let names = known_names(known, &today);
        let fields = appeared.iter().filter_map(|name| self.field(name));
        let known = fields.filter(|field| !field.locked && draft.get(&field.name).is_null());
        let proposed: Map<String, Value> = known
            .filter_map(|field| Some((field.name.clone(), prefilled(field, &names)?.value)))
            .collect();
        *draft = draft.over(&proposed.into());
    }

    /// The names of the fields that these values bring to light.
    pub fn visible(&self, values: &Values, known: &Known) -> BTreeSet<String> {
        let json = values.to_json();
        let gathered = gather(self, (&json).into()).unwrap_or_default();
        let typed = self.typed(&gathered, &mut Vec::new());
        let settled = self.settle(typed, known);
        settled.visible.into_iter().map(str::to_owned).collect()
    }

    /// What was sent, as typed values where it can be, else as it was sent.
    pub(crate) fn kept(&self, gathered: &Gathered<'_>) -> Map<String, Value> {
        let mut kept = Map::new();
        for field in self.fields() {
            let Some(raw) = gathered.get(field.name.as_str()) else {
                continue;
            };
            let value = coerce(field, raw).unwrap_or_else(|_| match raw {
                crate::input::Raw::Json(value) => (*value).clone(),
                crate::input::Raw::Texts(texts) => texts
                    .last()
                    .map_or(Value::Null, |text| Value::from(text.trim())),
            });
            if !value.is_null() {
                kept.insert(field.name.clone(), value);
            }
        }
        kept
    }

    pub(crate) fn typed(
        &self,
        gathered: &Gathered<'_>,
        errors: &mut Vec<FieldError>,
    ) -> Map<String, Value> {
        let mut typed = Map::new();
        for field in self.fields() {
            let Some(raw) = gathered.get(field.name.as_str()) else {
                continue;
            };
            match coerce(field, raw) {
                Ok(Value::Null) => {}
                Ok(value) => {
                    typed.insert(field.name.clone(), value);
                }
                Err(error) => errors.push(error),
            }
        }
        typed
    }

    /// Settles the fields in order: locked ones from what is known, calculated ones from those before
    /// them, and those that are not shown go.
    pub(crate) fn settle(&self, mut sent: Map<String, Value>, known: &Known) -> Settled<'_> {
        let today = known.today_text();
        let mut values = Value::Object(Map::new());
        let mut visible = BTreeSet::new();
        for field in self.fields() {
            // Made only where it is looked at: most fields have no expression.
            let names = || known_names(known, &today).with("form", &values);
            let hidden = |condition: &Program| !met(condition, &names());
            if field.visible.as_ref().is_some_and(hidden) {
                continue;
            }
            visible.insert(field.name.as_str());
            let value = match &field.value {
                Some(program) => calculate(field, program, &names()),
                None if field.is_supplied() => {
                    let taken = supplied(field, known, &names(), &values).map(|p| p.value);
                    taken.or_else(|| sent.shift_remove(&field.name))
                }
                None => {
                    let sent = sent.shift_remove(&field.name);
                    sent.map(|value| match field.kind.is_record() {
                        true => pinned(field, value, known),
                        false => value,
                    })
                }
            };
            if let (Some(value), Value::Object(map)) = (value, &mut values) {
                map.insert(field.name.clone(), value);
            }
        }
        Settled { values, visible }
    }

    /// Whether the settled values may be filed.
    pub(crate) fn judge(
        &self,
        settled: Settled<'_>,
        known: &Known,
        errors: Vec<FieldError>,
    ) -> Result<Values, Vec<FieldError>> {
        let errors = self.faults(&settled, known, errors);
        match (errors.is_empty(), settled.values) {
            (true, Value::Object(map)) => Ok(map.into()),
            _ => Err(errors),
        }
    }

    /// All that is wrong with the settled values, in the order of the form, besides what is said already.
    pub(crate) fn faults(
        &self,
        settled: &Settled<'_>,
        known: &Known,
        mut errors: Vec<FieldError>,
    ) -> Vec<FieldError> {
        let Settled { values, visible } = settled;
        let today = known.today_text();
        let names = known_names(known, &today).with("form", values);
        for field in self.fields() {
            let shown = visible.contains(field.name.as_str());
            if shown && !has(&errors, field) && values.get(&field.name).is_none() {
                let wanted = match &field.required {
                    Required::Never => false,
                    Required::Always => true,
                    Required::When(program) => program.evaluate_bool(&names).unwrap_or(true),
                };
                errors.extend(wanted.then(|| messages::required(field)));
            }
            if shown && field.kind.is_record() && !has(&errors, field) {
                let value = values.get(&field.name).unwrap_or(&Value::Null);
                errors.extend(not_offered(field, value, known));
            }
        }
        self.obey_schema(values, known.today, &mut errors);
        self.obey_checks(&names, &mut errors);
        self.in_order(errors)
    }

    fn obey_schema(&self, values: &Value, today: Date, errors: &mut Vec<FieldError>) {
        if !self.validator().is_valid(values) {
            for error in self.validator().iter_errors(values) {
                let path = error.instance_path().to_string();
                let name = path.split('/').nth(1).unwrap_or_default();
                if let Some(field) = self.field(name)
                    && !has(errors, field)
                {
                    errors.push(messages::invalid(field, &error, today));
                }
            }
        }
        for field in self.fields() {
            if let (FieldKind::Text { format, .. }, Some(Value::String(text))) =
                (&field.kind, values.get(&field.name))
                && let Some(Err(words)) = format.map(|f| f.check(text, today))
                && !has(errors, field)
            {
                errors.push(FieldError::new(field.pointer(), "format", words));
            }
        }
    }

    /// A check is not asked while a field that it looks at is wrong in itself; one that cannot be
    /// answered yet (null) holds; one that fails to run does not.
    fn obey_checks(&self, names: &Names<'_>, errors: &mut Vec<FieldError>) {
        let wrong: BTreeSet<String> = errors.iter().map(|e| e.pointer.clone()).collect();
        let is_wrong = |name: &str| wrong.iter().any(|p| p.get(1..) == Some(name));
        for check in self.checks() {
            if wrong.contains(&check.pointer) || form_fields(&check.rule).any(is_wrong) {
                continue;
            }
            let holds = match check.rule.evaluate(names) {
                Ok(Value::Bool(holds)) => holds,
                Ok(value) => value.is_null(),
                Err(_) => false,
            };
            if !holds && !errors.iter().any(|e| e.pointer == check.pointer) {
                errors.push(FieldError::new(
                    &check.pointer,
                    messages::CHECK,
                    &check.message,
                ));
            }
        }
    }

    fn in_order(&self, mut errors: Vec<FieldError>) -> Vec<FieldError> {
        let place = |error: &FieldError| {
            let mut fields = self.fields().iter();
            fields.position(|field| field.pointer() == error.pointer)
        };
        errors.sort_by_cached_key(place);
        errors
    }
}

/// Values after visibility and calculation, and which fields are shown.
pub(crate) struct Settled<'f> {
    pub values: Value,
    pub visible: BTreeSet<&'f str>,
}

impl Settled<'_> {
    /// Whether a fault in what was sent matters: its field is shown and got no value from elsewhere.
    pub(crate) fn asks(&self, error: &FieldError) -> bool {
        let name = error.pointer.get(1..).unwrap_or_default();
        self.visible.contains(name) && self.values.get(name).is_none()
    }
}

fn has(errors: &[FieldError], field: &Field) -> bool {
    let own = |error: &FieldError| error.pointer.get(1..) == Some(field.name.as_str());
    errors.iter().any(own)
}

/// A condition that fails to run shows the field: better asked once too often than never.
fn met(condition: &Program, names: &Names<'_>) -> bool {
    condition.evaluate_bool(names).unwrap_or(true)
}

fn calculate(field: &Field, program: &Program, names: &Names<'_>) -> Option<Value> {
    let value = program.evaluate(names).ok()?;
    fits(&field.kind, &value).then_some(value)
}
