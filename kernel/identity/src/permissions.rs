//! The rights that this crate asks for.

use tongban_base::Permission;
use tongban_ui::PermissionDef;

pub(crate) const MANAGE_STAFF: Permission = Permission("staff.manage");
/// What roles may do is changed where the installation is kept; nobody is without whoever may.
pub const MANAGE_ROLES: Permission = Permission("role.manage");
/// Whoever holds it gives proven numbers back at the window, whoever has proven them.
pub(crate) const RELEASE: Permission = Permission("identity.release");

pub(crate) const PERMISSIONS: &[PermissionDef] = &[
    PermissionDef {
        name: MANAGE_STAFF.0,
        title: "管理工作人员",
    },
    PermissionDef {
        name: RELEASE.0,
        title: "按身份证号查实名账号、解除实名、结束账号的登录",
    },
];
