//! Who may complete a task: claim, hand over, delegate, take back. No firing: the net does not move.

use serde::{Deserialize, Serialize};
use tongban_base::{Kind, Problem, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub account: String,
    pub name: String,
}

impl Person {
    /// Never empty.
    pub fn called(&self) -> &str {
        match self.name.is_empty() {
            true => &self.account,
            false => &self.name,
        }
    }
}

/// The person who handles a task, and the one for whom, when it was delegated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    pub assignee: Option<Person>,
    pub owner: Option<Person>,
    /// Whoever has it was named by somebody's order and needs no role.
    pub by_order: bool,
}

impl Assignment {
    pub fn named(to: Person, by_order: bool) -> Self {
        Self {
            assignee: Some(to),
            owner: None,
            by_order,
        }
    }

    /// Nobody has it, and no role either: somebody has to be named.
    pub fn vacant() -> Self {
        Self::named(Person::default(), false)
    }

    pub fn is_vacant(&self) -> bool {
        self.assignee
            .as_ref()
            .is_some_and(|person| person.account.is_empty())
    }

    /// Takes a task that nobody has.
    pub fn claim(&self, person: Person) -> Result<Self> {
        self.held_by(&person)?;
        Ok(Self {
            assignee: Some(person),
            ..self.clone()
        })
    }

    /// Puts it back for everyone with the role.
    pub fn release(&self, by: &Person) -> Result<Self> {
        self.held_by(by)?;
        Ok(Self::default())
    }

    /// For a while: the giver can take it back.
    pub fn delegate(&self, by: &Person, to: Person) -> Result<Self> {
        self.held_by(by)?;
        Ok(Self {
            assignee: Some(to),
            owner: Some(self.owner.clone().unwrap_or_else(|| by.clone())),
            by_order: false,
        })
    }

    pub fn take_back(&self, by: &Person) -> Result<Self> {
        match &self.owner {
            Some(owner) if owner.account == by.account => Ok(Self::named(owner.clone(), false)),
            _ => Err(Problem::conflict(
                "flow.not_delegated",
                "这一步不是您委托出去的",
            )),
        }
    }

    /// Whether `person` may complete it: an unassigned task is open to its whole role.
    pub fn held_by(&self, person: &Person) -> Result<()> {
        match &self.assignee {
            Some(other) if other.account != person.account => Err(self.taken(other)),
            _ => Ok(()),
        }
    }

    fn taken(&self, other: &Person) -> Problem {
        let words = match self.is_vacant() {
            true => "这一步还没有指定办理人，请先由有权人员指定".to_owned(),
            false => format!("这一步由{}办理", other.called()),
        };
        Problem::new(Kind::Forbidden, "flow.not_yours", words)
    }
}
