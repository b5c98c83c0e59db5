//! An administrator changes the roles of an officer of his own office. Old and new stay in the audit log.

use std::collections::BTreeSet;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Problem, Result, Scoped, Uuid, authorize};

use crate::Identity;
use crate::audit::ROLES_ASSIGNED;
use crate::model::StaffRecord;
use crate::permissions::MANAGE_STAFF;
use crate::service::keep_managers::somebody_manages;
use crate::store::staff;

impl Scoped for StaffRecord {
    fn organisation(&self) -> Option<&str> {
        Some(&self.organisation)
    }

    fn division(&self) -> Option<&str> {
        Some(&self.division)
    }
}

/// Errors: no such officer in sight; no right; a right that the administrator has not got himself; a record that was
/// changed beside the application, which must be looked into before anyone builds on it.
pub async fn assign_roles(
    identity: &Identity,
    ctx: &Ctx,
    officer: Uuid,
    roles: BTreeSet<String>,
) -> Result<()> {
    identity
        .db
        .write(
            (identity.clone(), ctx.clone(), officer, roles),
            |tx, input| {
                Box::pin(async move {
                    let (identity, ctx, officer, roles) = input;
                    let found = staff::by_id(tx, *officer).await?;
                    let marked = found.ok_or_else(Problem::not_found)?;
                    authorize(ctx, MANAGE_STAFF, &marked.staff)?;
                    if !marked.genuine {
                        let words = "这条授权记录被系统之外的操作改动过，请先核查";
                        return Err(Problem::conflict("staff.tampered", words));
                    }
                    within_own_rights(identity, ctx, roles)?;
                    let before = marked.staff;
                    let mut changed = before.clone();
                    let old = std::mem::replace(&mut changed.roles, roles.clone());
                    staff::update_roles(tx, &changed).await?;
                    somebody_manages(tx, identity, &before).await?;
                    let entry = Entry::done(ROLES_ASSIGNED, "staff", officer)
                        .with_change(json!(old), json!(roles));
                    record(tx, ctx, identity.audit_key(), entry).await
                })
            },
        )
        .await?;
    identity.cache.forget(officer);
    Ok(())
}

/// Nobody gives away what he has not got.
fn within_own_rights(identity: &Identity, ctx: &Ctx, roles: &BTreeSet<String>) -> Result<()> {
    let given = identity.roles().permissions(roles);
    let own = ctx.actor.staff.as_ref();
    let covers = own.is_none_or(|own| given.is_subset(&own.permissions));
    if covers {
        return Ok(());
    }
    let words = "您不能授予自己没有的权限";
    Err(Problem::new(
        tongban_base::Kind::Forbidden,
        "staff.beyond_own",
        words,
    ))
}
