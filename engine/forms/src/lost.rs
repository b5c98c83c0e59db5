//! A draft of an older revision of its form: which chosen answers are not offered any more, and what is asked for now
//! that was not before.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{Field, FieldKind, Form, Known, Mending, Values};

impl Form {
    /// The fields that the applicant fills in himself and of whose chosen answers some are not offered, with these.
    pub fn lost_choices(&self, draft: &Values, known: &Known) -> Vec<(&Field, Vec<String>)> {
        let mendings = self.mending(draft, known);
        let mut lost = Vec::new();
        for field in self.fields() {
            let codes = unoffered(field, draft.get(&field.name));
            let is_own = mendings.get(&field.name) == Some(&Mending::Applicant);
            if is_own && !codes.is_empty() {
                lost.push((field, codes));
            }
        }
        lost
    }

    /// The values without the chosen answers that are not offered.
    pub fn offered_only(&self, values: &Values) -> Values {
        let mut offered: Map<String, Value> = values.map().clone();
        for field in self.fields() {
            let value = values.get(&field.name);
            let lost = unoffered(field, value);
            if lost.is_empty() {
                continue;
            }
            let is_lost =
                |item: &Value| lost.iter().any(|code| item.as_str() == Some(code.as_str()));
            let items = value.as_array().into_iter().flatten();
            let left: Vec<Value> = items.filter(|item| !is_lost(item)).cloned().collect();
            if left.is_empty() {
                offered.shift_remove(&field.name);
            } else {
                offered.insert(field.name.clone(), Value::Array(left));
            }
        }
        offered.into()
    }

    /// A page that is put aside answers nothing: a lost answer that it leaves empty stays, and stays a fault.
    pub fn with_lost(&self, before: &Values, read: &Values, known: &Known) -> Values {
        let mut kept = Map::new();
        for (field, _) in self.lost_choices(before, known) {
            if read.get(&field.name).is_null() {
                kept.insert(field.name.clone(), before.get(&field.name).clone());
            }
        }
        read.over(&kept.into())
    }

    /// What this draft has to say now and had not under the form before.
    pub fn newly_required(&self, before: &Form, draft: &Values, known: &Known) -> Vec<&Field> {
        let (now, then) = (asked(self, draft, known), asked(before, draft, known));
        let is_new = |field: &&Field| {
            let place = field.pointer();
            now.contains(&place) && !then.contains(&place)
        };
        self.fields().iter().filter(is_new).collect()
    }
}

/// The places that a form finds empty and wants filled in.
fn asked(form: &Form, draft: &Values, known: &Known) -> BTreeSet<String> {
    let (fits, _) = form.fitting(draft);
    let faults = form.read(&fits.to_json(), known).err().unwrap_or_default();
    let wanting = faults.into_iter().filter(|fault| fault.code == "required");
    wanting.map(|fault| fault.pointer).collect()
}

/// The codes in a value that are none of the field's options.
fn unoffered(field: &Field, value: &Value) -> Vec<String> {
    let (FieldKind::Choice(options) | FieldKind::Choices(options)) = &field.kind else {
        return Vec::new();
    };
    let chosen: Vec<&str> = match value {
        Value::String(code) => vec![code.as_str()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_offered = |code: &str| options.iter().any(|option| option.value == code);
    let lost = chosen.into_iter().filter(|code| !is_offered(code));
    lost.map(str::to_owned).collect()
}
