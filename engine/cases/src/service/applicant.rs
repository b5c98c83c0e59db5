//! Whose a case is: of whoever filed it, and of a unit of all its officers who may start the procedure.

use serde_json::Value as Json;
use tongban_base::{Actor, Ctx, Result, Scoped, Uuid, authorize_own};
use tongban_procedures::{Audience, Procedure};
use tongban_store::Tx;

use crate::desk::Desk;
use crate::model::Case;
use crate::permissions::APPLY;
use crate::service::agency::{self, Sides};

struct Applicant<'a> {
    case: &'a Case,
    procedure: &'a Procedure,
}

impl Scoped for Applicant<'_> {
    fn owner(&self) -> Option<Uuid> {
        Some(self.case.account)
    }

    fn belongs_to(&self, actor: &Actor) -> bool {
        let own = actor.account == Some(self.case.account);
        own || is_of_unit(self.case, self.procedure, actor)
    }
}

fn is_of_unit(case: &Case, procedure: &Procedure, actor: &Actor) -> bool {
    let unit = actor.staff.as_ref().map(|staff| &staff.organisation);
    procedure.audience == Audience::Unit
        && unit.is_some()
        && unit == case.unit.as_ref()
        && procedure.may_be_started_by(actor)
}

/// Whether the actor stands on the applicant's side.
pub(crate) fn is_applicant(ctx: &Ctx, case: &Case, procedure: &Procedure) -> bool {
    Applicant { case, procedure }.belongs_to(&ctx.actor)
}

/// For what only the applicant may do, and who acts for him by a mandate that lasts. To everybody else the case is not
/// there.
pub(crate) async fn as_applicant(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (case, procedure): (&Case, &Procedure),
) -> Result<()> {
    let sides = Sides::of_case(case);
    match sides.are_acted_by(ctx) {
        true => agency::must_last(tx, desk, ctx, sides).await,
        false => authorize_own(ctx, APPLY, &Applicant { case, procedure }).map(drop),
    }
}

/// As whose the case is shown: the unit's, or the person's.
pub(crate) fn name_of<'p>(procedure: &Procedure, person: &'p Json) -> Option<&'p str> {
    let name = match procedure.audience {
        Audience::Unit => "organisation_name",
        Audience::Public | Audience::Staff | Audience::System => "name",
    };
    person[name].as_str()
}
