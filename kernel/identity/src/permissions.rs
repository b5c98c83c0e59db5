//! The rights that this crate asks for.

use tongban_base::Permission;
use tongban_ui::PermissionDef;

pub(crate) const MANAGE_STAFF: Permission = Permission("staff.manage");

pub(crate) const PERMISSIONS: &[PermissionDef] = &[PermissionDef {
    name: "staff.manage",
    title: "管理工作人员",
}];
