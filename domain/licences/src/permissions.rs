//! The rights of this crate. Roles of a pack grant them by name.

use tongban_base::Permission;
use tongban_ui::PermissionDef;

/// A holder reads licences of their own; staff need the right, in sight of their office.
pub const READ: Permission = Permission("licence.read");
pub const REVOKE: Permission = Permission("licence.revoke");

pub const PERMISSIONS: &[PermissionDef] = &[
    PermissionDef {
        name: READ.0,
        title: "查询证照",
    },
    PermissionDef {
        name: REVOKE.0,
        title: "撤销证照",
    },
];
