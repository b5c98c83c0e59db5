//! What a simulator has been told to do wrong, and how often. Knows no protocol.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The ways in which a counterpart goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    #[default]
    None,
    /// Answers 503.
    Down,
    /// Answers after `milliseconds`.
    Delay,
    /// Answers something that is not in the contract.
    Garbage,
    /// Answers with a signature of another key.
    Forged,
    /// Answers the question before this one once more.
    Duplicate,
}

/// `times` none: until told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    pub fault: Fault,
    pub milliseconds: u64,
    pub times: Option<u32>,
}

#[derive(Default)]
pub(crate) struct FaultSwitch(Mutex<Faults>);

impl FaultSwitch {
    pub fn set(&self, faults: Faults) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// What to do with the next request.
    pub fn take(&self) -> Faults {
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = *set;
        match &mut set.times {
            None => {}
            Some(0) => return Faults::default(),
            Some(left) => *left -= 1,
        }
        now
    }
}
