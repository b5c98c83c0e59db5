//! Gates of roles: what an officer has to file before he comes to the workbench.

use serde_json::json;
use tongban_base::{Ctx, Result, Uuid};
use tongban_packs::RoleGate;
use tongban_procedures::{Audience, ProcedureRelease};
use tongban_store::Tx;

use crate::desk::{Desk, Whose};
use crate::model::CaseId;
use crate::store::open_cases;

/// A gate that does not let through.
#[derive(Clone, Debug)]
pub struct ClosedGate {
    pub words: String,
    /// What has to be filed.
    pub code: String,
    pub name: String,
    /// The case by which it will open, with its number.
    pub filed: Option<(CaseId, String)>,
}

/// The first gate of the officer's roles that is closed.
pub async fn closed_gate(desk: &Desk, ctx: &Ctx) -> Result<Option<ClosedGate>> {
    let Some(staff) = &ctx.actor.staff else {
        return Ok(None);
    };
    let installation = desk.catalog.installation();
    let gates = staff
        .roles
        .iter()
        .filter_map(|role| installation.role(role)?.gate.clone());
    let gates: Vec<RoleGate> = gates.collect();
    if gates.is_empty() {
        return Ok(None);
    }
    let input = (desk.clone(), ctx.clone(), gates);
    desk.db
        .read(input, |tx, (desk, ctx, gates)| {
            Box::pin(async move {
                for gate in gates {
                    let today = ctx.now.date();
                    // What cannot be started any more keeps nobody out.
                    let Ok(offered) = desk.catalog.offered(&gate.start, today) else {
                        continue;
                    };
                    let release = desk.catalog.release(tx, &offered.hash).await?;
                    if let Some(closed) = closed(tx, desk, ctx, (gate, &release)).await? {
                        return Ok(Some(closed));
                    }
                }
                Ok(None)
            })
        })
        .await
}

async fn closed(
    tx: &mut Tx,
    desk: &Desk,
    ctx: &Ctx,
    (gate, release): (&RoleGate, &ProcedureRelease),
) -> Result<Option<ClosedGate>> {
    let account = ctx.actor.account.unwrap_or_else(Uuid::nil);
    let (answers, today) = (json!({}), ctx.now.date());
    let of = Whose {
        account,
        answers: &answers,
        about: None,
        form: &answers,
        reader: None,
    };
    let facts = desk.facts_on(tx, of, release, &[], (today, today)).await?;
    // What cannot be said of a rule does not open anything.
    if release.holds(&gate.unless, &facts).unwrap_or(false) {
        return Ok(None);
    }
    let procedure = release.procedure();
    let unit = match procedure.audience {
        Audience::Unit => ctx
            .actor
            .staff
            .as_ref()
            .map(|staff| staff.organisation.as_str()),
        Audience::Public | Audience::Staff | Audience::System => None,
    };
    Ok(Some(ClosedGate {
        words: gate.words.clone(),
        code: procedure.code.clone(),
        name: procedure.name.clone(),
        filed: open_cases::open_by(tx, &procedure.code, account, unit).await?,
    }))
}
