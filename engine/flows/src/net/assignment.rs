//! Who may complete a task: claim, hand over, delegate, take back. No firing: the net does not move.

use serde::{Deserialize, Serialize};
use tongban_base::{Kind, Problem, Result};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub account: String,
    pub name: String,
}

/// The person who handles a task, and the one for whom, when it was delegated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    pub assignee: Option<Person>,
    pub owner: Option<Person>,
}

impl Assignment {
    /// Takes a task that nobody has.
    pub fn claim(&self, person: Person) -> Result<Self> {
        match &self.assignee {
            Some(other) if other.account != person.account => Err(taken(other)),
            _ => Ok(Self {
                assignee: Some(person),
                owner: self.owner.clone(),
            }),
        }
    }

    /// Puts it back for everyone with the role.
    pub fn release(&self, by: &Person) -> Result<Self> {
        self.held_by(by)?;
        Ok(Self::default())
    }

    /// For good: the giver is out.
    pub fn hand_over(&self, by: &Person, to: Person) -> Result<Self> {
        self.held_by(by)?;
        Ok(Self {
            assignee: Some(to),
            owner: self.owner.clone(),
        })
    }

    /// For a while: the giver can take it back.
    pub fn delegate(&self, by: &Person, to: Person) -> Result<Self> {
        self.held_by(by)?;
        Ok(Self {
            assignee: Some(to),
            owner: Some(self.owner.clone().unwrap_or_else(|| by.clone())),
        })
    }

    pub fn take_back(&self, by: &Person) -> Result<Self> {
        match &self.owner {
            Some(owner) if owner.account == by.account => Ok(Self {
                assignee: Some(owner.clone()),
                owner: None,
            }),
            _ => Err(Problem::conflict(
                "flow.not_delegated",
                "这一步不是您委托出去的",
            )),
        }
    }

    /// Whether `person` may complete it: an unassigned task is open to its whole role.
    pub fn held_by(&self, person: &Person) -> Result<()> {
        match &self.assignee {
            Some(other) if other.account != person.account => Err(taken(other)),
            _ => Ok(()),
        }
    }
}

fn taken(other: &Person) -> Problem {
    Problem::new(
        Kind::Forbidden,
        "flow.not_yours",
        format!("这一步由{}办理", other.name),
    )
}
