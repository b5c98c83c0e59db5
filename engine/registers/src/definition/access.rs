//! Who may read and write the records of a register by a role alone, and the buttons on the page of a record.

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tongban_base::Ctx;
use tongban_expressions::{Program, Values};

use super::RegisterDefinition;

/// Which records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rows {
    /// Those that the officer entered, or that a case of his own brought.
    Own,
    /// Those of the officer's organisation.
    Organisation,
    /// Those of the officer's division and of all below it.
    Division,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Access {
    pub read: Rows,
    /// Enters, changes and deletes what it may read.
    #[serde(default)]
    pub write: bool,
}

/// A button on the page of a record, which starts a procedure about it.
#[derive(Clone, Debug)]
pub struct Action {
    pub title: String,
    pub procedure: String,
    pub(crate) when: Option<Program>,
    /// Whoever has none of them is not offered it; empty for everybody.
    pub(crate) roles: Vec<String>,
}

/// At most so many records have the same values in these fields.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub fields: Vec<String>,
    /// By which the others are found.
    pub index: String,
    pub condition: Option<Program>,
    pub most: usize,
    pub message: String,
}

impl Action {
    /// Whether this officer may press it for this record. What cannot be answered keeps it closed.
    fn is_open(&self, ctx: &Ctx, record: &Json) -> bool {
        let has_role =
            self.roles.is_empty() || self.roles.iter().any(|role| ctx.actor.has_role(role));
        let values = Values::new().with("record", record);
        let when = self.when.as_ref();
        has_role && when.is_none_or(|when| when.evaluate_bool(&values).unwrap_or(false))
    }
}

impl RegisterDefinition {
    /// The buttons that this officer finds on the page of a record.
    pub(crate) fn open_actions(&self, ctx: &Ctx, data: &Map<String, Json>) -> Vec<&Action> {
        let record = Json::Object(data.clone());
        let actions = self.actions.iter();
        actions
            .filter(|action| action.is_open(ctx, &record))
            .collect()
    }

    /// Whether a button starts this procedure about the record, or none does at all.
    pub(crate) fn offers(&self, ctx: &Ctx, procedure: &str, data: &Map<String, Json>) -> bool {
        let mut all = self.actions.iter();
        let open = self.open_actions(ctx, data);
        !all.any(|action| action.procedure == procedure)
            || open.iter().any(|action| action.procedure == procedure)
    }
}
