//! Whatever is done to an officer, somebody is left who can give rights. Asked in the transaction that does it, after it is
//! done, so that of two who take the last from each other at once one is refused.

use tongban_base::{Problem, Result};
use tongban_store::Tx;

use crate::Identity;
use crate::model::StaffRecord;
use crate::permissions::{MANAGE_ROLES, MANAGE_STAFF};
use crate::store::staff;

/// `before` is the officer as he was. Errors: he was the last in use with one of these rights.
pub(crate) async fn somebody_manages(
    tx: &mut Tx,
    identity: &Identity,
    before: &StaffRecord,
) -> Result<()> {
    let roles = identity.roles();
    let held = match before.active {
        true => roles.permissions(&before.roles),
        false => return Ok(()),
    };
    for right in [MANAGE_STAFF.0, MANAGE_ROLES.0] {
        if held.contains(right) && !has_holder(tx, roles.with(right)).await? {
            let words = "这是最后一位能管理岗位或者工作人员的人，这样改以后谁也不能再授权；请先让另一位有这项权限";
            return Err(Problem::conflict("staff.last_manager", words));
        }
    }
    Ok(())
}

async fn has_holder(tx: &mut Tx, roles: impl Iterator<Item = &str>) -> Result<bool> {
    for role in roles {
        if !staff::holders(tx, role).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
