//! Records that a field offers to be chosen, as whoever keeps them found them, and what stands in the form for a chosen
//! one: its id, its number and its title. Knows no register and asks nobody.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tongban_base::FieldError;

use crate::prefill::{Prefilled, Source, fits};
use crate::{Field, FieldKind, Form, Known, Values};

/// A record that may be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfferedRecord {
    pub id: String,
    pub number: String,
    pub title: String,
    /// From these other fields are filled.
    pub columns: Map<String, Value>,
    /// What tells it from the others beside its title.
    pub words: Vec<String>,
}

/// What there is for one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    /// Those that were asked for by their ids and may be chosen.
    pub found: Vec<OfferedRecord>,
    /// Those that a page lists.
    pub listed: Vec<OfferedRecord>,
    /// There are others besides.
    pub more: bool,
    /// By which words they were looked for.
    pub sought: String,
}

/// By field name.
pub type Offers = BTreeMap<String, Offer>;

/// What a page asks to be looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// By field name.
    pub words: BTreeMap<String, String>,
    /// Whoever sent the page wants to see what is found before anything goes on.
    pub anew: bool,
}

impl Sought {
    /// Reads what the search boxes of a page say. Words that the page has not shown the answer to are a new search,
    /// whichever button was pressed.
    pub fn read(sent: &[(String, String)]) -> Self {
        let text = |prefix: &str, field: &str| {
            let mut named = sent.iter().rev();
            let found = named.find(|(name, _)| name.strip_prefix(prefix) == Some(field));
            found.map_or("", |(_, text)| text.trim())
        };
        let mut sought = Self {
            anew: sent.iter().any(|(name, _)| name == FIND),
            ..Self::default()
        };
        for (name, words) in sent {
            let Some(field) = name.strip_prefix(SOUGHT) else {
                continue;
            };
            let words: String = words.trim().chars().take(MOST_SOUGHT).collect();
            sought.anew |= !words.is_empty() && words != text(LISTED, field);
            sought.words.insert(field.to_owned(), words);
        }
        sought
    }
}

const FIND: &str = "_find";
const SOUGHT: &str = "_sought.";
const LISTED: &str = "_listed.";
const MOST_SOUGHT: usize = 50;

impl OfferedRecord {
    /// What stands in the form.
    pub fn reference(&self) -> Value {
        json!({ "id": self.id, "number": self.number, "title": self.title })
    }
}

impl Offer {
    pub(crate) fn find(&self, id: &str) -> Option<&OfferedRecord> {
        self.found.iter().find(|record| record.id == id)
    }
}

/// From what a field is filled: another field and a column of the record chosen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filling {
    pub field: String,
    pub column: String,
}

impl Form {
    /// The fields in which records are chosen.
    pub fn choosers(&self) -> impl Iterator<Item = &Field> {
        self.fields().iter().filter(|field| field.kind.is_record())
    }

    /// The ids of what is chosen in a field.
    pub fn chosen(&self, field: &Field, values: &Values) -> Vec<String> {
        let ids = ids(values.get(&field.name));
        ids.into_iter().map(str::to_owned).collect()
    }

    /// The fields that are filled from what is chosen in another, with the column.
    pub fn filled_from<'f>(&'f self, field: &'f str) -> impl Iterator<Item = (&'f Field, &'f str)> {
        self.fields().iter().filter_map(move |filled| {
            let filling = filled.filling.as_ref()?;
            (filling.field == field).then_some((filled, filling.column.as_str()))
        })
    }

    /// What of filed values can be chosen no longer, in words.
    pub fn no_longer_offered(&self, values: &Values, known: &Known) -> Vec<String> {
        let fields = self.choosers();
        let faults = fields.filter_map(|field| fault(field, values.get(&field.name), known));
        faults
            .map(|(title, lost)| format!("{title}：提交时选的“{lost}”已经注销，或者不能再选"))
            .collect()
    }

    /// A draft with what is offered in place of what was sent.
    pub(crate) fn pin(&self, draft: &mut Map<String, Value>, known: &Known) {
        for field in self.choosers() {
            if let Some(value) = draft.get_mut(&field.name) {
                *value = pinned(field, value.take(), known);
            }
        }
    }
}

