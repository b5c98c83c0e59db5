//! A draft as it would be filed now, and as a newer revision of its form finds it.

use serde_json::Value;

use crate::input::gather;
use crate::{Form, Known, Values};

impl Form {
    /// What would be filed of a draft: what is hidden is gone, what is locked or calculated is there. What cannot be
    /// read stands as it was typed; it keeps the draft from being filed.
    pub fn as_filed(&self, draft: &Values, known: &Known) -> Values {
        let json = draft.to_json();
        let gathered = gather(self, (&json).into()).unwrap_or_default();
        let typed = self.typed(&gathered, &mut Vec::new());
        let settled = self.settle(typed, known);
        let visible = settled.visible;
        let Value::Object(mut values) = settled.values else {
            return Values::default();
        };
        for field in self
            .fields()
            .iter()
            .filter(|f| visible.contains(f.name.as_str()))
        {
            let raw = draft.get(&field.name);
            if !raw.is_null() && !values.contains_key(&field.name) {
                values.insert(field.name.clone(), raw.clone());
            }
        }
        values.into()
    }

    /// What of an earlier application may be true again: neither what is known anew, nor pledges, nor what was told of one
    /// event.
    pub fn lasting(&self, filed: &Values) -> Values {
        let all = filed.map().clone().into_iter();
        let lasts = |name: &str| self.field(name).is_some_and(crate::Field::lasts);
        let kept: serde_json::Map<_, _> = all.filter(|(name, _)| lasts(name)).collect();
        kept.into()
    }

    /// What of a draft has a place in this form, and what has none any more.
    pub fn fitting(&self, draft: &Values) -> (Values, Values) {
        let all = draft.map().clone().into_iter();
        let (fits, fallen): (serde_json::Map<_, _>, _) =
            all.partition(|(name, _)| self.field(name).is_some());
        (fits.into(), fallen.into())
    }
}
