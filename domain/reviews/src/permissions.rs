//! The rights of this crate. Citizens rate their own cases; supervisors of the office look into bad ratings.

use tongban_base::Permission;
use tongban_ui::PermissionDef;

pub const RATE: Permission = Permission("review.rate");
pub const SUPERVISE: Permission = Permission("review.supervise");

pub const PERMISSIONS: &[PermissionDef] = &[PermissionDef {
    name: "review.supervise",
    title: "核实差评、责令整改和答复",
}];