/// The ids in a value, whether it is one reference or a list of them.
pub(crate) fn ids(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(reference) => {
            let id = reference.get("id").and_then(Value::as_str);
            id.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The value as whoever keeps the records says it; what is not offered stands as it was sent and is a fault.
pub(crate) fn pinned(field: &Field, value: Value, known: &Known) -> Value {
    match value {
        Value::Array(items) => {
            let items = items.into_iter().map(|item| pinned(field, item, known));
            Value::Array(items.collect())
        }
        value => {
            let offer = known.offers.get(&field.name);
            let id = ids(&value).into_iter().next();
            let offered = id.and_then(|id| offer?.find(id));
            offered.map(OfferedRecord::reference).unwrap_or(value)
        }
    }
}

/// What is chosen and not offered: the titles of the field and of what is lost.
fn fault<'f>(field: &'f Field, value: &Value, known: &Known) -> Option<(&'f str, String)> {
    let offer = known.offers.get(&field.name);
    let is_offered = |id: &str| offer.is_some_and(|offer| offer.find(id).is_some());
    let is_lost = |item: &&Value| !ids(item).into_iter().any(is_offered);
    let lost: Vec<String> = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => {
            let lost = items.iter().filter(is_lost);
            lost.map(|item| field.words(item)).collect()
        }
        value => Some(value)
            .filter(is_lost)
            .map(|value| field.words(value))
            .into_iter()
            .collect(),
    };
    (!lost.is_empty()).then(|| (field.title.as_str(), lost.join("、")))
}

/// Said beside the field.
pub(crate) fn not_offered(field: &Field, value: &Value, known: &Known) -> Option<FieldError> {
    let (title, lost) = fault(field, value, known)?;
    let words = match lost.is_empty() {
        true => format!("{title}里选的不在可选的范围内，请重新选择"),
        false => format!("{title}里选的“{lost}”已经注销，或者不在您可选的范围内，请重新选择"),
    };
    Some(FieldError::new(field.pointer(), "not_offered", words))
}

/// What a field takes from the record chosen before it; none while nothing is chosen, or where the record says nothing.
pub(crate) fn filled(field: &Field, known: &Known, values: &Value) -> Option<Prefilled> {
    let filling = field.filling.as_ref()?;
    let chosen = values.get(&filling.field)?;
    let id = ids(chosen).into_iter().next()?;
    let record = known.offers.get(&filling.field)?.find(id)?;
    let value = record.columns.get(&filling.column)?.clone();
    fits(&field.kind, &value).then_some(Prefilled {
        value,
        source: Source::Chosen,
        locked: true,
    })
}

impl FieldKind {
    /// Whether records are chosen in it.
    pub fn is_record(&self) -> bool {
        matches!(self, FieldKind::Record | FieldKind::Records)
    }

    /// Whether what stands in a field of another kind may stand here.
    pub fn takes(&self, other: &FieldKind) -> bool {
        use FieldKind as K;
        let within = |own: &[crate::Choice], given: &[crate::Choice]| {
            given
                .iter()
                .all(|given| own.iter().any(|own| own.value == given.value))
        };
        match (self, other) {
            (K::Text { .. }, K::Text { .. })
            | (K::Integer, K::Integer)
            | (K::Number, K::Integer | K::Number)
            | (K::Boolean { .. }, K::Boolean { .. }) => true,
            // A division is typed here and chosen there, or the other way round.
            (K::Text { format, .. }, K::Choice(_)) => *format == Some(crate::Format::Division),
            (K::Choice(own), K::Choice(given)) | (K::Choices(own), K::Choices(given)) => {
                within(own, given)
            }
            _ => false,
        }
    }
}
