//! An administrator changes the roles of an officer of his own office. Old and new stay in the audit log.

use std::collections::BTreeSet;

use serde_json::json;
use tongban_audit::{Entry, record};
use tongban_base::{Ctx, Kind, Problem, Result, Scoped, Uuid, authorize};
use tongban_store::Tx;

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

/// Errors: no such officer in sight; no right; oneself; a role that is not the administrator's to give; a record
/// that was changed beside the application, which must be looked into before anyone builds on it.
pub async fn assign_roles(
    identity: &Identity,
    ctx: &Ctx,
    officer: Uuid,
    roles: BTreeSet<String>,
) -> Result<()> {
    assign_as_seen(identity, ctx, officer, (roles, None)).await
}

/// The same for a page that showed the roles as they were. Errors besides: another has changed them since.
pub async fn assign_as_seen(
    identity: &Identity,
    ctx: &Ctx,
    officer: Uuid,
    (roles, seen): (BTreeSet<String>, Option<BTreeSet<String>>),
) -> Result<()> {
    let input = (identity.clone(), ctx.clone(), officer, (roles, seen));
    identity
        .db
        .write(input, |tx, (identity, ctx, officer, (roles, seen))| {
            Box::pin(async move {
                let ctx = &identity.as_of(tx, ctx).await?;
                let before = officer_to_change(tx, ctx, *officer).await?;
                if before.roles == *roles {
                    return Ok(());
                }
                if seen.as_ref().is_some_and(|seen| *seen != before.roles) {
                    let words = "这个人的岗位刚刚被别人改过，请按现在的情况再选一次";
                    return Err(Problem::conflict("staff.changed", words));
                }
                within_own(identity, ctx, roles.difference(&before.roles))?;
                let mut changed = before.clone();
                let old = std::mem::replace(&mut changed.roles, roles.clone());
                staff::update_roles(tx, &changed).await?;
                somebody_manages(tx, identity, &before).await?;
                let entry = Entry::done(ROLES_ASSIGNED, "staff", officer)
                    .with_change(json!(old), json!(roles));
                record(tx, ctx, identity.audit_key(), entry).await
            })
        })
        .await?;
    identity.cache.forget(officer);
    Ok(())
}

async fn officer_to_change(tx: &mut Tx, ctx: &Ctx, officer: Uuid) -> Result<StaffRecord> {
    let found = staff::by_id(tx, officer).await?;
    let marked = found.ok_or_else(Problem::not_found)?;
    authorize(ctx, MANAGE_STAFF, &marked.staff)?;
    if !marked.genuine {
        let words = "这条授权记录被系统之外的操作改动过，请先核查";
        return Err(Problem::conflict("staff.tampered", words));
    }
    if ctx.actor.account == Some(officer) {
        let words = "不能改自己的岗位，请由另一位管理员办理";
        return Err(Problem::new(Kind::Forbidden, "staff.oneself", words));
    }
    Ok(marked.staff)
}

/// Nobody gives away what is not his to give.
fn within_own<'r>(
    identity: &Identity,
    ctx: &Ctx,
    mut given: impl Iterator<Item = &'r String>,
) -> Result<()> {
    let roles = identity.roles();
    let own = ctx.actor.staff.as_ref();
    let Some(beyond) = given.find(|code| own.is_some_and(|own| !roles.may_give(own, code))) else {
        return Ok(());
    };
    let words = format!("您不能授予自己没有的权限：{}", roles.title(beyond));
    Err(Problem::new(Kind::Forbidden, "staff.beyond_own", words))
}
