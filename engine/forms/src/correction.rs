//! Reading a correction: only the fields that the office listed may change.

use serde_json::Value;
use tongban_base::FieldError;

use crate::coerce::coerce;
use crate::field::Required;
use crate::input::{Input, gather};
use crate::layout::form_fields;
use crate::{Field, Form, Known, Values};

const NOT_ALLOWED: &str = "not_allowed";

impl Form {
    /// The listed fields, and those that a change of them may bring to light or make necessary.
    pub fn correction_fields(&self, allowed: &[String]) -> Vec<&Field> {
        let mut open: Vec<&Field> = Vec::new();
        for field in self.fields() {
            let listed = allowed.contains(&field.name);
            let depends = conditions(field).any(|name| open.iter().any(|f| f.name == name));
            if listed || depends {
                open.push(field);
            }
        }
        open
    }

    /// The values after a correction. A field outside the list keeps its value; an attempt to change it
    /// is refused by name. The whole form must hold afterwards.
    pub fn read_correction<'a>(
        &self,
        before: &Values,
        allowed: &[String],
        input: impl Into<Input<'a>>,
        known: &Known,
    ) -> Result<Values, Vec<FieldError>> {
        let input = input.into();
        let gathered = gather(self, input)?;
        let open = self.correction_fields(allowed);
        let mut errors = Vec::new();
        let mut values = before.map().clone();
        for field in self.fields() {
            let sent = gathered.get(field.name.as_str());
            let may_change = open.iter().any(|f| f.name == field.name) && !field.is_calculated();
            let value = match sent.map(|raw| coerce(field, raw)) {
                Some(Ok(value)) => value,
                Some(Err(error)) if may_change => {
                    errors.push(error);
                    values.shift_remove(&field.name);
                    continue;
                }
                Some(Err(_)) => {
                    errors.push(closed(field));
                    continue;
                }
                None if may_change && input.absent_is_empty() => Value::Null,
                None => continue,
            };
            if may_change {
                values.shift_remove(&field.name);
                if !value.is_null() {
                    values.insert(field.name.clone(), value);
                }
            } else if value != *before.get(&field.name) && !field.is_calculated() {
                errors.push(closed(field));
            }
        }
        let settled = self.settle(values, known, false);
        errors.retain(|error| error.code == NOT_ALLOWED || settled.asks(error));
        self.judge(settled, known, errors)
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

fn closed(field: &Field) -> FieldError {
    let message = format!("{}不在这次补正的范围内，不能修改", field.title);
    FieldError::new(field.pointer(), NOT_ALLOWED, message)
}
