//! Whoever fills in and files for somebody else, by a mandate. Knows no table, and not who gives mandates.

use serde::{Deserialize, Serialize};
use tongban_base::{Date, Uuid, mask_number};
use tongban_identity::Power;

/// The mandate by which it was begun or filed; whether it still lasts is asked in each write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    pub account: Uuid,
    pub name: String,
    /// `310101********1234`
    pub id_number: String,
    /// The name of whoever he acts for.
    pub principal: String,
    pub mandate: Uuid,
    /// On this day the mandate still counts, unless it is ended before.
    pub last_day: Date,
}

impl Agent {
    pub(crate) fn of(account: Uuid, power: &Power) -> Self {
        Self {
            account,
            name: power.agent_name.clone(),
            id_number: mask_number(&power.agent_number),
            principal: power.principal_name.clone(),
            mandate: power.mandate,
            last_day: power.last_day,
        }
    }

    /// As both sides read it: `为王某某办理，由李某代办`.
    pub fn words(&self) -> String {
        format!("为{}办理，由{}代办", self.principal, self.name)
    }
}

/// What somebody may see of the cases of another one: all, or those of some items.
#[derive(Clone, Debug)]
pub struct Acting {
    pub principal: Uuid,
    pub items: Option<Vec<String>>,
}
