//! Officers, their roles, and the rights that roles give. Roles come from a pack through the wiring.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use tongban_base::{StaffScope, Uuid};

use super::Person;

/// A role with the rights that it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub code: String,
    pub title: String,
    pub permissions: Vec<String>,
    /// The roles whose holders may give it without having its rights.
    pub given_by: Vec<String>,
}

/// All roles of the installation.
#[derive(Clone, Debug, Default)]
pub struct Roles(BTreeMap<String, Role>);

impl Roles {
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Self {
        let by_code = roles.into_iter().map(|role| (role.code.clone(), role));
        Self(by_code.collect())
    }

    /// The rights of all roles together; a role that no longer exists gives none.
    pub fn permissions(&self, roles: &BTreeSet<String>) -> BTreeSet<String> {
        let known = roles.iter().filter_map(|code| self.0.get(code));
        known
            .flat_map(|role| role.permissions.iter().cloned())
            .collect()
    }

    /// The roles that have a right.
    pub fn with<'a>(&'a self, right: &'a str) -> impl Iterator<Item = &'a str> {
        let has = move |role: &&Role| role.permissions.iter().any(|one| one == right);
        self.0.values().filter(has).map(|role| role.code.as_str())
    }

    /// All of them, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.values()
    }

    /// Whether somebody may give a role: who has it himself, who has one that gives it, and who has every
    /// right of it. What a role without rights is for stands in flows, so nobody has all of that.
    pub fn may_give(&self, by: &StaffScope, code: &str) -> bool {
        let Some(role) = self.0.get(code) else {
            return false;
        };
        let has_all = || {
            let mut rights = role.permissions.iter();
            !role.permissions.is_empty() && rights.all(|right| by.permissions.contains(right))
        };
        by.roles.contains(code)
            || role.given_by.iter().any(|giver| by.roles.contains(giver))
            || has_all()
    }

    pub fn title<'a>(&'a self, code: &'a str) -> &'a str {
        self.0.get(code).map_or(code, |role| role.title.as_str())
    }
}

/// An officer to be entered.
#[derive(Clone, Debug)]
pub struct NewStaff {
    pub login: String,
    pub name: String,
    pub password: String,
    /// Codes of the organisation and of its 12-digit division.
    pub organisation: String,
    pub division: String,
    pub roles: Vec<String>,
}

/// An officer as stored. Its mark covers every field.
#[derive(Clone, Debug)]
pub struct StaffRecord {
    pub id: Uuid,
    pub login: String,
    pub name: String,
    pub(crate) password: String,
    pub organisation: String,
    pub division: String,
    pub roles: BTreeSet<String>,
    pub active: bool,
}

/// Whose an account is.
#[derive(Debug)]
pub enum Owner {
    Citizen(Box<Person>),
    Officer(Box<StaffRecord>),
}

impl StaffRecord {
    /// The names that expressions know as `person` of an officer; what the organisation is called is known elsewhere.
    pub fn values(&self, organisation_name: &str) -> Json {
        json!({
            "name": self.name,
            "login": self.login,
            "account": self.id,
            "organisation": self.organisation,
            "organisation_name": organisation_name,
            "division": self.division,
            "roles": self.roles,
        })
    }

    /// Whether rows of a division are in sight.
    pub fn sees(&self, division: &str) -> bool {
        division.starts_with(tongban_base::division_prefix(&self.division))
    }

    pub(crate) fn scope(&self, roles: &Roles) -> StaffScope {
        StaffScope {
            organisation: self.organisation.clone(),
            division: self.division.clone(),
            roles: self.roles.clone(),
            permissions: roles.permissions(&self.roles),
        }
    }
}
