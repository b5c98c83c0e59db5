//! Reading a correction: only the fields that the office listed may change, and of these only what the applicant
//! types. What has a source is taken from it anew.

use serde_json::Value;
use tongban_base::FieldError;

use crate::coerce::coerce;
use crate::field::Required;
use crate::input::{Input, gather};
use crate::layout::form_fields;
use crate::mending::taken;
use crate::messages::CHECK;
use crate::prefill::{known_names, supplied};
use crate::{Field, Form, Known, Values};

const NOT_ALLOWED: &str = "not_allowed";

impl Form {
    /// The listed fields, and those that a change of them may bring to light or make necessary; none that is taken
    /// from a source or worked out.
    pub fn correction_fields(
        &self,
        before: &Values,
        allowed: &[String],
        known: &Known,
    ) -> Vec<&Field> {
        let today = known.today_text();
        let names = known_names(known, &today);
        let filed = before.to_json();
        let mut open: Vec<&Field> = Vec::new();
        for field in self.fields() {
            let listed = allowed.contains(&field.name);
            let depends = conditions(field).any(|name| open.iter().any(|f| f.name == name));
            // Another record may be chosen, and leave to be typed what the one before said.
            let filling = field.filling.as_ref();
            let follows = filling.is_some_and(|from| open.iter().any(|f| f.name == from.field));
            let is_typed = || taken(field, known, &names, &filed).is_none();
            if follows || ((listed || depends) && is_typed()) {
                open.push(field);
            }
        }
        open
    }

    /// The values after a correction. A field outside the list keeps its value, one with a source takes what the
    /// source says now; an attempt to change either is refused by name. What the applicant may change must hold
    /// afterwards; a fault elsewhere is the office's to judge, or nobody could ever hand in.
    pub fn read_correction<'a>(
        &self,
        before: &Values,
        allowed: &[String],
        input: impl Into<Input<'a>>,
        known: &Known,
    ) -> Result<Values, Vec<FieldError>> {
        let input = input.into();
        let gathered = gather(self, input)?;
        let open = self.correction_fields(before, allowed, known);
        let is_open = |name: &str| open.iter().any(|f| f.name == name);
        let today = known.today_text();
        let names = known_names(known, &today);
        let filed = before.to_json();
        let mut errors = Vec::new();
        let mut values = before.map().clone();
        for field in self.fields() {
            let sent = gathered.get(field.name.as_str());
            let read = sent.map(|raw| coerce(field, raw));
            if !is_open(&field.name) {
                let now = supplied(field, known, &names, &filed);
                let same = |value: &Value| {
                    value == before.get(&field.name)
                        || now.as_ref().is_some_and(|now| *value == now.value)
                };
                if !field.is_calculated() && read.is_some_and(|v| v.map_or(true, |v| !same(&v))) {
                    errors.push(closed(field, now.is_some()));
                }
                continue;
            }
            let value = match read {
                Some(Ok(value)) => value,
                Some(Err(error)) => {
                    errors.push(error);
                    Value::Null
                }
                None if input.absent_is_empty() => Value::Null,
                None => continue,
            };
            values.shift_remove(&field.name);
            if !value.is_null() {
                values.insert(field.name.clone(), value);
            }
        }
        let settled = self.settle(values, known);
        errors.retain(|error| error.code == NOT_ALLOWED || settled.asks(error));
        let mut errors = self.faults(&settled, known, errors);
        errors.retain(|error| error.code == NOT_ALLOWED || self.concerns(error, &is_open));
        match (errors.is_empty(), settled.values) {
            (true, Value::Object(map)) => Ok(map.into()),
            _ => Err(errors),
        }
    }

    /// Whether a fault lies in one of these fields, or in a check that looks at one.
    fn concerns(&self, error: &FieldError, is_open: &dyn Fn(&str) -> bool) -> bool {
        let looked_at = || {
            let checks = self.checks().iter();
            let mut broken = checks.filter(|c| c.pointer == error.pointer);
            broken.any(|check| form_fields(&check.rule).any(is_open))
        };
        error.pointer.get(1..).is_some_and(is_open) || (error.code == CHECK && looked_at())
    }
}

/// The fields on which the showing or the requiring of a field depends.
fn conditions(field: &Field) -> impl Iterator<Item = &str> {
    let required = match &field.required {
        Required::When(program) => Some(program),
        _ => None,
    };
    let programs = field.visible.iter().chain(required);
    programs.flat_map(form_fields)
}

fn closed(field: &Field, has_source: bool) -> FieldError {
    let message = match has_source {
        true => format!("{}由系统带出，不能修改", field.title),
        false => format!("{}不在这次补正的范围内，不能修改", field.title),
    };
    FieldError::new(field.pointer(), NOT_ALLOWED, message)
}
