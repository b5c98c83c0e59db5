//! Whoever fills in and files for somebody else: by a mandate, or at a window with the applicant beside him. Knows no
//! table, and not who gives mandates.

use serde::{Deserialize, Serialize};
use tongban_base::{Date, Uuid, date_words, mask_number};
use tongban_identity::Power;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    pub account: Uuid,
    pub name: String,
    /// The name of whoever he acts for.
    pub principal: String,
    #[serde(flatten)]
    pub by: Means,
}

/// By what it was begun or filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Means {
    /// Whether it still lasts is asked in each write.
    Mandate {
        /// `310101********1234`
        id_number: String,
        mandate: Uuid,
        /// On this day it still counts, unless it is ended before.
        last_day: Date,
    },
    /// Any officer of this office who may take in applications goes on with it.
    Window {
        office: String,
        office_name: String,
        /// The paper that the officer has looked at.
        shown: String,
    },
}

impl Agent {
    pub(crate) fn of(account: Uuid, power: &Power) -> Self {
        Self {
            account,
            name: power.agent_name.clone(),
            principal: power.principal_name.clone(),
            by: Means::Mandate {
                id_number: mask_number(&power.agent_number),
                mandate: power.mandate,
                last_day: power.last_day,
            },
        }
    }

    pub fn is_at_window(&self) -> bool {
        matches!(self.by, Means::Window { .. })
    }

    /// As both sides read it: `为王某某办理，由李某代办`.
    pub fn words(&self) -> String {
        match &self.by {
            Means::Mandate { .. } => format!("为{}办理，由{}代办", self.principal, self.name),
            Means::Window { office_name, .. } => {
                format!("{}到{office_name}窗口办理，由工作人员录入", self.principal)
            }
        }
    }

    /// As the desk reads it.
    pub fn office_words(&self) -> String {
        match &self.by {
            Means::Mandate {
                id_number,
                last_day,
                ..
            } => format!(
                "代办人：{}（身份证号 {id_number}）。提交时授权有效，到{}为止；申请人是{}。",
                self.name,
                date_words(*last_day),
                self.principal
            ),
            Means::Window {
                office_name, shown, ..
            } => format!(
                "窗口收件：{}到{office_name}窗口办理，{}核对了{shown}原件，经本人同意代为录入。",
                self.principal, self.name
            ),
        }
    }
}

/// What somebody may see of the cases of another one: all, or those of some items.
#[derive(Clone, Debug)]
pub struct Acting {
    pub principal: Uuid,
    pub items: Option<Vec<String>>,
}
