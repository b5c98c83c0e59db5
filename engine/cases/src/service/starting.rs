//! Who may start which procedure, and about which record.

use std::sync::Arc;

use tongban_base::{Ctx, Kind, Problem, Result};
use tongban_operations::About;
use tongban_procedures::{Audience, Offered, Procedure};
use tongban_store::Tx;

use crate::desk::Desk;

/// Errors: whoever asks may not start it, at all or about this record. Of what is not for accounts of their kind nobody
/// hears.
pub(crate) async fn may_start(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    procedure: &Procedure,
    about: Option<&About>,
) -> Result<()> {
    if !procedure.may_be_started_by(&ctx.actor) {
        return Err(not_for(desk, ctx, procedure));
    }
    match (&procedure.about, about) {
        (None, None) => Ok(()),
        (Some(register), Some(about)) if about.register == *register => {
            offers(tx, desk, ctx, (&procedure.code, about)).await
        }
        (Some(_), _) => {
            let words = format!("“{}”要在台账的一条记录上发起", procedure.name);
            Err(Problem::invalid("case.about_missing", words))
        }
        (None, Some(_)) => {
            let words = format!("“{}”不针对台账里的记录", procedure.name);
            Err(Problem::invalid("case.about_unexpected", words))
        }
    }
}

fn not_for(desk: &Desk, ctx: &Ctx, procedure: &Procedure) -> Problem {
    match (&procedure.start, &ctx.actor.staff) {
        (Some(roles), Some(_)) if procedure.audience.is_of_officers() => {
            let known = desk.identity.roles();
            let titles: Vec<&str> = roles.iter().map(|role| known.title(role)).collect();
            let words = format!(
                "“{}”由“{}”岗位发起，您没有这个岗位",
                procedure.name,
                titles.join("”“")
            );
            Problem::new(Kind::Forbidden, "case.not_to_start", words)
        }
        _ => Problem::not_found(),
    }
}

/// Where the register has a button for the procedure, it must be there for this record.
async fn offers(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (procedure, about): (&str, &About),
) -> Result<()> {
    let seen = match &desk.brought.records {
        Some(records) => records.may_start(tx, ctx, procedure, about).await?,
        None => false,
    };
    match seen {
        true => Ok(()),
        false => {
            let words = "要办理的这条记录已经删除、不在您的权限范围内，或者现在的状态不能办这件事";
            Err(Problem::new(Kind::NotFound, "case.record_gone", words))
        }
    }
}

/// What an officer may start today.
pub fn startable(desk: &Desk, ctx: &Ctx) -> Vec<Arc<Offered>> {
    let mut open = desk.for_officers(ctx.now.date());
    open.retain(|offered| offered.face.may_be_started_by(&ctx.actor));
    open
}

/// Codes of what an officer may start for his unit.
pub(crate) fn of_unit(desk: &Desk, ctx: &Ctx) -> Vec<String> {
    let open = startable(desk, ctx).into_iter();
    let of_unit = open.filter(|offered| offered.face.audience == Audience::Unit);
    of_unit.map(|offered| offered.code.clone()).collect()
}
