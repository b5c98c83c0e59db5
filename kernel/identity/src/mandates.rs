//! For whom somebody may act. This crate keeps no mandates: the wiring brings whoever does.

use tongban_base::{Date, Uuid};
use tongban_store::{Fut, Tx};

/// A mandate in force, as whoever acts by it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Power {
    pub mandate: Uuid,
    /// The account of whoever is helped, and the proven name.
    pub principal: Uuid,
    pub principal_name: String,
    /// Name and identity number of whoever acts, as they are proven.
    pub agent_name: String,
    pub agent_number: String,
    /// The items that it is for; none where it is for all.
    pub items: Option<Vec<String>>,
    /// On this day it still counts.
    pub last_day: Date,
}

impl Power {
    pub fn covers(&self, item: &str) -> bool {
        let items = self.items.as_ref();
        items.is_none_or(|items| items.iter().any(|known| known == item))
    }
}

pub trait AskMandates: Send + Sync {
    /// For whom an account may act on a day, as this transaction finds it.
    fn powers<'t>(&'t self, tx: &'t mut Tx, agent: Uuid, on: Date) -> Fut<'t, Vec<Power>>;
}
