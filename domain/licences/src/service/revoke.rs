//! Revoking: an authority takes a licence away, by a numbered decision and for a stated reason.

use tongban_audit::{Entry, record};
use tongban_base::{Ctx, FieldError, Permit, Problem, Result};
use tongban_store::Tx;

use super::cancel::Ending;
use crate::licences::Licences;
use crate::model::{LicenceId, Status};
use crate::store::licences as store;
use crate::{audit, permissions};

const LONGEST_BASIS: usize = 100;
const LONGEST_REASON: usize = 500;

impl Licences {
    /// Revokes a licence in sight of the officer, in a transaction of its own.
    pub async fn revoke_licence(
        &self,
        ctx: &Ctx,
        id: LicenceId,
        basis: &str,
        reason: &str,
    ) -> Result<()> {
        let (permit, _) = self.permitted(ctx, id, permissions::REVOKE).await?;
        let input = (
            (self.clone(), ctx.clone(), permit, id),
            (basis.to_owned(), reason.to_owned()),
        );
        self.db
            .write(
                input,
                |tx, ((licences, ctx, permit, id), (basis, reason))| {
                    Box::pin(licences.revoke(tx, ctx, permit, *id, basis, reason))
                },
            )
            .await
    }

    /// Errors: number or reason are missing, the licence has ended already, or the permit is for something else.
    pub async fn revoke(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        permit: &Permit,
        id: LicenceId,
        basis: &str,
        reason: &str,
    ) -> Result<()> {
        if permit.permission() != permissions::REVOKE {
            return Err(Problem::forbidden());
        }
        let (basis, reason) = (basis.trim(), reason.trim());
        check(basis, reason)?;
        let licence = store::by_id(tx, id).await?.ok_or_else(Problem::not_found)?;
        let ending = Ending {
            basis: basis.to_owned(),
            reason: reason.to_owned(),
            case_id: None,
        };
        self.end(tx, ctx, &licence, Status::Revoked, &ending)
            .await?;
        let entry = Entry::done(audit::REVOKED, audit::SUBJECT, id)
            .with_detail(serde_json::json!({ "basis": basis, "reason": reason }));
        record(tx, ctx, &self.audit_key, entry).await?;
        Ok(())
    }
}

fn check(basis: &str, reason: &str) -> Result<()> {
    let mut faults = Vec::new();
    let mut require = |name: &str, text: &str, missing: &str, most: usize| {
        if text.is_empty() {
            faults.push(FieldError::new(format!("/{name}"), "required", missing));
        } else if text.chars().count() > most {
            let words = format!("最多 {most} 个字，请缩短");
            faults.push(FieldError::new(format!("/{name}"), "too_long", words));
        }
    };
    require("basis", basis, "请填写撤销决定书的文号", LONGEST_BASIS);
    require("reason", reason, "请填写撤销的理由", LONGEST_REASON);
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}
