//! Who is to sign a place of a joint sign, as a token keeps it: one line of text that is read and written only here.

use super::assignment::{Assignment, Person};

const ROLE: &str = "role:";
/// Named by somebody's order and not by the drawing: needs no role.
const BY_ORDER: &str = "named:";
const VACANT: &str = "vacant:";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer<'a> {
    /// Whoever has the role of the task.
    Anyone,
    Role(&'a str),
    Named {
        account: &'a str,
        name: &'a str,
        by_order: bool,
    },
    /// The drawing gave nobody: somebody has to be named.
    Vacant,
}

impl<'a> Signer<'a> {
    pub fn read(text: &'a str) -> Self {
        if text.is_empty() {
            return Signer::Anyone;
        }
        if text == VACANT {
            return Signer::Vacant;
        }
        if let Some(role) = text.strip_prefix(ROLE) {
            return Signer::Role(role);
        }
        let (person, by_order) = match text.strip_prefix(BY_ORDER) {
            Some(person) => (person, true),
            None => (text, false),
        };
        let (account, name) = person.split_once(' ').unwrap_or((person, person));
        Signer::Named {
            account,
            name,
            by_order,
        }
    }

    /// The account that is named.
    pub fn account(self) -> Option<&'a str> {
        match self {
            Signer::Named { account, .. } => Some(account),
            Signer::Anyone | Signer::Role(_) | Signer::Vacant => None,
        }
    }

    /// Who has the task of the place from the start; none when its whole role has.
    pub(crate) fn assignment(self) -> Assignment {
        match self {
            Signer::Anyone | Signer::Role(_) => Assignment::default(),
            Signer::Vacant => Assignment::vacant(),
            Signer::Named {
                account,
                name,
                by_order,
            } => {
                let to = Person {
                    account: account.to_owned(),
                    name: name.to_owned(),
                };
                Assignment::named(to, by_order)
            }
        }
    }
}

/// The place as it is kept of whoever has its task.
pub(crate) fn written(assignment: &Assignment) -> String {
    match &assignment.assignee {
        None => String::new(),
        Some(_) if assignment.is_vacant() => VACANT.to_owned(),
        Some(person) => {
            let order = if assignment.by_order { BY_ORDER } else { "" };
            let name = match person.called() == person.account {
                true => String::new(),
                false => format!(" {}", person.name),
            };
            format!("{order}{}{name}", person.account)
        }
    }
}

/// A place that nobody was given for.
pub(crate) fn vacant() -> String {
    VACANT.to_owned()
}

/// What an expression gave, with the officer in place of what the office calls them by. Values name nobody by order.
pub(crate) fn given(text: &str, officer: Option<&Person>) -> String {
    match (officer, Signer::read(text)) {
        (_, Signer::Role(_) | Signer::Anyone) => text.to_owned(),
        (Some(person), _) => written(&Assignment::named(person.clone(), false)),
        (None, Signer::Vacant | Signer::Named { by_order: true, .. }) => vacant(),
        (None, Signer::Named { .. }) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        for by_order in [false, true] {
            let person = Person {
                account: "a1".to_owned(),
                name: "测试一".to_owned(),
            };
            let assignment = Assignment::named(person, by_order);
            assert_eq!(Signer::read(&written(&assignment)).assignment(), assignment);
        }
        assert!(Signer::read(&vacant()).assignment().is_vacant());
    }

    #[test]
    fn what_values_give_is_no_order() {
        assert_eq!(
            Signer::read(&given("named:a1 测试一", None)),
            Signer::Vacant
        );
        assert_eq!(given("role:reviewer", None), "role:reviewer");
    }

    #[test]
    fn whoever_is_named_is_called_something() {
        let named = Signer::read("zhang-san").assignment();
        assert_eq!(named.assignee.unwrap_or_default().name, "zhang-san");
    }
}
