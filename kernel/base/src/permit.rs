//! Rights: a service asks once, gets a `Permit`, and functions that change data demand it.
//! Lists are built from `Scope`, so that rows out of scope are never read.

use crate::{Actor, ActorKind, Ctx, Problem, Result};

/// A right by name, for example `case.decide`. Modules declare theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Permission(pub &'static str);

/// What a row says about who may see it.
pub trait Scoped {
    /// The account that the row belongs to.
    fn owner(&self) -> Option<uuid::Uuid> {
        None
    }
    /// The code of the organisation that handles it.
    fn organisation(&self) -> Option<&str> {
        None
    }
    /// The 12-digit code of the division that it lies in.
    fn division(&self) -> Option<&str> {
        None
    }
    /// Whether it is the actor's own, whatever else is in his sight.
    fn belongs_to(&self, actor: &Actor) -> bool {
        actor.account.is_some() && self.owner() == actor.account
    }
}

/// The rows that an actor may see; a list query adds exactly this condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Everything,
    /// Rows of one organisation within a division prefix.
    Office {
        organisation: String,
        division_prefix: String,
    },
    Own(uuid::Uuid),
    Nothing,
}

impl Scope {
    pub fn of(actor: &Actor) -> Self {
        match (actor.kind, actor.account, &actor.staff) {
            (ActorKind::System, _, _) => Scope::Everything,
            (ActorKind::Staff, _, Some(staff))
                if staff.permissions.contains("scope.everything") =>
            {
                Scope::Everything
            }
            (ActorKind::Staff, _, Some(staff)) => Scope::Office {
                organisation: staff.organisation.clone(),
                division_prefix: division_prefix(&staff.division).to_owned(),
            },
            (ActorKind::Citizen, Some(account), _) => Scope::Own(account),
            _ => Scope::Nothing,
        }
    }

    pub fn admits(&self, row: &dyn Scoped) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Nothing => false,
            Scope::Own(account) => row.owner() == Some(*account),
            Scope::Office {
                organisation,
                division_prefix,
            } => {
                row.organisation() == Some(organisation.as_str())
                    && row
                        .division()
                        .is_some_and(|d| d.starts_with(division_prefix.as_str()))
            }
        }
    }
}

/// The significant part of a 12-digit division code: `310100000000` gives `3101`.
pub fn division_prefix(code: &str) -> &str {
    let cut = [2, 4, 6, 9, 12]
        .into_iter()
        .find(|n| {
            code.get(*n..)
                .is_some_and(|rest| rest.bytes().all(|b| b == b'0'))
        })
        .unwrap_or(code.len());
    code.get(..cut).unwrap_or(code)
}

/// Proof that an actor may do one thing to one row. Only `authorize` makes it.
#[derive(Clone, Debug)]
pub struct Permit {
    permission: Permission,
}

impl Permit {
    pub fn permission(&self) -> Permission {
        self.permission
    }
}

/// Answers "not found" when the row is out of the actor's sight, "forbidden" when only the right is missing. What is
/// one's own is in sight; to an officer that gives no right over it.
/// A citizen has every right a service offers to citizens over rows of their own.
pub fn authorize(ctx: &Ctx, permission: Permission, row: &dyn Scoped) -> Result<Permit> {
    if ctx.actor.kind == ActorKind::Anonymous {
        return Err(Problem::unauthenticated());
    }
    if !row.belongs_to(&ctx.actor) && !Scope::of(&ctx.actor).admits(row) {
        return Err(Problem::not_found());
    }
    let allowed = match &ctx.actor.staff {
        Some(staff) => staff.permissions.contains(permission.0),
        None => true,
    };
    if allowed {
        Ok(Permit { permission })
    } else {
        Err(Problem::forbidden())
    }
}

/// For what only whoever a row belongs to may do with it, officer or not; to everybody else it is not there.
pub fn authorize_own(ctx: &Ctx, permission: Permission, row: &dyn Scoped) -> Result<Permit> {
    match ctx.actor.kind {
        ActorKind::Anonymous => Err(Problem::unauthenticated()),
        _ if row.belongs_to(&ctx.actor) => Ok(Permit { permission }),
        _ => Err(Problem::not_found()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Kind, StaffScope, Timestamp, Uuid};

    struct Row {
        owner: Uuid,
        organisation: &'static str,
        division: &'static str,
    }
    impl Scoped for Row {
        fn owner(&self) -> Option<Uuid> {
            Some(self.owner)
        }
        fn organisation(&self) -> Option<&str> {
            Some(self.organisation)
        }
        fn division(&self) -> Option<&str> {
            Some(self.division)
        }
    }

    fn officer(division: &str, permissions: &[&str]) -> Ctx {
        let scope = StaffScope {
            organisation: "transport".into(),
            division: division.into(),
            permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
            ..StaffScope::default()
        };
        Ctx::new(Actor::staff(Uuid::now_v7(), "测试一", scope), Timestamp(0))
    }

    #[test]
    fn a_row_out_of_sight_is_not_found_and_a_missing_right_is_forbidden() {
        let row = Row {
            owner: Uuid::now_v7(),
            organisation: "transport",
            division: "310101000000",
        };
        let decide = Permission("case.decide");
        assert!(authorize(&officer("310101000000", &["case.decide"]), decide, &row).is_ok());
        assert!(authorize(&officer("310000000000", &["case.decide"]), decide, &row).is_ok());
        let other = authorize(&officer("310104000000", &["case.decide"]), decide, &row);
        assert_eq!(other.unwrap_err().kind(), Kind::NotFound);
        let reader = authorize(&officer("310101000000", &[]), decide, &row);
        assert_eq!(reader.unwrap_err().kind(), Kind::Forbidden);
        let stranger = Ctx::new(Actor::citizen(Uuid::now_v7(), "测试二"), Timestamp(0));
        assert_eq!(
            authorize(&stranger, decide, &row).unwrap_err().kind(),
            Kind::NotFound
        );
    }

    #[test]
    fn what_is_ones_own_is_in_sight_and_gives_an_officer_no_right_over_it() {
        let officer = officer("310101000000", &["case.decide"]);
        let row = Row {
            owner: officer.actor.account.unwrap(),
            organisation: "elsewhere",
            division: "440000000000",
        };
        let (apply, read) = (Permission("case.apply"), Permission("case.read"));
        assert!(authorize_own(&officer, apply, &row).is_ok());
        let reading = authorize(&officer, read, &row);
        assert_eq!(reading.unwrap_err().kind(), Kind::Forbidden);
        let strange = Row {
            owner: Uuid::now_v7(),
            ..row
        };
        for refused in [
            authorize_own(&officer, apply, &strange),
            authorize(&officer, read, &strange),
        ] {
            assert_eq!(refused.unwrap_err().kind(), Kind::NotFound);
        }
    }

    #[test]
    fn a_division_prefix_ends_at_its_level() {
        assert_eq!(division_prefix("310000000000"), "31");
        assert_eq!(division_prefix("310101000000"), "310101");
        assert_eq!(division_prefix("310101013000"), "310101013");
    }
}
