//! Who may start a procedure, and for whom its cases are filed.

use serde::{Deserialize, Serialize};
use tongban_base::Actor;

use crate::lookup::Lookup;
use crate::model::Procedure;
use crate::offers::Face;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Citizens, by a guide.
    #[default]
    Public,
    /// Officers, for the organisation that they belong to.
    Unit,
    /// Officers, for themselves.
    Staff,
    /// Nobody: other cases start it.
    System,
}

impl Audience {
    /// Whether officers start it.
    pub fn is_of_officers(self) -> bool {
        matches!(self, Self::Unit | Self::Staff)
    }

    /// Whether this actor may start what is for this audience and these roles, as far as role and kind of account say.
    fn admits(self, start: Option<&Vec<String>>, actor: &Actor) -> bool {
        let listed = |roles: &Vec<String>| roles.iter().any(|role| actor.has_role(role));
        match self {
            Self::Public => actor.staff.is_none() && actor.is_signed_in(),
            Self::Unit | Self::Staff => actor.staff.is_some() && start.is_none_or(listed),
            Self::System => false,
        }
    }
}

impl Face {
    pub fn may_be_started_by(&self, actor: &Actor) -> bool {
        self.audience.admits(self.start.as_ref(), actor)
    }
}

impl Procedure {
    pub fn may_be_started_by(&self, actor: &Actor) -> bool {
        self.audience.admits(self.start.as_ref(), actor)
    }

    /// Whether its rules can ask a look-up.
    pub(crate) fn can_ask(&self, lookup: &Lookup) -> bool {
        self.about.is_some() || !lookup.of_record
    }

    /// Whether of one applicant, or about one record, only one case may be open.
    pub fn is_one_open(&self) -> bool {
        self.one_open.unwrap_or(self.audience == Audience::Public)
    }

    /// Whether all of it is said on one page: then there is nothing to go through step by step, and nothing to confirm.
    pub fn is_short(&self, steps: usize) -> bool {
        self.audience != Audience::Public
            && steps == 1
            && self.question.is_empty()
            && self.material.is_empty()
    }
}
