//! The rights of this crate. Roles of a pack grant them by name, and then the office's scope says which rows they reach;
//! or a register names a role itself, and says the rows.

use tongban_base::{ActorKind, Ctx, Permission, Problem, Result, Scope, Uuid, division_prefix};
use tongban_ui::PermissionDef;

use crate::definition::{RegisterDefinition, Rows};
use crate::model::RegisterRecord;

pub const READ: Permission = Permission("register.read");
pub const MANAGE: Permission = Permission("register.manage");

pub const PERMISSIONS: &[PermissionDef] = &[
    PermissionDef {
        name: READ.0,
        title: "查询台账",
    },
    PermissionDef {
        name: MANAGE.0,
        title: "登记、变更和删除台账记录",
    },
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Read,
    Write,
}

/// Some rows of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Everything,
    Organisation(String),
    /// By the significant part of its code.
    Division(String),
    /// Of one organisation within a division.
    Office(String, String),
    /// Those of an account.
    Own(Uuid),
}

/// The rows that an actor may read, or may write: those of any of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach(pub Vec<Sight>);

impl Reach {
    pub fn of(ctx: &Ctx, definition: &RegisterDefinition, doing: Doing) -> Self {
        if ctx.actor.kind == ActorKind::System {
            return Self(vec![Sight::Everything]);
        }
        let Some(staff) = &ctx.actor.staff else {
            return Self::default();
        };
        let right = match doing {
            Doing::Read => READ,
            Doing::Write => MANAGE,
        };
        let by_right = staff.permissions.contains(right.0);
        let mut sights: Vec<Sight> = by_right
            .then(|| by_office(ctx))
            .flatten()
            .into_iter()
            .collect();
        let rules = definition.access.iter();
        let rules = rules.filter(|(role, _)| staff.roles.contains(*role));
        for (_, access) in rules.filter(|(_, access)| doing == Doing::Read || access.write) {
            let sight = match access.read {
                Rows::All => Some(Sight::Everything),
                Rows::Organisation => Some(Sight::Organisation(staff.organisation.clone())),
                Rows::Division => {
                    let prefix = division_prefix(&staff.division);
                    Some(Sight::Division(prefix.to_owned()))
                }
                Rows::Own => ctx.actor.account.map(Sight::Own),
            };
            sights.extend(sight);
        }
        Self(sights)
    }

    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// `holder` is the account that the record came with.
    pub fn admits(&self, record: &RegisterRecord, holder: Option<Uuid>) -> bool {
        let place = (record.organisation.as_str(), record.division.as_str());
        self.0.iter().any(|sight| sight.admits(place, holder))
    }

    /// Whether a record may lie there that this actor enters.
    pub fn admits_place(&self, place: (&str, &str), account: Option<Uuid>) -> bool {
        self.0.iter().any(|sight| sight.admits(place, account))
    }
}

impl Sight {
    fn admits(&self, (organisation, division): (&str, &str), holder: Option<Uuid>) -> bool {
        match self {
            Self::Everything => true,
            Self::Organisation(own) => own == organisation,
            Self::Division(prefix) => division.starts_with(prefix.as_str()),
            Self::Office(own, prefix) => {
                own == organisation && division.starts_with(prefix.as_str())
            }
            Self::Own(account) => holder == Some(*account),
        }
    }
}

fn by_office(ctx: &Ctx) -> Option<Sight> {
    match Scope::of(&ctx.actor) {
        Scope::Everything => Some(Sight::Everything),
        Scope::Office {
            organisation,
            division_prefix,
        } => Some(Sight::Office(organisation, division_prefix)),
        Scope::Own(_) | Scope::Nothing => None,
    }
}

/// Lists and new records have no row to ask about, so what can be reached at all is asked for.
pub(crate) fn require(ctx: &Ctx, definition: &RegisterDefinition, doing: Doing) -> Result<Reach> {
    let reach = Reach::of(ctx, definition, doing);
    match reach.is_nothing() {
        false => Ok(reach),
        true if !ctx.actor.is_signed_in() => Err(Problem::unauthenticated()),
        true => Err(Problem::forbidden()),
    }
}

/// "Not found" for whoever may not read the row, "forbidden" for whoever may read it and no more.
pub(crate) fn must_admit(
    ctx: &Ctx,
    definition: &RegisterDefinition,
    (record, holder): (&RegisterRecord, Option<Uuid>),
    doing: Doing,
) -> Result<()> {
    let admits = |doing| Reach::of(ctx, definition, doing).admits(record, holder);
    if admits(doing) {
        return Ok(());
    }
    if !ctx.actor.is_signed_in() {
        return Err(Problem::unauthenticated());
    }
    match admits(Doing::Read) {
        true => Err(Problem::forbidden()),
        false => Err(Problem::not_found()),
    }
}
