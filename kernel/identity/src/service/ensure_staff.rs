//! Entering officers, for example those of a pack at the first start.

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Result, Uuid};

use crate::Identity;
use crate::audit::STAFF_ENTERED;
use crate::model::{NewStaff, StaffRecord};
use crate::store::staff;

/// Enters who is not there yet and leaves the others as they are; gives the number entered.
/// Only for the wiring and the command line: it asks for no right.
pub async fn ensure_staff(identity: &Identity, ctx: &Ctx, wanted: &[NewStaff]) -> Result<usize> {
    let present = identity
        .db
        .read((), |tx, ()| Box::pin(staff::logins(tx)))
        .await?;
    let mut entered = 0;
    for new in wanted {
        let login = new.login.trim().to_lowercase();
        if present.contains(&login) {
            continue;
        }
        let record = StaffRecord {
            id: Uuid::now_v7(),
            login,
            name: new.name.clone(),
            password: identity.passwords.hash(&new.password, "").await?,
            organisation: new.organisation.clone(),
            division: new.division.clone(),
            roles: new.roles.iter().cloned().collect(),
            active: true,
        };
        enter(identity, ctx, record).await?;
        entered += 1;
    }
    Ok(entered)
}

async fn enter(identity: &Identity, ctx: &Ctx, officer: StaffRecord) -> Result<()> {
    let input = (identity.clone(), ctx.clone(), officer);
    identity
        .db
        .write(input, |tx, (identity, ctx, officer)| {
            Box::pin(async move {
                staff::insert(tx, officer)?;
                let detail = json!({
                    "login": officer.login,
                    "organisation": officer.organisation,
                    "division": officer.division,
                    "roles": officer.roles,
                });
                let entry = Entry::done(STAFF_ENTERED, "staff", officer.id).with_detail(detail);
                record(tx, ctx, identity.audit_key(), entry).await
            })
        })
        .await
}
