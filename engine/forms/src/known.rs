//! What is known of the applicant before a form is filled in; expressions see it by these names.

use serde_json::Value;
use tongban_base::Date;

use crate::Offers;

/// `person`: name, id_number, sex, birth_date, mobile, address; of an officer name, login, account, organisation,
/// organisation_name, division, roles. `licence` is null when there is none.
#[derive(Clone, Debug)]
pub struct Known {
    pub person: Value,
    pub answers: Value,
    pub licence: Value,
    /// The record that the case is about; null where it is about none.
    pub record: Value,
    pub today: Date,
    /// What may be chosen in fields that name a source.
    pub offers: Offers,
}

impl Known {
    /// Nothing is known but the day.
    pub fn on(today: Date) -> Self {
        Self {
            person: Value::Null,
            answers: Value::Null,
            licence: Value::Null,
            record: Value::Null,
            today,
            offers: Offers::new(),
        }
    }

    pub(crate) fn today_text(&self) -> Value {
        Value::from(self.today.to_string())
    }
}
