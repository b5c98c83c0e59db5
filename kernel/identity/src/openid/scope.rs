//! What an application may ask to know. Knows no application.

use std::collections::BTreeSet;
use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// That somebody logged in, under an identifier for this application alone.
    OpenId,
    /// The masked name and the assurance level.
    Profile,
    /// The full name, if the person agrees to it.
    RealName,
}

impl Scope {
    pub const ALL: [Scope; 3] = [Scope::OpenId, Scope::Profile, Scope::RealName];

    pub fn code(self) -> &'static str {
        match self {
            Scope::OpenId => "openid",
            Scope::Profile => "profile",
            Scope::RealName => "real_name",
        }
    }

    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }
}

/// Written as RFC 6749 does: separated by one space.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Names that nobody knows are passed over (OpenID Connect Core, 3.1.2.1).
    pub fn read(text: &str) -> Self {
        Self(text.split(' ').filter_map(Scope::of).collect())
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    pub fn insert(&mut self, scope: Scope) {
        self.0.insert(scope);
    }

    pub fn without(&self, scope: Scope) -> Self {
        Self(self.0.iter().copied().filter(|s| *s != scope).collect())
    }

    pub fn are_within(&self, others: &Self) -> bool {
        self.0.is_subset(&others.0)
    }

    pub fn shared_with(&self, others: &Self) -> Self {
        Self(self.0.intersection(&others.0).copied().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codes: Vec<&str> = self.0.iter().map(|scope| scope.code()).collect();
        f.write_str(&codes.join(" "))
    }
}
