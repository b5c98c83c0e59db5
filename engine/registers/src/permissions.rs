//! The rights of this crate. Roles of a pack grant them by name; which rows they reach is the office's scope.

use tongban_base::{Ctx, Permission, Problem, Result};
use tongban_ui::PermissionDef;

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

/// Lists and new records have no row to ask about, so the right itself is asked for.
pub(crate) fn require(ctx: &Ctx, right: Permission) -> Result<()> {
    match &ctx.actor.staff {
        Some(staff) if staff.permissions.contains(right.0) => Ok(()),
        None if !ctx.actor.is_signed_in() => Err(Problem::unauthenticated()),
        _ => Err(Problem::forbidden()),
    }
}
